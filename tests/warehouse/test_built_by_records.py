"""A table that is built by records holds, after each delivery, what building all of it at once would give."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from orchestration import touched_records
from orchestration.build import BuiltModel, build_models
from orchestration.models import load_compiled
from orchestration.publication.layout import database_files
from tests.warehouse.warehouse_build import HOUR, Warehouse, open_build

if TYPE_CHECKING:
    import duckdb

TABLES = ["stg_interactions", "stg_process_events", "stg_time_entries"]
DAYS = [date(2026, 1, 5) + timedelta(days=number) for number in range(60)]
SOURCES, STEPS = 12, 8


def entry(draw: Random) -> dict[str, Any]:
    day = draw.choice([*DAYS, None])
    return {
        "work_date": day,
        "started_at": datetime(2026, 2, 1, 23, tzinfo=UTC) if day is None and draw.random() < 0.5 else None,
        "duration_us": draw.randrange(1, 9) * HOUR,
    }


def contact(draw: Random) -> dict[str, Any]:
    return {
        "interaction_type": "call",
        "work_date": draw.choice([*DAYS, None]),
        "handling_us": draw.randrange(9) * HOUR,
    }


def event(draw: Random) -> dict[str, Any]:
    at = datetime.combine(draw.choice(DAYS), datetime.min.time(), UTC) + timedelta(hours=draw.randrange(24))
    return {"case_id": "c", "activity_name": "Check", "lifecycle": "complete", "occurred_at": at}


ROWS: dict[str, Callable[[Random], dict[str, Any]]] = {
    "stg_interactions": contact,
    "stg_process_events": event,
    "stg_time_entries": entry,
}


def deliver(warehouse: Warehouse, table: str, draw: Random) -> None:
    """One export of a few records, which may be older than what was there, in any mode."""
    stream = table.removeprefix("stg_")
    rows = [
        {
            "source_record_id": str(record),
            "is_deleted": draw.random() < 0.15,
            "source_modified_at": draw.choice([None, datetime(2026, 3, draw.randrange(1, 20), tzinfo=UTC)]),
            **ROWS[table](draw),
        }
        for record in draw.sample(range(10), draw.randrange(7))
    ]
    ends = sorted(draw.sample(DAYS, 2))
    mode = draw.choice(["changes", "window", "window", "full"])
    warehouse.deliver(
        f"S{draw.randrange(SOURCES)}",
        stream,
        rows,
        mode=mode,
        coverage=(ends[0], ends[1]) if mode == "window" else None,
        extracted_at=datetime(2026, 3, draw.randrange(1, 28), draw.randrange(24), tzinfo=UTC),
        is_complete=draw.random() < 0.8,
        format=draw.choice(["one", "one", "other"]),
    )


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    found = Warehouse(tmp_path / "now")
    for number in range(SOURCES):
        found.source(f"S{number}", zone=["UTC", "Asia/Tokyo", "America/New_York"][number % 3])
    return found


def build_on(warehouse: Warehouse, table: str, before: Path) -> tuple[BuiltModel, int]:
    """Build a table on the version ``before``; what became of it, and rows that are not as built at once."""
    (model,) = (model for model in load_compiled().models if model.table == table)
    warehouse.close()
    files = database_files(warehouse.folder)
    (built,) = build_models(files, [model], before=database_files(before) if before.exists() else None)
    assert built.status == "passed", built.problem
    with open_build(warehouse.folder) as connection:
        connection.execute(f"create temp table whole as {model.source}")
        return built, differing(connection, model.relation)


def differing(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    (rows,) = connection.execute(
        f"select count(*) from ((from whole except all from {relation}) union all (from {relation} except all from whole))"
    ).fetchone() or (-1,)
    return int(rows)


def keep(warehouse: Warehouse, before: Path) -> None:
    warehouse.close()
    shutil.rmtree(before, ignore_errors=True)
    shutil.copytree(warehouse.folder, before)


@pytest.mark.parametrize("table", TABLES)
def test_any_deliveries_in_any_order(
    table: str, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(touched_records, "MOST", 100.0)
    draw, before = Random(table), tmp_path / "before"
    for step in range(STEPS):
        for _ in range(SOURCES // 2):
            deliver(warehouse, table, draw)
        built, rows = build_on(warehouse, table, before)
        assert (rows, built.records is None) == (0, step == 0), step
        keep(warehouse, before)


def deliver_many(warehouse: Warehouse) -> str:
    rows = [{"source_record_id": str(number), "work_date": DAYS[0], "duration_us": HOUR} for number in range(20)]
    return warehouse.deliver("S0", "time_entries", rows)


def test_only_records_that_were_delivered_again_are_made_again(warehouse: Warehouse, tmp_path: Path) -> None:
    deliver_many(warehouse)
    build_on(warehouse, "stg_time_entries", tmp_path / "before")
    keep(warehouse, tmp_path / "before")
    warehouse.deliver("S0", "time_entries", [{"source_record_id": "3", "work_date": DAYS[1], "duration_us": HOUR}])
    built, rows = build_on(warehouse, "stg_time_entries", tmp_path / "before")
    assert (built.records, built.rows, rows) == (1, 20, 0)


def withdraw(warehouse: Warehouse, delivery: str) -> None:
    with warehouse._writer() as connection:
        connection.execute("delete from workspace.delivery_streams where delivery_id = ?", [delivery])
        connection.execute("delete from streams.time_entries where delivery_id = ?", [delivery])


def map_again(warehouse: Warehouse, delivery: str) -> None:
    with warehouse._writer() as connection:
        connection.execute("update workspace.delivery_streams set generation = 2 where delivery_id = ?", [delivery])
        connection.execute("update streams.time_entries set duration_us = 1 where delivery_id = ?", [delivery])


def move_zone(warehouse: Warehouse, _: str) -> None:
    with warehouse._writer() as connection:
        connection.execute("update workspace.sources set zone = 'Asia/Kolkata' where source = 'S0'")


def deliver_a_third(warehouse: Warehouse, _: str) -> None:
    rows = [{"source_record_id": str(number), "work_date": DAYS[1], "duration_us": HOUR} for number in range(7)]
    warehouse.deliver("S0", "time_entries", rows)


@pytest.mark.parametrize("change", [withdraw, map_again, move_zone, deliver_a_third])
def test_what_bears_on_many_records_makes_all_again(
    change: Callable[[Warehouse, str], None], warehouse: Warehouse, tmp_path: Path
) -> None:
    delivery = deliver_many(warehouse)
    deliver_many(warehouse)
    build_on(warehouse, "stg_time_entries", tmp_path / "before")
    keep(warehouse, tmp_path / "before")
    change(warehouse, delivery)
    built, rows = build_on(warehouse, "stg_time_entries", tmp_path / "before")
    assert (built.records, rows) == (None, 0)
