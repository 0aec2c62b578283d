"""The short version of `make faults`: a few disturbed refreshes, with stand-ins for the models, lose and double nothing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from tests.faults.faults import KINDS
from tests.faults.processes import answer_of
from tests.faults.published import compare
from tests.faults.run import STOPPING, is_told_to_stop, sampled


@pytest.mark.parametrize(
    ("faults", "tried"),
    [
        # Killed half-way and out of space half-way.
        (("0", "--step", "270"), 2),
        (("20", "--only", "clock_set"), 2),
        (("20", "--only", "three_at_once"), 1),
    ],
)
def test_disturbed_refreshes_lose_and_double_nothing(faults: tuple[str, ...], tried: int) -> None:
    command = [sys.executable, "-m", "tests.faults.run", *faults, "--plain"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == f"{tried} faults tried, {tried} survived, 0 rows lost, 0 rows doubled"
    reads = re.search(r"([\d,]+) reads, 0 errors", done.stdout)
    assert reads is not None
    assert int(reads[1].replace(",", "")) > 0


def test_the_same_seed_makes_the_same_faults() -> None:
    one, other, another = (
        [(name, fault, draw.random()) for name, fault, draw in sampled(40, seed)] for seed in (5, 5, 6)
    )
    assert one == other
    assert one != another
    assert Counter(fault for _, fault, _ in sampled(20, 5)) == KINDS


def test_lost_and_doubled_rows_are_seen_in_every_file(tmp_path: Path) -> None:
    rows = {"whole": ("a", "b", "b"), "lost": ("a", "b"), "doubled": ("a", "a", "b", "b")}
    for name, keys in rows.items():
        (tmp_path / name / "private").mkdir(parents=True)
        for file in ("analyst.duckdb", "manager.duckdb", "private/state.duckdb"):
            with duckdb.connect(str(tmp_path / name / file)) as connection:
                connection.execute("create schema core; create table core.other as select 1 as key")
                connection.execute(
                    "create table core.rows as select ? as delivery_id, unnest(?) as key", [name, list(keys)]
                )
    whole = tmp_path / "whole"

    def in_all(*rows: int) -> dict[str, tuple[int, ...]]:
        return {f"{file}: core.rows": rows for file in ("analyst.duckdb", "manager.duckdb", "private/state.duckdb")}

    assert compare(whole, whole) == {}
    assert compare(whole, tmp_path / "lost") == in_all(1, 0)
    assert compare(whole, tmp_path / "doubled") == in_all(0, 1)
    assert compare(whole, tmp_path / "lost", apart=("core.rows",)) == {}
    (tmp_path / "lost" / "manager.duckdb").unlink()
    assert compare(whole, tmp_path / "lost", apart=("core.rows",)) == {"manager.duckdb: core.other": (1, 0)}


def test_a_signal_ends_a_run_after_its_fault() -> None:
    def stopped_by(number: signal.Signals) -> bool:
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        assert not is_told_to_stop()
        os.kill(os.getpid(), number)
        return is_told_to_stop()

    assert all(answer_of(lambda number=number: stopped_by(number)) for number in STOPPING)  # type: ignore[misc]
