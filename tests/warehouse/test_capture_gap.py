"""Time that other tools show, beside the hours that were logged: by person and week, and as a gap."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.warehouse.people_rows import employee, worked
from tests.warehouse.warehouse_build import HOUR, Warehouse

MONDAY, TUESDAY, WEDNESDAY, FRIDAY = (date(2026, 3, day) for day in (2, 3, 4, 6))
THIS_WEEK = date(2026, 3, 30)


def met(name: str, day: date, hours: float | None) -> dict[str, Any]:
    """A meeting of a day, with or without a length."""
    handling = None if hours is None else round(hours * HOUR)
    return {
        "person_email": f"{name}@example.org",
        "interaction_type": "meeting",
        "work_date": day,
        "handling_us": handling,
        "created_at": datetime(2026, 3, 1, tzinfo=UTC),
    }


@pytest.fixture(scope="module")
def built(module_warehouse: Warehouse) -> Warehouse:
    """As of Tuesday 31 March, three days of grace. toggl has authority over jira."""
    warehouse = module_warehouse
    for name in ("hr", "toggl", "jira", "calendar", "crm"):
        warehouse.source(name)
    warehouse.insert("workspace.authority", {"source": "toggl", "priority": 1})
    names = ("ann", "bob", "cy", "dee", "eve", "fay")
    warehouse.deliver("hr", "people", [employee(name) for name in names], mode="full")
    warehouse.deliver(
        "calendar",
        "interactions",
        [
            met("ann", MONDAY, 4),
            met("ann", MONDAY, 1),
            met("ann", TUESDAY, 2),
            met("ann", TUESDAY, None),
            met("ann", THIS_WEEK, 6),
            met("ann", date(2026, 4, 1), 6),
            met("bob", MONDAY, 2),
            met("cy", MONDAY, 3),
            met("cy", TUESDAY, 1),
            met("dee", MONDAY, 3),
            met("fay", MONDAY, None),
            met("stranger", MONDAY, 9),
        ],
    )
    warehouse.deliver("crm", "interactions", [met("ann", MONDAY, 3)])
    warehouse.deliver(
        "toggl",
        "time_entries",
        [
            worked("ann", MONDAY, 2),
            worked("bob", FRIDAY, 8),
            worked("eve", WEDNESDAY, 2),
            {
                "person_email": "dee@example.org",
                "date_precision": "period",
                "period_start_date": date(2026, 2, 23),
                "period_end_date": MONDAY,
                "duration_us": 40 * HOUR,
            },
        ],
    )
    warehouse.deliver("jira", "time_entries", [worked("eve", WEDNESDAY, 5)])
    leave = {"person_email": "cy@example.org", "start_date": MONDAY, "end_date": MONDAY}
    warehouse.deliver("hr", "absences", [leave])
    warehouse.turn_off("seldom_logged_weeks")
    warehouse.build(tests=True)
    return warehouse


def week(built: Warehouse, name: str, start: date = MONDAY) -> dict[str, Any]:
    (row,) = built.rows(
        "select mart.* from analyst.marts.mart_capture_gap__person_week as mart"
        " inner join directory.core.dim_person_names as names using (person_key)"
        f" where person_name = '{name}' and week_start_date = date '{start}'"
    )
    return row


def test_of_two_sources_the_one_that_shows_more_of_a_day_is_taken(built: Warehouse) -> None:
    """5 hours in the calendar on Monday, 3 of them perhaps the CRM's; 2 on Tuesday, beside something without a length."""
    row = week(built, "Ann")
    assert (row["interaction_count"], row["unmeasured_count"]) == (5, 1)
    assert (row["evidence_hours"], row["counted_hours"], row["capture_gap_hours"]) == (7, 2, 5)
    assert (row["unlogged_evidence_days"], row["unlogged_evidence_hours"]) == (1, 2)
    assert (row["gap_count"] > 0, row["is_complete"]) == (True, False)


def test_more_logged_than_seen_is_no_gap_though_days_differ(built: Warehouse) -> None:
    row = week(built, "Bob")
    assert (row["capture_gap_hours"], row["unlogged_evidence_hours"], row["is_complete"]) == (0, 2, True)


def test_an_entry_that_gave_way_is_evidence(built: Warehouse) -> None:
    row = week(built, "Eve")
    assert (row["overruled_entry_count"], row["evidence_hours"], row["capture_gap_hours"]) == (1, 5, 3)


def test_meetings_on_leave_stand_beside(built: Warehouse) -> None:
    row = week(built, "Cy")
    assert (row["evidence_hours"], row["evidence_hours_on_leave"], row["capture_gap_hours"]) == (4, 3, 1)


def test_what_is_not_known_is_not_zero(built: Warehouse) -> None:
    """A sheet over the turn of the week, and a meeting without a length."""
    dee, fay = week(built, "Dee"), week(built, "Fay")
    assert (dee["is_partly_counted"], dee["capture_gap_hours"], dee["is_complete"]) == (True, None, False)
    assert (dee["unlogged_evidence_days"], dee["counted_hours"]) == (0, 0)
    assert (fay["evidence_hours"], fay["unlogged_evidence_hours"], fay["capture_gap_hours"]) == (None, None, None)


def test_the_week_of_as_of_has_its_evidence_so_far(built: Warehouse) -> None:
    row = week(built, "Ann", THIS_WEEK)
    assert (row["evidence_hours"], row["capture_gap_hours"], row["is_complete"]) == (6, 6, False)


def test_strangers_have_no_weeks(built: Warehouse) -> None:
    assert built.one("select count(distinct person_key) from analyst.marts.mart_capture_gap__person_week") == 6


def test_the_gap_is_a_week_past_the_grace(built: Warehouse) -> None:
    rows = built.rows(
        "select person_name, gaps.* from analyst.core.fct_gaps as gaps"
        " inner join directory.core.dim_person_names using (person_key)"
        " where rule = 'evidence_without_hours' order by person_name"
    )
    assert [(row["person_name"], row["start_date"], row["end_date"], row["hours_at_stake"]) for row in rows] == [
        ("Ann", MONDAY, date(2026, 3, 8), 5),
        ("Cy", MONDAY, date(2026, 3, 8), 1),
        ("Eve", MONDAY, date(2026, 3, 8), 3),
    ]
    assert {(row["severity"], row["owner"]) for row in rows} == {("warns", "contributor")}


def test_managers_do_not_see_it(built: Warehouse) -> None:
    tables = built.rows("select table_name from duckdb_tables() where database_name = 'manager'")
    assert tables
    assert not [row for row in tables if "capture" in row["table_name"]]
