"""The organisation of the benchmark is what it says, its ledger tells of it, and the scripts written by hand read the same rows.

That the script and a refresh agree is asked in each run of `make bench`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.intake import new_files, take_in, what_counts
from orchestration.workspace import Workspace
from tests.benchmarks.scale.cases import CASES, HOLIDAYS
from tests.benchmarks.scale.organisation import AS_OF, NEXT_DAY, SHARE, write, write_next_day

PEOPLE, ENTRIES = 60, 6_000


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    found = write(tmp_path_factory.mktemp("scale") / "org", ENTRIES, PEOPLE)
    known = "select 'US' as place, date '2026-10-12' as holiday_date"
    duckdb.sql(f"copy ({known}) to '{found.root / HOLIDAYS}' (format parquet)")
    CASES["by hand"].run(found.root)
    return found


def test_the_ledger_tells_of_every_row_and_nothing_is_read_again(workspace: Workspace) -> None:
    assert not new_files(workspace).any
    assert list(take_in(workspace, datetime.now(UTC), lambda *_: None)) == []
    counting = what_counts(workspace)
    for stream, files in counting.stream_files.items():
        (rows,) = duckdb.sql(f"select count(*) from read_parquet({[str(file) for file in files]})").fetchone() or (0,)
        assert rows == sum(row["rows_loaded"] for row in counting.delivery_streams if row["stream"] == stream)
    assert len(counting.stream_files) == 7


def test_the_script_reads_every_entry(workspace: Workspace) -> None:
    entries, us, capacity, counted, on_time = CASES["by hand"].sums(workspace.root)
    ledger = [row for row in what_counts(workspace).delivery_streams if row["stream"] == "time_entries"]
    assert entries == sum(row["rows_loaded"] for row in ledger) == pytest.approx(ENTRIES, rel=0.1)
    assert us == sum(row["us_loaded"] for row in ledger)
    assert counted == round(us / 3.6e9)
    assert on_time > 0
    with duckdb.connect(str(workspace.root / "floor.duckdb"), read_only=True) as con:
        days = con.execute("select count(distinct day), max(day) from capacity").fetchone()
    assert days is not None
    assert days[1] == AS_OF
    assert 0 < capacity < PEOPLE * days[0] * 8


@pytest.mark.parametrize("case", ["in polars", "in pandas"])
def test_who_writes_it_otherwise_says_the_same(workspace: Workspace, case: str) -> None:
    phases = CASES[case].run(workspace.root)
    assert phases["script"] > 0
    assert CASES[case].sums(workspace.root) == CASES["by hand"].sums(workspace.root)


def test_the_same_number_makes_the_same_rows(workspace: Workspace, tmp_path: Path) -> None:
    again = write(tmp_path / "again", ENTRIES, PEOPLE)
    for path in sorted((workspace.data / "streams").rglob("*.parquet")):
        other = again.data / path.relative_to(workspace.data)
        for one, two in ((path, other), (other, path)):
            assert duckdb.sql(f"from '{one}' except all from '{two}'").fetchall() == []


def test_the_next_day_brings_new_and_changed_entries_once_each(tmp_path: Path) -> None:
    workspace = write(tmp_path / "org", ENTRIES, PEOPLE)
    assert write_next_day(workspace, ENTRIES, PEOPLE) == 2 * round(ENTRIES * SHARE)
    files = [str(path) for path in (workspace.data / "streams" / "time_entries").glob("*.parquet")]
    told = duckdb.sql(
        f"""with versions as (
            select source_record_id, count(*) as n, count(distinct duration_us) as durations, max(work_date) as day
            from read_parquet({files}, union_by_name = true) group by all)
        select n, durations, bool_and(day = date '{NEXT_DAY}'), count(*) from versions group by n, durations order by all"""
    ).fetchall()
    assert [row[:3] for row in told] == [(1, 1, False), (2, 2, False)]
    assert told[1][3] == round(ENTRIES * SHARE)
    (new,) = duckdb.sql(
        f"select count(*) from read_parquet({files}, union_by_name = true) where work_date = date '{NEXT_DAY}'"
    ).fetchone() or (0,)
    assert new == round(ENTRIES * SHARE)
