"""Utilisation with its parts: what is in the numerator, what stands beside, and how teams are summed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.warehouse.people_rows import employee, worked
from tests.warehouse.warehouse_build import HOUR, Warehouse

WEEK = date(2026, 3, 2)


def period(name: str, first: date, last: date, hours: float, **values: Any) -> dict[str, Any]:
    return {
        "person_email": f"{name}@example.org",
        "date_precision": "period",
        "period_start_date": first,
        "period_end_date": last,
        "duration_us": round(hours * HOUR),
        **values,
    }


@pytest.fixture(scope="module")
def built(module_warehouse: Warehouse) -> Warehouse:
    """Ann moves from North to South on the Thursday; Bob's contract is unknown until the Wednesday; a stranger helps."""
    warehouse = module_warehouse
    warehouse.insert(
        "workspace.targets",
        {"team_name": "north", "utilisation_target_ratio": 0.7},
        {"team_name": "north", "utilisation_target_ratio": 0.8, "valid_from_date": date(2026, 3, 1)},
        {"team_name": "north", "role_name": "Lead", "utilisation_target_ratio": 0.1},
    )
    people = [
        employee("ann", source_record_id="a", team_name="North"),
        employee("ann", source_record_id="b", team_name="South", valid_from_date=date(2026, 3, 5)),
        employee("bob", source_record_id="c", team_name="North", contracted_week_us=None),
        employee("bob", source_record_id="d", team_name="North", valid_from_date=date(2026, 3, 4)),
    ]
    warehouse.deliver("hr", "people", people)
    leave = {"person_email": "ann@example.org", "start_date": date(2026, 3, 6), "end_date": date(2026, 3, 6)}
    warehouse.deliver("hr", "absences", [leave])
    rows = [
        worked("ann", date(2026, 3, 2), 8, is_billable=True),
        worked("ann", date(2026, 3, 5), 6, is_billable=False),
        worked("ann", date(2026, 3, 7), 1),
        worked("bob", date(2026, 3, 3), 7, is_billable=True),
        worked("bob", date(2026, 3, 4), 4),
        worked("zoe", date(2026, 3, 4), 5),
        period("bob", date(2026, 3, 9), date(2026, 3, 15), 30, is_billable=True),
        period("bob", date(2026, 3, 2), date(2026, 3, 8), 3),
        period("ann", date(2026, 3, 1), date(2026, 3, 31), 9),
        period("ann", date(2026, 3, 30), date(2026, 4, 5), 2),
    ]
    warehouse.deliver("toggl", "time_entries", rows)
    warehouse.build(tests=True)
    return warehouse


def person_week(built: Warehouse, name: str, week: date) -> dict[str, Any]:
    (row,) = built.rows(
        "select * from analyst.marts.mart_utilisation__person_week"
        " inner join directory.core.dim_person_names using (person_key)"
        f" where coalesce(person_name, person_email) = '{name}' and week_start_date = '{week}'"
    )
    return row


def team(built: Warehouse, grain: str, name: str | None, start: date) -> dict[str, Any]:
    (row,) = built.rows(
        f"select * from analyst.marts.mart_utilisation__team_{grain} left join analyst.core.dim_teams using (team_key)"
        f" where team_name is not distinct from {repr(name) if name else 'null'} and {grain}_start_date = '{start}'"
    )
    return row


def test_a_week_of_known_capacity(built: Warehouse) -> None:
    row = person_week(built, "Ann", WEEK)
    assert (row["contracted_hours"], row["absent_hours"], row["effective_capacity_hours"]) == (40, 8, 32)
    assert (row["counted_hours"], row["billable_hours"], row["billable_unstated_hours"]) == (15, 8, 1)
    assert row["utilisation_ratio"] == pytest.approx(15 / 32)
    assert row["billable_utilisation_ratio"] == pytest.approx(8 / 32)
    assert row["billable_mix_ratio"] == pytest.approx(8 / 15)
    assert row["coverage_ratio"] == 1


def test_hours_on_days_of_unknown_capacity_stand_beside(built: Warehouse) -> None:
    """7 hours on an unknown Tuesday and a sheet of 3 over a week that is unknown in part stay out of 4 over 24."""
    row = person_week(built, "Bob", WEEK)
    assert (row["person_days"], row["unknown_capacity_days"]) == (7, 2)
    assert (row["counted_hours"], row["counted_hours_with_capacity"], row["hours_without_capacity"]) == (14, 4, 10)
    assert (row["billable_hours"], row["billable_hours_with_capacity"]) == (7, 0)
    assert row["effective_capacity_hours"] == 24
    assert row["utilisation_ratio"] == pytest.approx(4 / 24)
    assert row["coverage_ratio"] == pytest.approx(4 / 14)
    assert not row["is_complete"]


def test_a_stranger_has_hours_and_no_ratio(built: Warehouse) -> None:
    row = person_week(built, "zoe@example.org", WEEK)
    assert (row["counted_hours"], row["hours_without_capacity"], row["coverage_ratio"]) == (5, 5, 0)
    assert (row["utilisation_ratio"], row["effective_capacity_hours"]) == (None, None)
    assert team(built, "week", None, WEEK)["hours_without_capacity"] == 5


def test_a_period_counts_where_the_grain_holds_it_and_is_unplaced_elsewhere(built: Warehouse) -> None:
    assert person_week(built, "Bob", date(2026, 3, 9))["counted_hours_with_capacity"] == 30
    first = person_week(built, "Ann", date(2026, 2, 23))
    assert (first["unplaced_hours"], first["counted_hours_with_capacity"]) == (9, 0)
    assert person_week(built, "Ann", date(2026, 3, 30))["hours_without_capacity"] == 2
    month = team(built, "month", "North", date(2026, 3, 1))
    # The weeks below a sheet of a month, in which nobody knows her hours.
    later = person_week(built, "Ann", date(2026, 3, 16))
    assert (later["overlapping_period_hours"], later["unplaced_hours"], later["is_complete"]) == (9, 0, False)
    assert person_week(built, "Bob", date(2026, 3, 16))["overlapping_period_hours"] == 0
    # Ann was in two teams in the month of her sheet: it is shown with the team of its first day, and in no team's ratio.
    assert month["unplaced_hours"] == 9
    assert month["counted_hours_with_capacity"] == 8 + 4 + 30
    south = team(built, "month", "South", date(2026, 3, 1))
    assert (south["unplaced_hours"], south["overlapping_period_hours"]) == (2, 11)


def test_a_team_has_the_hours_and_the_capacity_of_the_days_in_it(built: Warehouse) -> None:
    north, south = team(built, "week", "North", WEEK), team(built, "week", "South", WEEK)
    assert (north["person_count"], south["person_count"]) == (2, 1)
    assert (north["effective_capacity_hours"], south["effective_capacity_hours"]) == (24 + 24, 8)
    assert (north["counted_hours_with_capacity"], south["counted_hours_with_capacity"]) == (8 + 4, 6 + 1)
    assert north["utilisation_ratio"] == pytest.approx(12 / 48)
    assert north["utilisation_target_ratio"] == 0.8
    assert south["utilisation_target_ratio"] is None


def test_a_week_that_as_of_cuts_has_the_capacity_of_its_past_days(built: Warehouse) -> None:
    row = person_week(built, "Ann", date(2026, 3, 30))
    assert (row["effective_capacity_hours"], row["is_complete"]) == (16, False)
    last = built.one("select max(week_start_date) from analyst.marts.mart_utilisation__person_week")
    assert last == date(2026, 3, 30)


def test_the_week_starts_when_policy_says(warehouse: Warehouse) -> None:
    warehouse.set_policy(week_starts_on=7)
    warehouse.deliver("hr", "people", [employee("ann")])
    warehouse.deliver("toggl", "time_entries", [worked("ann", date(2026, 3, 7)), worked("ann", date(2026, 3, 8))])
    warehouse.build("+mart_utilisation__person_week")
    rows = warehouse.rows(
        "select week_start_date from analyst.marts.mart_utilisation__person_week where counted_hours > 0 order by 1"
    )
    assert [row["week_start_date"] for row in rows] == [date(2026, 3, 1), date(2026, 3, 8)]
