"""One refresh at a time: the lock queues, names its holder, and ends with the process that held it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.publication.lock import Holder, read_holder, refresh_lock

HOLDER = """
import sys, time
from pathlib import Path
from orchestration.publication.lock import refresh_lock
with refresh_lock(Path(sys.argv[1]), "the-other-run"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "refresh.lock")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_process_waits_hears_who_holds_it_and_gets_it_when_that_one_is_killed(
    tmp_path: Path, other: subprocess.Popen[str]
) -> None:
    heard: list[Holder] = []
    entered = threading.Event()

    def wait_for_it() -> None:
        with refresh_lock(tmp_path / "refresh.lock", "mine", heard.append):
            entered.set()

    waiting = threading.Thread(target=wait_for_it)
    waiting.start()
    assert not entered.wait(0.3), "both hold the lock"
    assert [(holder.pid, holder.run_id) for holder in heard] == [(other.pid, "the-other-run")]
    os.kill(other.pid, signal.SIGKILL)
    waiting.join(10)
    assert entered.is_set()


def test_threads_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    inside: list[str] = []
    overlaps: list[list[str]] = []

    def work(name: str) -> None:
        with refresh_lock(tmp_path / "refresh.lock", name):
            inside.append(name)
            time.sleep(0.02)
            overlaps.append(list(inside))
            inside.remove(name)

    threads = [threading.Thread(target=work, args=(f"run-{n}",)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(names) for names in overlaps] == [1] * 5


def test_an_exception_frees_the_lock_and_nobody_is_named_any_more(tmp_path: Path) -> None:
    lock = tmp_path / "data" / "refresh.lock"
    with pytest.raises(RuntimeError), refresh_lock(lock, "one"):
        assert read_holder(lock).run_id == "one"
        raise RuntimeError
    assert read_holder(lock) == Holder()
    with refresh_lock(lock, "two", lambda holder: pytest.fail(f"still held by {holder}")):
        pass


def test_an_unreadable_holder_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("{")
    assert read_holder(tmp_path / "lock") == Holder()
    assert "unknown" in str(read_holder(tmp_path / "never"))
