"""What is done to a process from within, before it runs a command: it dies at a touch of the disk, or finds it full.

A touch is a call that makes something durable, or makes, names or removes a file of the workspace; each has an instant before it
and one after it. What SQLite and DuckDB write in between is met by killing at random instants and by a disk that is full.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import shutil
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

REMOVING = ("unlink", "rmdir", "chmod")
SYSTEM_CALLS = ("fsync", "rename", "replace", "symlink", "link", "mkdir", "ftruncate", "pwrite", *REMOVING)
#: Called with the touch's name and its instant: 2n - 1 before the n-th touch, 2n after it.
Act = Callable[[str, int], None]


def on_touch(root: Path, act: Act) -> None:
    """Call ``act`` before and after every touch of the disk below ``root`` from now on, in this process."""
    lock, touched = threading.Lock(), 0

    def wrapped(name: str, function: Callable[..., Any], is_meant: Callable[..., bool]) -> Callable[..., Any]:
        def touching(*arguments: Any, **more: Any) -> Any:
            nonlocal touched
            if not is_meant(*arguments, **more):
                return function(*arguments, **more)
            with lock:
                touched += 1
                number = touched
            act(name, 2 * number - 1)
            try:
                return function(*arguments, **more)
            finally:
                act(name, 2 * number)

        return touching

    def is_below(path: Any, *_: Any, **__: Any) -> bool:
        # An open file, or a name in an open folder, is one that was opened below: nobody else asks for them.
        return isinstance(path, int) or not Path(path).is_absolute() or str(path).startswith(f"{root}/")

    def is_written(path: Any, mode: str = "r", *_: Any, **__: Any) -> bool:
        return not isinstance(path, int) and str(path).startswith(f"{root}/") and not {*"wax+"}.isdisjoint(mode)

    def is_database(path: Any = ":memory:", read_only: bool = False, **_: Any) -> bool:
        return not read_only and str(path).startswith(f"{root}/")

    for name in SYSTEM_CALLS:
        setattr(os, name, wrapped(name, getattr(os, name), is_below))
    builtins.open = io.open = wrapped("open", io.open, is_written)
    shutil.copyfile = wrapped("copyfile", shutil.copyfile, lambda _, target, **__: is_below(target))
    _on_transactions(wrapped)
    import duckdb

    duckdb.connect = wrapped("duckdb.connect", duckdb.connect, is_database)


def _on_transactions(wrapped: Callable[..., Callable[..., Any]]) -> None:
    class Touching(sqlite3.Connection):
        __exit__ = wrapped("sqlite commit", sqlite3.Connection.__exit__, lambda *_: True)

    connect = sqlite3.connect
    sqlite3.connect = lambda path: connect(path, factory=Touching)  # type: ignore[assignment]


def die_at(instant: int) -> Act:
    """Kill this process at an instant."""

    def act(_: str, now: int) -> None:
        if now == instant:
            os.kill(os.getpid(), signal.SIGKILL)

    return act


def full_from(instant: int) -> Act:
    """From an instant on the disk takes nothing more; files can still be removed."""

    def act(name: str, now: int) -> None:
        if now < instant or name in REMOVING:
            return
        said = os.strerror(errno.ENOSPC)
        if name == "sqlite commit":
            raise sqlite3.OperationalError("database or disk is full")
        if name == "duckdb.connect":
            import duckdb

            raise duckdb.IOException(f"IO Error: Could not write file: {said}")
        raise OSError(errno.ENOSPC, said)

    return act


def write_down(path: Path) -> Act:
    """Only write down each touch, one a line: what there is to sample from."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def act(name: str, now: int) -> None:
        if now % 2:
            os.write(descriptor, f"{name}\n".encode())

    return act


def on_copy(victim: Path, before: Callable[[], None], after: Callable[[], None]) -> None:
    """Do something before and after a file of the inbox is copied."""
    copy = shutil.copyfile

    def copying(source: Any, target: Any, **more: Any) -> Any:
        if Path(source) != victim:
            return copy(source, target, **more)
        before()
        done = copy(source, target, **more)
        after()
        return done

    shutil.copyfile = copying  # type: ignore[assignment]


def shift_clock(by: timedelta) -> None:
    """Let the project's own modules that were imported read another clock."""

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + by

    for name, module in list(sys.modules.items()):
        if name.startswith(("orchestration", "connectors")) and getattr(module, "datetime", None) is datetime:
            module.datetime = Shifted  # type: ignore[attr-defined]
