"""What the oracle found wrong, one readable example each: nobody has to read a random organisation to see why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.calendars import HOUR
from tests.oracle.organisation import Delivery, Organisation, Pack, Policy
from tests.oracle.packs import build
from tests.oracle.published import Row, published

if TYPE_CHECKING:
    import duckdb

MONDAY, TUESDAY, THURSDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 5)
TAKEN = datetime(2026, 3, 31, 12, tzinfo=UTC)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def fact(name: str, number: int = 0, **values: Any) -> Row:
    """Employed from 2025 on, 40 hours a week, in team North."""
    return {
        "source_record_id": f"{name}-{number}",
        "person_email": f"{name}@example.org",
        "person_number": f"N-{name}",
        "valid_from_date": date(2025, 1, 1),
        "valid_from_basis": "reported",
        "employment_type": "employee",
        "team_name": "North",
        "zone": "UTC",
        "contracted_week_us": 40 * HOUR,
        **values,
    }


def worked(name: str, record: str, hours: float | None = 8, **values: Any) -> Row:
    day = {"date_precision": "day", "work_date": MONDAY}
    duration = None if hours is None else round(hours * HOUR)
    return {"source_record_id": record, "person_email": f"{name}@example.org", "duration_us": duration, **day, **values}


def booked(name: str, record: str, day: date, hours: int, **values: Any) -> Row:
    size = {"allocation_basis": "per_day", "allocated_us": hours * HOUR, "booking_status": "confirmed"}
    days = {"start_date": day, "end_date": day}
    return {"source_record_id": record, "person_email": f"{name}@example.org", **days, **size, **values}


def to_status(record: str, task: str, day: int, before: str, after: str) -> Row:
    return {
        "source_record_id": record,
        "task_source_id": task,
        "changed_at": at(day),
        "field": "status",
        "from_value": before,
        "from_category": before,
        "to_value": after,
        "to_category": after,
    }


PEOPLE = (
    fact("mia", valid_from_date=MONDAY, zone="Pacific/Auckland"),
    fact("ann", 0),
    fact("ann", 1, valid_from_date=THURSDAY, team_name="South"),
    fact("bob", 0),
    fact("bob", 1, valid_from_date=THURSDAY, team_name=None),
    fact("eve", person_number=None),
    fact("leo", 0),
    fact("leo", 1, valid_from_date=TUESDAY, left_date=THURSDAY),
    fact("dee", contracted_week_us=None),
)
ENTRIES = (
    worked("mia", "first morning", date_precision="instant", started_at=at(1, 19), work_date=None),
    worked("leo", "owned"),
    worked("eve", "with a number of somebody else", person_number="N-ann"),
)
TASKS = (
    {"source_record_id": "undone", "status_category": "done", "created_at": at(2), "due_date": date(2026, 3, 6)},
    {"source_record_id": "of unknown age", "status_category": "active"},
)
CHANGES = (
    to_status("1", "undone", 4, "active", "done"),
    to_status("2", "undone", 5, "done", "active"),
    to_status("3", "of unknown age", 4, "active", "blocked"),
    to_status("4", "of unknown age", 5, "blocked", "active"),
)
BOOKINGS = (
    booked("ann", "before the move", MONDAY, 20),
    booked("ann", "tuesday", TUESDAY, 20),
    booked("dee", "of unknown size", MONDAY, 0, booking_status="tentative", allocation_basis="ratio")
    | {"allocation_ratio": Decimal("0.5"), "allocated_us": None},
)
ORGANISATION = Organisation(
    deliveries=(
        Delivery("hr", "people", PEOPLE, TAKEN, mode="full"),
        Delivery("toggl", "time_entries", ENTRIES, TAKEN),
        Delivery("jira", "time_entries", (worked("leo", "running", None), worked("leo", "empty", 0)), TAKEN),
        Delivery("jira", "tasks", TASKS, TAKEN, mode="full"),
        Delivery("jira", "task_changes", CHANGES, TAKEN, mode="full"),
        Delivery("planner", "allocations", BOOKINGS, TAKEN, mode="full"),
    ),
    sources=tuple({"source": source, "zone": "UTC"} for source in ("hr", "toggl", "jira", "planner")),
    reference={"authority": ({"source": "toggl", "priority": 1},)},
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """All examples in one build."""
    with build(Pack(Policy(), {"T001": ORGANISATION}), tmp_path_factory.mktemp("found") / "build") as connection:
        yield connection


def rows(warehouse: duckdb.DuckDBPyConnection, table: str, **wanted: Any) -> list[Row]:
    return [row for row in published(warehouse, table) if all(row[name] == value for name, value in wanted.items())]


def person(name: str) -> str:
    return f"n-{name}"


def test_a_first_morning_in_auckland_lies_in_the_employment(warehouse: duckdb.DuckDBPyConnection) -> None:
    """19:00 UTC on the 1st is 8:00 on the 2nd, her first day. The day in UTC is one on which nobody knows her zone."""
    (row,) = rows(warehouse, "core.fct_activities", source_record_id="first morning")
    assert (row["work_date"], row["date_basis"], row["team"]) == (MONDAY, "person_zone", "north")


def test_an_entry_without_time_gives_way_like_any_other(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Whether it counts must not depend on what else its source logged on the day."""
    found = rows(warehouse, "core.fct_activities", source="jira")
    assert {row["not_counted_reason"] for row in found} == {"other_source_has_authority"}


def test_a_week_that_ends_without_a_team_has_none(warehouse: duckdb.DuckDBPyConnection) -> None:
    (row,) = rows(warehouse, "marts.mart_utilisation__person_week", person=person("bob"), week_start_date=MONDAY)
    assert row["team"] is None


def test_a_number_of_somebody_else_is_not_shown(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = dict(
        warehouse.execute("select person_email, person_number from directory.core.dim_person_names").fetchall()
    )
    assert (found["ann@example.org"], found["eve@example.org"]) == ("N-ANN", None)


def test_over_allocation_is_that_of_the_persons_own_week(warehouse: duckdb.DuckDBPyConnection) -> None:
    """40 hours in three days of North are too many for these days, and as many as the week has."""
    (week,) = rows(warehouse, "marts.mart_capacity__person_week", person=person("ann"), week_start_date=MONDAY)
    (team,) = rows(warehouse, "marts.mart_capacity__team_week", team="north", week_start_date=MONDAY)
    assert (week["allocated_hours"], week["is_over_allocated"]) == (40, False)
    assert team["over_allocated_persons"] == 0


def test_a_tentative_booking_of_unknown_size_leaves_the_plan_known(warehouse: duckdb.DuckDBPyConnection) -> None:
    (row,) = rows(warehouse, "marts.mart_capacity__person_week", person=person("dee"), week_start_date=MONDAY)
    assert (row["allocated_hours"], row["tentative_hours"], row["capacity_variance_hours"]) == (0, None, 0)


def test_whoever_left_has_left(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Leo's first fact was never given an end; the second says that he left."""
    assert (
        max(row["capacity_date"] for row in rows(warehouse, "core.fct_capacity_days", person=person("leo"))) == THURSDAY
    )


def test_a_finish_that_was_undone_is_not_the_finish(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The task is done, but the change that made it so was not delivered: nobody knows when."""
    (row,) = rows(warehouse, "core.fct_tasks", source_record_id="undone")
    assert (row["completed_at"], row["is_done"]) == (None, True)


def test_a_history_without_a_beginning_is_not_whole(warehouse: duckdb.DuckDBPyConnection) -> None:
    """It was active before the first change, nobody knows since when: the second start is not the first."""
    (row,) = rows(warehouse, "core.fct_tasks", source_record_id="of unknown age")
    assert (row["started_at"], row["is_status_history_known"], row["blocked_us"]) == (None, False, None)
