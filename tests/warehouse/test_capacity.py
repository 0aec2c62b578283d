"""What a person could have worked, day by day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tests.warehouse.people_rows import employee, worked
from tests.warehouse.warehouse_build import HOUR, Warehouse

MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
SATURDAY, SUNDAY = date(2026, 3, 7), date(2026, 3, 8)


def capacity(warehouse: Warehouse) -> dict[tuple[str, date], dict[str, Any]]:
    """Capacity by name and day. One entry opens March, since capacity begins with the first month of data."""
    warehouse.deliver("toggl", "time_entries", [worked("ann", MONDAY)])
    warehouse.build("+fct_capacity_days +dim_person_names")
    rows = warehouse.rows(
        "select names.person_name, days.* from analyst.core.fct_capacity_days as days"
        " inner join directory.core.dim_person_names as names using (person_key)"
    )
    return {(row["person_name"], row["capacity_date"]): row for row in rows}


def hours(rows: dict[tuple[str, date], dict[str, Any]], name: str, *days: date) -> list[float | None]:
    return [rows[name, day]["effective_capacity_hours"] for day in days]


def test_weekly_hours_lie_on_the_working_weekdays_to_the_microsecond(warehouse: Warehouse) -> None:
    warehouse.set_policy(working_weekdays=[1, 2, 4])
    warehouse.deliver("hr", "people", [employee("ann", contracted_week_us=20 * HOUR + 1)])
    rows = capacity(warehouse)
    assert hours(rows, "Ann", WEDNESDAY, SATURDAY) == [0, 0]
    week = [rows["Ann", date(2026, 3, day)]["contracted_us"] for day in range(2, 9)]
    assert sum(week) == 20 * HOUR + 1
    assert max(week) - min(day for day in week if day) == 1


def test_a_weekday_pattern_comes_before_weekly_hours(warehouse: Warehouse) -> None:
    pattern = {"monday_us": 6 * HOUR, "tuesday_us": 4 * HOUR, "saturday_us": 2 * HOUR}
    people = [
        employee("ann", contracted_week_us=12 * HOUR, **pattern),
        employee("bob", contracted_week_us=40 * HOUR, **pattern),
    ]
    warehouse.deliver("hr", "people", people)
    rows = capacity(warehouse)
    assert hours(rows, "Ann", MONDAY, TUESDAY, WEDNESDAY, SATURDAY, SUNDAY) == [6, 4, 0, 2, 0]
    # Bob's pattern leaves 28 hours of his week unsaid: a silent weekday is unknown, a silent Sunday is not.
    assert hours(rows, "Bob", MONDAY, WEDNESDAY, SUNDAY) == [6, None, 0]


def test_a_work_schedule_comes_before_all_other_hours(warehouse: Warehouse) -> None:
    cycle = {"work_schedule": "Crew A", "cycle_start_date": TUESDAY}
    warehouse.insert(
        "workspace.work_schedules",
        {**cycle, "cycle_day": 1, "hours": Decimal("12"), "is_worked_on_holidays": True},
        {**cycle, "cycle_day": 2, "hours": Decimal("7.6")},
        {**cycle, "cycle_day": 3, "hours": Decimal("0")},
    )
    for day in (TUESDAY, WEDNESDAY):
        warehouse.insert("workspace.holidays", {"place": "DE", "holiday_date": day, "holiday_name": "A day"})
    people = [
        employee("ann", work_schedule=" crew a", monday_us=8 * HOUR),
        employee("bob", work_schedule="Crew A", place="FR"),
        employee("cy", work_schedule="Crew B"),
    ]
    warehouse.deliver("hr", "people", people)
    rows = capacity(warehouse)
    # The cycle begins on Tuesday, so that Monday is its third day. Ann is off on the second of two holidays.
    assert hours(rows, "Ann", MONDAY, TUESDAY, WEDNESDAY) == [0, 12, 0]
    assert hours(rows, "Bob", MONDAY, TUESDAY, WEDNESDAY, SATURDAY, SUNDAY) == [0, 12, 7.6, 7.6, 0]
    assert [rows["Ann", day]["is_working_day"] for day in (MONDAY, TUESDAY, WEDNESDAY)] == [False, True, False]
    assert hours(rows, "Cy", MONDAY, TUESDAY) == [None, None]


def test_a_holiday_of_the_place_is_no_working_day(warehouse: Warehouse) -> None:
    warehouse.insert(
        "workspace.holidays",
        {"place": "DE", "holiday_date": MONDAY, "holiday_name": "Somebody's day"},
        {"place": "DE", "holiday_date": MONDAY, "holiday_name": "Its other name"},
        {"place": "DE-BY", "holiday_date": TUESDAY, "holiday_name": "Bavarian day"},
    )
    people = [
        employee("ann", place="DE-BE"),
        employee("bob", place="DE-BY"),
        employee("cy", place="FR"),
        employee("dee", contracted_week_us=None),
    ]
    warehouse.deliver("hr", "people", people)
    rows = capacity(warehouse)
    assert hours(rows, "Ann", MONDAY, TUESDAY) == [0, 8]
    assert hours(rows, "Bob", MONDAY, TUESDAY) == [8, 0]
    assert [rows[name, MONDAY]["is_holiday"] for name in ("Ann", "Bob", "Cy")] == [True, False, None]
    assert hours(rows, "Dee", MONDAY, TUESDAY) == [None, None]
    assert rows["Dee", MONDAY]["absent_us"] is None


def test_approved_leave_lowers_capacity_and_never_below_nothing(warehouse: Warehouse) -> None:
    warehouse.deliver("hr", "people", [employee("ann"), employee("bob"), employee("dee", contracted_week_us=None)])

    def leave(name: str, **values: Any) -> dict[str, Any]:
        return {"person_email": f"{name}@example.org", "start_date": MONDAY, "end_date": MONDAY, **values}

    warehouse.deliver(
        "leave",
        "absences",
        [
            leave("ann", end_date=TUESDAY, day_ratio=1),
            leave("ann", start_date=WEDNESDAY, end_date=SUNDAY, day_absent_us=3 * HOUR),
            leave("bob", day_ratio=0.5),
            leave("bob", day_ratio=0.25),
            leave("bob", start_date=TUESDAY, end_date=TUESDAY),
            leave("bob", start_date=WEDNESDAY, end_date=WEDNESDAY, day_ratio=1, status="requested"),
            leave("dee", day_ratio=1),
        ],
    )
    warehouse.deliver("hr", "absences", [leave("bob", day_ratio=0.5)])
    rows = capacity(warehouse)
    assert hours(rows, "Ann", MONDAY, TUESDAY, WEDNESDAY, SATURDAY) == [0, 0, 5, 0]
    assert hours(rows, "Bob", MONDAY, TUESDAY, WEDNESDAY) == [2, 0, 8]
    assert hours(rows, "Dee", MONDAY) == [None]
    assert rows["Ann", SATURDAY]["absent_us"] == 0


def test_there_is_no_capacity_outside_employment(warehouse: Warehouse) -> None:
    people = [
        employee("ann", source_record_id="a", valid_to_date=MONDAY),
        employee("ann", source_record_id="b", valid_from_date=WEDNESDAY),
    ]
    warehouse.deliver("hr", "people", people)
    rows = capacity(warehouse)
    days = [day for name, day in rows if name == "Ann"]
    assert min(days) == date(2026, 3, 1)
    assert MONDAY in days and WEDNESDAY in days and TUESDAY not in days
    assert max(days) > date(2026, 8, 1)
