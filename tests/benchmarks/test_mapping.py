"""The statement written by hand is a second opinion on the shipped format: both must give the same rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.benchmarks.mapping import BAD_EVERY, map_by_format, map_by_hand, write_export

COLUMNS = (
    "_row, person_email, person_name, project_name, client_name, task_name, activity_name, tags, note, date_precision,"
    " started_at, ended_at, work_date, duration_us, is_billable"
)
ROWS = 20_000


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exports") / "clean.csv"
    write_export(path, ROWS)
    return path


def test_the_format_gives_what_is_written_by_hand(clean: Path, tmp_path: Path) -> None:
    by_hand, by_format = map_by_hand(clean, tmp_path), map_by_format(clean, tmp_path)
    for one, other in ((by_hand, by_format), (by_format, by_hand)):
        missing = duckdb.sql(f"select {COLUMNS} from '{one}' except all select {COLUMNS} from '{other}'")
        assert missing.fetchall() == []
    assert duckdb.sql(f"select count(*), count(distinct source_record_id) from '{by_format}'").fetchone() == (
        ROWS,
        ROWS,
    )


def test_only_the_bad_rows_are_missing(clean: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    write_export(bad, ROWS, BAD_EVERY)
    by_hand, by_format = map_by_hand(clean, tmp_path), map_by_format(bad, tmp_path)
    missing = duckdb.sql(
        f"select _row from '{by_hand}' where _row not in (select _row from '{by_format}') order by _row"
    )
    assert [row for (row,) in missing.fetchall()] == list(range(18, ROWS + 1, BAD_EVERY))
