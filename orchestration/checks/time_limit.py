"""What takes too long is interrupted: a check that hangs must end as one that errored, so that the gate hears of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

#: One interruption ends one query; what goes on with the next is interrupted again, so often.
AGAIN_AFTER = 0.05


@dataclass
class Watched:
    """Work under a limit of time: when it has to be over, and whether it was stopped."""

    seconds: float
    until: float
    was_stopped: bool = False

    @property
    def problem(self) -> str:
        """Why it has no result; empty where it ended in time."""
        minutes = f"{self.seconds / 60:g}"
        return (
            f"It took longer than {minutes} minutes and was stopped (policy.check_minutes)" if self.was_stopped else ""
        )


class TimeLimit:
    """So many seconds for each of many checks, one after the other; one thread watches them all and calls ``interrupt``."""

    def __init__(self, seconds: float, interrupt: Callable[[], object]) -> None:
        self._seconds, self._interrupt = seconds, interrupt
        self._changed = threading.Condition()
        self._at: Watched | None = None
        self._is_over = False
        self._watcher = threading.Thread(target=self._watch, name="time limit", daemon=True)

    def __enter__(self) -> Self:
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify()
        self._watcher.join()

    @contextmanager
    def each(self) -> Iterator[Watched]:
        """One check: it is interrupted when its seconds have passed, and again until the block is left, never later."""
        watched = Watched(self._seconds, time.monotonic() + self._seconds)
        with self._changed:
            self._at = watched
        try:
            yield watched
        finally:
            with self._changed:
                self._at = None

    def _watch(self) -> None:
        with self._changed:
            while not self._is_over:
                # Nobody wakes it for a check that begins, since none can be due before this pause is over.
                self._changed.wait(self._pause())

    def _pause(self) -> float:
        if self._at is None:
            return self._seconds
        left = self._at.until - time.monotonic()
        if left > 0:
            return left
        self._at.was_stopped = True
        self._interrupt()
        return AGAIN_AFTER
