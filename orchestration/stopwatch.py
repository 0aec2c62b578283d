"""Seconds by phase, and progress for whoever watches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# (what is being done, how much of it is done, how much there is if known)
Progress = Callable[[str, int, int | None], None]


class Stopwatch:
    """Adds up wall seconds by phase name, in the order of first use."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a block; the time counts also where the block raises."""
        self.tell(name)
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

    def tell(self, what: str, done: int = 0, total: int | None = None) -> None:
        """Say what is being done."""
        if self._progress is not None:
            self._progress(what, done, total)
