"""One refresh at a time per workspace: a lock that the operating system holds for us and lets go of when we
die.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from connectors.durable import make_folder


@dataclass(frozen=True)
class Holder:
    """Who holds the lock, as they wrote it. Empty texts and pid 0 where they had not written yet."""

    pid: int = 0
    host: str = ""
    run_id: str = ""

    def __str__(self) -> str:
        return f"run {self.run_id or 'unknown'}, process {self.pid} on {self.host or 'unknown host'}"


@contextmanager
def refresh_lock(path: Path, run_id: str, on_wait: Callable[[Holder], None] | None = None) -> Iterator[None]:
    """Hold ``path`` exclusively, queueing behind whoever has it; ``on_wait`` hears once who that is.

    The lock is the kernel's (flock), so a killed process frees it and the file itself never needs cleaning
    up; the file is not removed, since a waiter may already hold it open. It excludes other threads of this
    process too. A process forked while it is held shares it until both have ended.
    """
    make_folder(path.parent, 0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if on_wait is not None:
                on_wait(read_holder(path))
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        _write_holder(descriptor, Holder(os.getpid(), socket.gethostname(), run_id))
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def read_holder(path: Path) -> Holder:
    """Who wrote their name into the lock file; an empty Holder where nobody did. It says nothing about who
    holds it now.
    """
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Holder()


def _write_holder(descriptor: int, holder: Holder) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(asdict(holder)).encode(), 0)
