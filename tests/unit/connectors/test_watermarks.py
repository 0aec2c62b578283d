"""A database that is asked for changes gives, answer by answer, the records that it gives when it is asked for everything."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from connectors.ledger import open_ledger
from connectors.streams import DeliveryOutcome
from connectors.watermarks import asked_since, watermark

if TYPE_CHECKING:
    from tests.unit.connectors.conftest import Bench

VARIABLE = "ERP_DATABASE"
QUERY = (
    'select id as "Id", who as "Who", day as "Day", hours as "Hours", changed_at as "Changed" from entries'
    " where changed_at is null or changed_at >= {since} order by id"
)
BEGUN = datetime(2026, 2, 1, tzinfo=UTC)


class Erp:
    """Entries that people write, edit and forget to stamp. ``changes`` counts what was written."""

    def __init__(self, path: Path) -> None:
        self.file = sqlite3.connect(path)
        self.file.execute(
            "create table entries (id integer primary key, who text, day text, hours real, changed_at text)"
        )

    def write(self, number: int, hours: float, changed_at: datetime | None) -> None:
        told = changed_at and changed_at.strftime("%Y-%m-%d %H:%M:%S")
        row = (number, "a@example.org", "2026-01-05", hours, told)
        self.file.execute("insert or replace into entries values (?, ?, ?, ?, ?)", row)
        self.file.commit()

    def hours(self) -> dict[str, int]:
        """Microseconds by record."""
        rows = self.file.execute("select id, hours from entries").fetchall()
        return {str(number): round(hours * 3_600_000_000) for number, hours in rows}


@pytest.fixture
def erp(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Erp:
    path = bench.root / "erp.db"
    monkeypatch.setenv(VARIABLE, f"sqlite:///{path}")
    bench.document["read"] = {"kind": "database", "query": QUERY}
    bench.document["headers"]["optional"] += ["Changed"]
    bench.document["streams"]["time_entries"]["modified_at"] = "parse_instant(\"Changed\", 'UTC')"
    return Erp(path)


def ask(bench: Bench, **changes: Any) -> list[DeliveryOutcome]:
    return bench.run(**{"database": VARIABLE, "files": (), "format": "acme__entries", "mode": "changes", **changes})


def held(bench: Bench) -> dict[str, int]:
    """Microseconds of the version of each record that holds."""
    extracted = {row["delivery_id"]: row["extracted_at"] for row in bench.ledger("current_streams")}
    versions = [
        ((modified or datetime.fromisoformat(extracted[delivery]), extracted[delivery]), record, us)
        for record, us, modified, delivery in bench.rows(
            columns="source_record_id, duration_us, source_modified_at, delivery_id"
        )
    ]
    return {record: us for _, record, us in sorted(versions)}


def test_only_what_changed_is_asked_for_and_nothing_is_lost(bench: Bench, erp: Erp) -> None:
    for number in range(100):
        erp.write(number, 8, BEGUN - timedelta(days=30))
    assert [entry.streams[0].rows_loaded for entry in ask(bench)] == [100]
    erp.write(7, 4, BEGUN + timedelta(hours=1))
    erp.write(100, 2, BEGUN + timedelta(hours=1))
    # Of those that changed as late as the last that is known all come again: nobody knows which were written after the answer.
    assert [entry.streams[0].rows_loaded for entry in ask(bench)] == [101]
    erp.write(8, 5, BEGUN + timedelta(hours=2))
    assert [entry.streams[0].rows_loaded for entry in ask(bench, lookback=timedelta())] == [3]
    assert held(bench) == erp.hours()
    assert ask(bench, lookback=timedelta()) != []  # only 8 is as late as the last change now
    assert ask(bench, lookback=timedelta()) == []


@pytest.mark.parametrize("seed", range(12))
def test_answers_by_and_by_hold_what_one_answer_holds(bench: Bench, erp: Erp, seed: int) -> None:
    """Rows written late, with a moment from before the last answer, within the lookback; rows without any moment."""
    draw = Random(seed)
    lookback = timedelta(hours=draw.choice((0, 1, 5)))
    changed: dict[int, datetime] = {}
    for _ in range(6):
        for _ in range(draw.randrange(6)):
            number, late = draw.randrange(12), timedelta(seconds=draw.randrange(int(lookback.total_seconds()) + 1))
            changed[number] = max(bench.clock + timedelta(minutes=30) - late, changed.get(number, BEGUN))
            erp.write(number, draw.randrange(9), changed[number] if number < 9 else None)
        ask(bench, lookback=lookback)
    assert held(bench) == erp.hours()


def test_every_source_has_a_mark_of_its_own(bench: Bench, erp: Erp) -> None:
    erp.write(1, 8, BEGUN + timedelta(minutes=50))
    ask(bench)
    ask(bench, name="slow")
    with open_ledger(bench.store.ledger) as ledger:
        marks = [
            watermark(ledger, source, ["time_entries"], bench.store.data, timedelta(minutes=1))
            for source in ("acme", "slow", "new")
        ]
    assert marks == [BEGUN + timedelta(minutes=49)] * 2 + [None]


def test_a_clock_that_runs_ahead_hides_nothing(bench: Bench, erp: Erp) -> None:
    erp.write(1, 8, datetime(2099, 1, 1, tzinfo=UTC))
    ask(bench)
    erp.write(2, 3, bench.clock + timedelta(minutes=5))
    ask(bench, lookback=timedelta())
    assert held(bench) == erp.hours()


def test_without_a_moment_everything_is_asked_for(bench: Bench, erp: Erp) -> None:
    erp.write(1, 8, None)
    ask(bench)
    erp.write(2, 8, BEGUN - timedelta(days=900))
    assert [entry.streams[0].rows_loaded for entry in ask(bench)] == [2]
    assert asked_since("{since}", None) == "'0001-01-01 00:00:00'"


def test_an_empty_answer_moves_no_mark(bench: Bench, erp: Erp) -> None:
    ask(bench)
    erp.write(1, 8, BEGUN)
    ask(bench)
    erp.file.execute("delete from entries")
    erp.file.commit()
    ask(bench)
    erp.write(2, 3, BEGUN + timedelta(hours=1))
    ask(bench)
    assert held(bench) == {"1": 28_800_000_000, "2": 10_800_000_000}


def test_rows_that_cannot_be_read_again_are_told_of_and_stop_nothing(bench: Bench, erp: Erp) -> None:
    erp.write(1, 8, BEGUN)
    ask(bench)
    (file,) = (bench.store.data / "streams" / "time_entries").glob("*.parquet")
    file.write_bytes(b"cut")
    assert ask(bench) == []
    (told,) = [row for row in bench.ledger("problems") if row["rule"] == "unreachable"]
    assert "cannot be read" in told["detail"]


def test_absence_from_changes_is_no_deletion(bench: Bench, erp: Erp) -> None:
    erp.write(1, 8, BEGUN)
    assert ask(bench, mode="full") == []
    ((detail, remedy),) = [
        (row["detail"], row["remedy"]) for row in bench.ledger("problems") if row["rule"] == "unreachable"
    ]
    assert "asks only for what changed" in detail
    assert "mode changes" in remedy
