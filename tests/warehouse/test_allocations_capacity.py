"""Bookings: shared out to the microsecond over working days, and set against capacity and actual work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.warehouse.warehouse_build import HOUR, Warehouse

MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)
NEXT_TUESDAY = date(2026, 3, 10)


def booking(record: str, start: date, end: date, **values: Any) -> dict[str, Any]:
    return {
        "source_record_id": record,
        "person_email": "ann@example.org",
        "project_code": "A",
        "start_date": start,
        "end_date": end,
        "booking_status": "confirmed",
        **values,
    }


def size(hours: float, basis: str, extra_us: int = 0) -> dict[str, Any]:
    return {"allocation_basis": basis, "allocated_us": int(hours * HOUR) + extra_us}


BOOKINGS = [
    booking("half", MONDAY, FRIDAY, allocation_basis="ratio", allocation_ratio=0.5),
    booking("daily", MONDAY, date(2026, 3, 8), **size(1, "per_day")),
    booking("weekly, cut", date(2026, 3, 4), NEXT_TUESDAY, **size(10, "per_week", 3)),
    booking("in all", MONDAY, NEXT_TUESDAY, **size(10, "total", 3)),
    booking("tentative", MONDAY, FRIDAY, **size(2, "per_day"), booking_status="tentative"),
    booking("cancelled", MONDAY, FRIDAY, **size(8, "per_day"), booking_status="cancelled"),
    booking("on a weekend", date(2026, 3, 7), date(2026, 3, 8), **size(5, "total")),
    booking("beyond the calendar", MONDAY, date(9999, 12, 31), **size(5, "total")),
    booking("part-timer", MONDAY, FRIDAY, person_email="bea@example.org", **size(6, "total")),
    booking("half of a part-timer", MONDAY, FRIDAY, person_email="bea@example.org")
    | {"allocation_basis": "ratio", "allocation_ratio": 1.5},
    booking("of nobody known", MONDAY, FRIDAY, person_email="zoe@example.org")
    | {"allocation_basis": "ratio", "allocation_ratio": 1},
    booking("a role", MONDAY, FRIDAY, person_email=None, role_name="Developer", **size(4, "per_day")),
    booking("on leave", date(2026, 3, 16), date(2026, 3, 20), **size(1, "per_day")),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    warehouse = Warehouse(tmp_path_factory.mktemp("allocations") / "build")
    warehouse.source("planner", owner="planning")
    warehouse.insert("workspace.holidays", {"place": "DE", "holiday_date": date(2026, 3, 24), "holiday_name": "x"})
    fact = {"valid_from_date": date(2026, 1, 1), "team_name": "Apollo", "place": "DE"}
    pattern = {f"{day}_us": 0 for day in ("thursday", "friday", "saturday", "sunday")}
    warehouse.deliver(
        "hr",
        "people",
        [
            {**fact, "person_email": "ann@example.org", "contracted_week_us": 40 * HOUR},
            {
                **fact,
                "person_email": "bea@example.org",
                "contracted_week_us": 24 * HOUR,
                **dict.fromkeys(("monday_us", "tuesday_us", "wednesday_us"), 8 * HOUR),
                **pattern,
            },
        ],
    )
    warehouse.deliver(
        "hr",
        "absences",
        [
            {
                "person_email": "ann@example.org",
                "start_date": date(2026, 3, 16),
                "end_date": date(2026, 3, 20),
                "day_ratio": 1,
            }
        ],
    )
    warehouse.deliver("planner", "allocations", BOOKINGS)
    holiday_week = booking("with a holiday", date(2026, 3, 23), date(2026, 3, 27), **size(8, "per_week"))
    warehouse.deliver("planner", "allocations", [holiday_week])
    warehouse.deliver(
        "tracker",
        "time_entries",
        [
            {"person_email": "ann@example.org", "work_date": MONDAY, "duration_us": 7 * HOUR},
            {
                "person_email": "ann@example.org",
                "date_precision": "period",
                "period_start_date": MONDAY,
                "period_end_date": date(2026, 3, 8),
                "duration_us": 20 * HOUR,
            },
            {
                "person_email": "ann@example.org",
                "date_precision": "period",
                "period_start_date": date(2026, 3, 1),
                "period_end_date": date(2026, 3, 31),
                "duration_us": 100 * HOUR,
            },
        ],
    )
    warehouse.build(tests=True)
    yield warehouse
    warehouse.close()


def days(built: Warehouse, record: str) -> dict[date, int | None]:
    rows = built.rows(
        f"select allocation_date, allocated_us from analyst.core.fct_allocation_days where source_record_id = '{record}'"
    )
    return {row["allocation_date"]: row["allocated_us"] for row in sorted(rows, key=lambda r: r["allocation_date"])}


def march(*numbers: int) -> list[date]:
    return [date(2026, 3, number) for number in numbers]


def test_a_share_is_of_the_contract_of_each_day(built: Warehouse) -> None:
    assert days(built, "half") == dict.fromkeys(march(2, 3, 4, 5, 6), 4 * HOUR)
    assert days(built, "half of a part-timer") == dict.fromkeys(march(2, 3, 4), 12 * HOUR)


def test_a_daily_size_lies_on_working_days_only(built: Warehouse) -> None:
    assert days(built, "daily") == dict.fromkeys(march(2, 3, 4, 5, 6), HOUR)


def test_a_total_adds_up_to_the_microsecond(built: Warehouse) -> None:
    shared = days(built, "in all")
    assert list(shared) == march(2, 3, 4, 5, 6, 9, 10)
    assert sum(value or 0 for value in shared.values()) == 10 * HOUR + 3
    assert max(shared.values()) - min(shared.values()) == 1  # type: ignore[type-var,operator]
    assert days(built, "part-timer") == dict.fromkeys(march(2, 3, 4), 2 * HOUR)


def test_a_weekly_size_is_that_of_a_whole_week(built: Warehouse) -> None:
    """Three of five days of the first week and two of the second: the cut week is not filled up."""
    shared = days(built, "weekly, cut")
    assert list(shared) == march(4, 5, 6, 9, 10)
    assert [value - 2 * HOUR for value in shared.values() if value] == [1, 0, 0, 1, 1]


def test_a_holiday_is_no_working_day_of_a_weekly_size(built: Warehouse) -> None:
    assert days(built, "with a holiday") == dict.fromkeys(march(23, 25, 26, 27), 2 * HOUR)


def test_a_share_of_an_unknown_contract_is_unknown(built: Warehouse) -> None:
    assert days(built, "of nobody known") == dict.fromkeys(march(2, 3, 4, 5, 6))


def test_a_role_without_a_person_is_booked_on_policy_weekdays(built: Warehouse) -> None:
    rows = built.rows(
        "select distinct person_key, role_key, day_basis from analyst.core.fct_allocation_days where is_placeholder"
    )
    assert [(row["person_key"], row["day_basis"]) for row in rows] == [(None, "policy_weekdays")]
    assert rows[0]["role_key"] is not None
    assert days(built, "a role") == dict.fromkeys(march(2, 3, 4, 5, 6), 4 * HOUR)


def test_cancelled_bookings_are_left_out(built: Warehouse) -> None:
    assert days(built, "cancelled") == {}


def test_bookings_that_cannot_be_placed_are_told(built: Warehouse) -> None:
    rows = built.rows(
        "select start_date, end_date, hours_at_stake, detail from analyst.core.fct_gaps where rule = 'unplaced_bookings'"
    )
    told = {(row["start_date"], row["end_date"]): row["hours_at_stake"] for row in rows}
    assert told == {
        (date(2026, 3, 7), date(2026, 3, 8)): 5.0,
        (MONDAY, date(9999, 12, 31)): 5.0,
        (MONDAY, FRIDAY): None,
    }
    assert days(built, "beyond the calendar") == {}


def week(built: Warehouse, email: str, start: date) -> dict[str, Any]:
    (row,) = built.rows(
        f"""select * from analyst.marts.mart_capacity__person_week where week_start_date = date '{start}'
        and person_key = (select distinct person_key from state.intermediate.int_actors_matched where person_email = '{email}')"""
    )
    return row


def test_plan_and_actual_of_a_week(built: Warehouse) -> None:
    row = week(built, "ann@example.org", MONDAY)
    # half 20 h, daily 5 h, weekly 6 h, in all 5 of 7 days of 10 h; tentative ones are beside.
    assert row["allocated_hours"] == pytest.approx(20 + 5 + 6 + 10 * 5 / 7, abs=1e-6)
    assert row["tentative_hours"] == 10
    assert row["effective_capacity_hours"] == 40
    assert row["allocation_ratio"] == pytest.approx(row["allocated_hours"] / 40)
    assert row["is_over_allocated"] is False
    # The period that lies within the week counts in it, the month does not.
    assert row["counted_hours"] == 27
    assert row["capacity_variance_hours"] == pytest.approx(27 - row["allocated_hours"])


def test_over_allocation_is_above_the_effective_capacity(built: Warehouse) -> None:
    row = week(built, "bea@example.org", MONDAY)
    assert (row["effective_capacity_hours"], row["allocated_hours"]) == (24, 42)
    assert (row["is_over_allocated"], row["over_allocated_days"]) == (True, 3)


def test_any_booking_on_leave_is_over_allocation(built: Warehouse) -> None:
    """Capacity 0 is 0, not unknown: the ratio has no denominator, the mark is still true."""
    row = week(built, "ann@example.org", date(2026, 3, 16))
    assert (row["contracted_hours"], row["effective_capacity_hours"], row["allocated_hours"]) == (40, 0, 5)
    assert (row["allocation_ratio"], row["is_over_allocated"]) == (None, True)


def test_a_person_of_unknown_capacity_has_no_mark_and_no_zero(built: Warehouse) -> None:
    row = week(built, "zoe@example.org", MONDAY)
    assert (row["effective_capacity_hours"], row["allocated_hours"], row["is_over_allocated"]) == (None, None, None)
    assert row["unsized_booking_days"] == 5
    assert row["is_complete"] is False


def test_weeks_to_come_have_a_plan_and_no_actual(built: Warehouse) -> None:
    row = week(built, "ann@example.org", date(2026, 4, 6))
    assert (row["effective_capacity_hours"], row["counted_hours"], row["capacity_variance_hours"]) == (40, None, None)


def test_a_team_is_the_sum_of_its_people_and_roles_stand_beside(built: Warehouse) -> None:
    rows = built.rows(f"select * from analyst.marts.mart_capacity__team_week where week_start_date = date '{MONDAY}'")
    team = next(row for row in rows if row["team_key"] is not None)
    apart = next(row for row in rows if row["team_key"] is None)
    ann, bea = week(built, "ann@example.org", MONDAY), week(built, "bea@example.org", MONDAY)
    for column in ("effective_capacity_hours", "allocated_hours", "tentative_hours", "counted_hours"):
        assert team[column] == pytest.approx(ann[column] + bea[column]), column
    assert (team["persons"], team["over_allocated_persons"]) == (2, 1)
    assert team["gap_count"] == ann["gap_count"] + bea["gap_count"] > 0
    assert apart["placeholder_allocated_hours"] == 20
    assert apart["allocated_hours"] is None


def test_the_marts_hold_every_sized_booking_once(built: Warehouse) -> None:
    facts = built.one(
        "select sum(allocated_us) / 3.6e9 from analyst.core.fct_allocation_days "
        "where booking_status = 'confirmed' and not is_placeholder"
    )
    for mart in ("person_week", "team_week"):
        assert built.one(f"select sum(allocated_hours) from analyst.marts.mart_capacity__{mart}") == pytest.approx(
            facts
        )


def test_over_allocated_weeks_are_gaps_with_the_hours_too_many(built: Warehouse) -> None:
    rows = built.rows(
        "select start_date, end_date, hours_at_stake from analyst.core.fct_gaps where rule = 'over_allocated'"
    )
    assert sorted((row["start_date"], row["end_date"], row["hours_at_stake"]) for row in rows) == [
        (MONDAY, date(2026, 3, 8), 18.0),
        (date(2026, 3, 16), date(2026, 3, 22), 5.0),
    ]
