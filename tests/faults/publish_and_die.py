"""Publishes a second version in one workspace per failpoint and kills itself there. Run as a program; no test of its own.

A failpoint is one call of the functions through which publication touches the disk. The process is killed (SIGKILL) just before
the n-th call, for every n that a whole publication makes, so a step added later is covered without naming it here.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOUCHING = ("fsync", "rename", "replace", "symlink", "chmod", "unlink", "rmdir", "mkdir")
AT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


def publish_value(root: Path, value: int) -> str:
    """Build and publish a version whose every file holds ``value``."""
    import duckdb

    from orchestration.publication.audit import write_audit
    from orchestration.publication.clone import open_build
    from orchestration.publication.layout import database_files
    from orchestration.publication.lock import refresh_lock
    from orchestration.publication.manifest import Manifest
    from orchestration.publication.publish import publish
    from orchestration.publication.versions import version_id

    run_id, at = f"run-{value}", AT + dt.timedelta(hours=value)
    with refresh_lock(root / "data" / "refresh.lock", run_id):
        build, started_from = open_build(root / "data" / "builds", run_id, root / "published")
        for path in database_files(build).values():
            with duckdb.connect(str(path)) as connection:
                connection.execute("create or replace table facts as select ?::integer as value", [value])
        version = version_id(at, run_id)
        manifest = Manifest(version, run_id, "2026-11-20", at.isoformat(), started_from, "f", "c")
        write_audit(build, manifest)
        publish(build, root / "published", manifest)
    return version


def die_at(call: int) -> Callable[[], int]:
    """Make the ``call``-th touch of the disk fatal; returns a function that says how many there were."""
    touched = 0

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        def touching(*arguments: Any, **more: Any) -> Any:
            nonlocal touched
            touched += 1
            if touched == call:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **more)

        return touching

    for name in TOUCHING:
        setattr(os, name, wrap(getattr(os, name)))
    return lambda: touched


def in_child(work: Callable[[], object]) -> int:
    """Run ``work`` in a forked process: its exit code, which is the number it returned, negative where a signal ended it."""
    child = os.fork()
    if child == 0:
        ended = work()
        os._exit(ended if isinstance(ended, int) else 0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def count_touches(root: Path) -> int:
    """How often publishing the second version touches the disk."""
    touched = die_at(-1)
    publish_value(root, 2)
    return touched()


def killed_there(root: Path, call: int) -> int:
    """Publish the second version and die at ``call``; comes back only if there was no such call."""
    die_at(call)
    publish_value(root, 2)
    return 0


def main(folder: Path) -> None:
    """Make ``folder/<n>`` for every failpoint n; prints how many there are."""
    import numpy as np  # noqa: F401  DuckDB imports it to bind lists; once here, not in each of the forks
    import pandas as pd  # noqa: F401

    first = folder / "first"
    in_child(lambda: publish_value(first, 1))
    shutil.copytree(first, folder / "whole", symlinks=True)
    total = in_child(lambda: count_touches(folder / "whole"))
    for call in range(1, total + 1):
        root = folder / str(call)
        shutil.copytree(first, root, symlinks=True)
        code = in_child(lambda root=root, call=call: killed_there(root, call))  # type: ignore[misc]
        if code != -signal.SIGKILL:
            raise SystemExit(f"failpoint {call} ended with {code}")
    print(total)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
