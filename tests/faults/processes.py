"""Commands and readers in processes of their own, forked from this one: what costs seconds to import is imported once."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.publication.layout import AUDIENCE_FILES
from tests.faults.published import Answer, ask

LONGEST = 300.0
PAUSE = 0.05


def warm_up(*, with_models: bool) -> None:
    """Import what commands need. Nothing here may open a database: its threads would not survive a fork."""
    import duckdb  # noqa: F401
    import holidays
    import numpy as np  # noqa: F401
    import pandas as pd  # noqa: F401
    import pyarrow as pa  # noqa: F401
    import rich.progress  # noqa: F401

    import connectors.streams  # noqa: F401
    import orchestration.cli.main
    import orchestration.refresh
    import orchestration.verification  # noqa: F401
    from connectors.format_spec import load_formats
    from data_contracts.load import load_streams

    load_formats(None)
    load_streams()
    holidays.country_holidays("DE", years=2026)

    if with_models:
        from orchestration.warm_up import warm_up as import_models

        import_models().join()


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, negative where a signal ended it, what it said, and the processor seconds it took."""

    code: int
    said: str
    seconds: float


@dataclass
class Command:
    """A program, ``workledger ARGUMENTS`` by default, in a process of its own, after ``arm`` was called there."""

    arguments: tuple[str, ...]
    output: Path
    arm: Callable[[], None] = lambda: None
    program: Callable[..., int] = field(default_factory=lambda: command_line)
    process: int = field(init=False)
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.output.unlink(missing_ok=True)
        self.started = time.monotonic()
        self.process = forked(self._run)

    def _run(self) -> int:
        descriptor = os.open(self.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        # Blocked in the run of faults, and what it starts would be born so: Dagster ends its helpers by this signal.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        self.arm()
        return self.program(*self.arguments)

    def wait(self, *, kill_after: float = math.inf) -> Ended:
        """Until it ended; it is killed after so many processor seconds, which other work does not stretch, or ``LONGEST``."""
        while True:
            ended, status, used = os.wait4(self.process, os.WNOHANG)
            if ended:
                said = self.output.read_text(encoding="utf-8", errors="replace") if self.output.exists() else ""
                return Ended(os.waitstatus_to_exitcode(status), said, used.ru_utime + used.ru_stime)
            is_due = math.isfinite(kill_after) and _processor_seconds(self.process) >= kill_after
            if is_due or time.monotonic() - self.started >= LONGEST:
                os.kill(self.process, signal.SIGKILL)
            time.sleep(0.002)


def _processor_seconds(process: int) -> float:
    """Of a process that was not waited for yet, all its threads together."""
    after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def command_line(*arguments: str) -> int:
    """``workledger ARGUMENTS``."""
    from orchestration.cli.main import main

    sys.argv = ["workledger", *arguments]
    main()
    return 0


def schedule_tick(folder: str) -> int:
    """What Dagster does on a Monday at ten: it asks the schedule, and runs the job that it asks for. 1 where the run failed."""
    from orchestration.dagster_home import dagster_environment
    from orchestration.workspace import Workspace

    os.environ.update(dagster_environment(Workspace(Path(folder))))
    import dagster as dg

    from orchestration.dagster.definitions import defs
    from orchestration.dagster.run import run_refresh_job

    at = datetime(2026, 3, 30, 10, tzinfo=UTC)
    with dg.build_schedule_context(scheduled_execution_time=at, resources=defs.resources) as context:
        tick = defs.get_schedule_def("working_hours").evaluate_tick(context)
    assert tick.run_requests, tick.skip_message
    return int(not run_refresh_job(lambda *_: None))


def forked(work: Callable[[], int]) -> int:
    """Run ``work`` in a child of this process; returns the child's id."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        code = work()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def answer_of(work: Callable[[], Any]) -> Any:
    """What ``work`` returns in a child of this process, as JSON can hold it."""
    reading, writing = os.pipe()

    def tell() -> int:
        with os.fdopen(writing, "w") as pipe:
            json.dump(work(), pipe)
        return 0

    child = forked(tell)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return json.loads(told)


class Reader:
    """A process that asks the current version again and again, from ``start`` to ``stop``: a file after the other, of a table
    after the other.
    """

    def __init__(self, current: Path, told: Path) -> None:
        self._files, self._told = [current / file for file in AUDIENCE_FILES.values()], told
        self._parent = os.getpid()
        self._process = forked(self._read)

    def _read(self) -> int:
        reads, errors, answers = 0, list[str](), set[Answer]()
        while not reads or not (self._is_over or len(errors) > 20):
            turn, file = divmod(reads, len(self._files))
            try:
                answers.update(ask(self._files[file], turn))
            except Exception as error:
                errors.append(f"{type(error).__name__}: {error}")
            reads += 1
            time.sleep(PAUSE)
        self._told.write_text(json.dumps({"reads": reads, "errors": errors, "answers": list(answers)}))
        return 0

    @property
    def _is_over(self) -> bool:
        # Whoever started it may have been killed.
        return self._over.exists() or os.getppid() != self._parent

    @property
    def _over(self) -> Path:
        return self._told.with_suffix(".over")

    def stop(self) -> dict[str, Any]:
        """What it read: how often, with which errors, and which answers it was given."""
        self._over.touch()
        os.waitpid(self._process, 0)
        told: dict[str, Any] = json.loads(self._told.read_text())
        return told
