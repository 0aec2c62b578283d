"""One thread watches many checks, each for its own seconds."""

from __future__ import annotations

import time
from threading import Event

from orchestration.checks.time_limit import AGAIN_AFTER, TimeLimit


def test_the_seconds_are_each_checks_own() -> None:
    interrupted = Event()
    with TimeLimit(1.0, interrupted.set) as limit:
        for _ in range(3):
            with limit.each() as watched:
                time.sleep(0.4)
            assert not watched.was_stopped
    assert not interrupted.is_set()


def test_what_hangs_is_interrupted_until_it_ends_and_what_comes_next_is_not() -> None:
    interrupted = Event()
    with TimeLimit(0.5, interrupted.set) as limit:
        with limit.each() as hanging:
            for _ in range(2):
                assert interrupted.wait(10)
                interrupted.clear()
        time.sleep(2 * AGAIN_AFTER)
        with limit.each() as after:
            time.sleep(2 * AGAIN_AFTER)
    assert hanging.problem
    assert not after.problem
    assert not interrupted.is_set()
