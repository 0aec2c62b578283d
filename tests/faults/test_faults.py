"""The short version of `make faults`: a few disturbed refreshes, with stand-ins for the models, lose and double nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from tests.faults.faults import KINDS
from tests.faults.run import TABLES, compare, sampled


@pytest.mark.parametrize(
    ("faults", "tried"),
    [
        # Killed half-way and out of space half-way.
        (("0", "--step", "270"), 2),
        (("20", "--only", "clock_set_back"), 1),
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


def test_lost_and_doubled_rows_are_seen(tmp_path: Path) -> None:
    rows = {"whole": ("a", "b", "b"), "lost": ("a", "b"), "doubled": ("a", "a", "b", "b")}
    for name, keys in rows.items():
        with duckdb.connect(str(tmp_path / name)) as connection:
            connection.execute("create schema core; create schema marts")
            for table in TABLES:
                connection.execute(f"create table {table} as select 'x' as delivery_id, unnest(?) as key", [list(keys)])
    assert compare(tmp_path / "whole", tmp_path / "whole") == (0, 0)
    assert compare(tmp_path / "whole", tmp_path / "lost") == (3, 0)
    assert compare(tmp_path / "whole", tmp_path / "doubled") == (0, 3)
