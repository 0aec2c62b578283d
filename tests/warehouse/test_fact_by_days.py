"""What bears on days that it has no date of: the fact built on the version before is the fact built at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from orchestration.models import load_compiled
from orchestration.touched_days import Stretch
from tests.warehouse.people_rows import employee
from tests.warehouse.warehouse_build import HOUR, Warehouse, build_warehouse, open_build

#: Days between two that changed are not built: they would hide what was forgotten.
apart = patch("orchestration.touched_days.APART", timedelta(0))
MARCH, FIFTH, TWENTIETH = date(2026, 3, 1), date(2026, 3, 5), date(2026, 3, 20)
EARLIER = date(2026, 1, 14)
EVENING = datetime(2026, 2, 10, 23, tzinfo=UTC)


def log(warehouse: Warehouse, source: str, **values: object) -> None:
    warehouse.deliver(source, "time_entries", [{"person_email": "ada@example.org", "duration_us": HOUR, **values}])


def at_first(warehouse: Warehouse) -> None:
    """Three sources, of which the second gives way to the first and the third to both; some of all kinds of dates."""
    warehouse.source("hr")
    warehouse.source("crm")
    for number, source in enumerate(("clock", "sheet", "notes"), start=1):
        warehouse.source(source, zone="UTC")
        warehouse.insert("workspace.authority", {"source": source, "priority": number})
    log(warehouse, "sheet", date_precision="period", period_start_date=MARCH, period_end_date=date(2026, 3, 31))
    log(warehouse, "notes", work_date=FIFTH, project_code="P-1")
    log(warehouse, "notes", work_date=EARLIER, project_code="P-1", person_email=None, person_source_id="a-1")
    log(warehouse, "notes", date_precision="instant", started_at=EVENING, ended_at=EVENING + timedelta(minutes=30))
    log(warehouse, "notes", source_record_id="nowhen", work_date=None)
    warehouse.deliver("hr", "people", [employee("ada", zone="UTC")])
    warehouse.deliver("crm", "projects", [{"source_record_id": "1", "project_code": "P-1", "is_billable": False}])


def clock_in(warehouse: Warehouse) -> None:
    log(warehouse, "clock", work_date=TWENTIETH)


def make_billable(warehouse: Warehouse) -> None:
    warehouse.deliver("crm", "projects", [{"source_record_id": "1", "project_code": "P-1", "is_billable": True}])


def say_whose_account(warehouse: Warehouse) -> None:
    warehouse.insert(
        "workspace.people_crosswalk",
        {"source": "notes", "person_source_id": "a-1", "maps_to_email": "ada@example.org"},
    )


def lend_account(warehouse: Warehouse) -> None:
    warehouse.insert(
        "workspace.people_crosswalk",
        {
            "source": "notes",
            "person_source_id": "a-1",
            "maps_to_email": "ada@example.org",
            "valid_from_date": EARLIER,
            "valid_to_date": EARLIER,
        },
    )


def move_to_tokyo(warehouse: Warehouse) -> None:
    later = datetime(2026, 4, 1, tzinfo=UTC)
    warehouse.deliver("hr", "people", [employee("ada", zone="Asia/Tokyo")], extracted_at=later)


def log_without_a_day(warehouse: Warehouse) -> None:
    log(warehouse, "notes", source_record_id="nowhen", work_date=None, duration_us=2 * HOUR)


def give_it_a_day(warehouse: Warehouse) -> None:
    log(warehouse, "notes", source_record_id="nowhen", work_date=TWENTIETH)


def turn_a_period_round(warehouse: Warehouse) -> None:
    log(
        warehouse,
        "notes",
        source_record_id="nowhen",
        date_precision="period",
        period_start_date=TWENTIETH,
        period_end_date=FIFTH,
    )


def build(warehouse: Warehouse, before: Path | None = None) -> dict[str, tuple[Stretch, ...] | None]:
    warehouse.close()
    built = build_warehouse(warehouse.folder, "+fct_activities", before=before)
    return {result.model.table: result.days for result in built}


def differing(folder: Path) -> int:
    """Rows of the fact that are not as built at once of the same tables."""
    (fact,) = (model for model in load_compiled().models if model.table == "fct_activities")
    with open_build(folder) as connection:
        connection.execute(f"create temp table whole as {fact.source}")
        (rows,) = connection.execute(
            f"select count(*) from ((from whole except from {fact.relation}) union all (from {fact.relation} except from whole))"
        ).fetchone() or (-1,)
    return int(rows)


@apart
@pytest.mark.parametrize(
    ("change", "reaches"),
    [
        (clock_in, FIFTH),
        (make_billable, EARLIER),
        (say_whose_account, EARLIER),
        (lend_account, EARLIER),
        (move_to_tokyo, EVENING.date()),
        (log_without_a_day, date.min),
        (give_it_a_day, TWENTIETH),
        (turn_a_period_round, date.min),
    ],
)
def test_what_bears_on_a_day_from_afar(
    change: Callable[[Warehouse], None], reaches: date, warehouse: Warehouse, tmp_path: Path
) -> None:
    at_first(warehouse)
    build(warehouse)
    shutil.copytree(warehouse.folder, tmp_path / "before")
    change(warehouse)
    days = build(warehouse, tmp_path / "before")["fct_activities"]
    assert differing(warehouse.folder) == 0
    assert days is not None
    assert any(first <= reaches <= last for first, last in days)


def test_nothing_new_makes_nothing_again(warehouse: Warehouse, tmp_path: Path) -> None:
    at_first(warehouse)
    build(warehouse)
    shutil.copytree(warehouse.folder, tmp_path / "before")
    assert build(warehouse, tmp_path / "before")["fct_activities"] == ()
