"""Gaps are known since the version that first found them, and open while every version finds them; a look back tells nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from data_contracts.errors import WorkledgerError
from orchestration.gap_history import record_gaps, spell_files, spells_mark
from orchestration.workspace import Workspace

Spell = tuple[str, date, date | None]
FIRST, SECOND, THIRD = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "data").mkdir()
    return Workspace(tmp_path)


def publish(workspace: Workspace, as_of: date, *keys: str) -> list[Spell]:
    """Record a version with these gaps; every spell that is known then."""
    analyst = workspace.root / "analyst.duckdb"
    with duckdb.connect(str(analyst)) as connection:
        connection.execute("create schema if not exists core")
        connection.execute(
            "create or replace table core.fct_gaps as select unnest(?::varchar[]) as gap_key", [list(keys)]
        )
    record_gaps(workspace, analyst, as_of)
    files = [str(path) for path in spell_files(workspace)]
    return duckdb.sql(f"from read_parquet({files}) order by all").fetchall() if files else []


def test_a_gap_is_open_until_a_version_no_longer_finds_it(workspace: Workspace) -> None:
    assert publish(workspace, FIRST, "a", "b") == [("a", FIRST, None), ("b", FIRST, None)]
    assert publish(workspace, SECOND, "a", "c") == [("a", FIRST, None), ("b", FIRST, SECOND), ("c", SECOND, None)]
    assert publish(workspace, THIRD, "a", "b", "c") == [
        ("a", FIRST, None),
        ("b", FIRST, SECOND),
        ("b", THIRD, None),
        ("c", SECOND, None),
    ]


def test_the_same_version_again_changes_nothing(workspace: Workspace) -> None:
    assert spells_mark(workspace) == ""
    publish(workspace, FIRST, "a")
    before, written = spells_mark(workspace), workspace.gap_spells.stat().st_ino
    publish(workspace, FIRST, "a")
    publish(workspace, SECOND, "a")
    assert (spells_mark(workspace), workspace.gap_spells.stat().st_ino) == (before, written)


def test_a_gap_that_comes_back_on_the_same_day_was_never_away(workspace: Workspace) -> None:
    publish(workspace, FIRST, "a")
    assert publish(workspace, SECOND) == [("a", FIRST, SECOND)]
    assert publish(workspace, SECOND, "a") == [("a", FIRST, None)]


def test_a_version_that_looks_back_writes_no_history(workspace: Workspace) -> None:
    publish(workspace, SECOND, "a")
    assert publish(workspace, FIRST, "b") == [("a", SECOND, None)]


def test_nothing_is_written_where_there_are_no_gaps(workspace: Workspace) -> None:
    assert publish(workspace, FIRST) == []
    assert not workspace.gap_spells.exists()


def test_a_damaged_file_is_named_with_what_to_do(workspace: Workspace) -> None:
    workspace.gap_spells.write_text("no parquet")
    with pytest.raises(WorkledgerError, match="since when gaps are known") as told:
        spell_files(workspace)
    assert told.value.remedy.startswith("Restore it from the back-up")


def test_only_the_service_reads_it(workspace: Workspace) -> None:
    publish(workspace, FIRST, "a")
    assert workspace.gap_spells.stat().st_mode & 0o777 == 0o600
