"""What takes too long is interrupted: a check that hangs must end as one that errored, so that the gate hears of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

#: One interruption ends one query; what goes on with the next is interrupted again, so often.
AGAIN_AFTER = 0.05


@dataclass
class Watched:
    """Work under a limit of time, in seconds."""

    seconds: float
    was_stopped: bool = False

    @property
    def problem(self) -> str:
        """Why it has no result; empty where it ended in time."""
        minutes = f"{self.seconds / 60:g}"
        return (
            f"It took longer than {minutes} minutes and was stopped (policy.check_minutes)" if self.was_stopped else ""
        )


@contextmanager
def at_most(seconds: float, interrupt: Callable[[], object]) -> Iterator[Watched]:
    """Call ``interrupt`` from another thread once ``seconds`` have passed, and again until the block is left."""
    watched, is_over = Watched(seconds), threading.Event()

    def watch() -> None:
        pause = seconds
        while not is_over.wait(pause):
            watched.was_stopped = True
            interrupt()
            pause = AGAIN_AFTER

    watcher = threading.Thread(target=watch, name="time limit", daemon=True)
    watcher.start()
    try:
        yield watched
    finally:
        is_over.set()
        watcher.join()
