"""Capacity, plan and actual of a person or a team by week.

Definitions: mart_capacity__*, DESIGN measures "allocation", "capacity variance", "over-allocated".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.oracle.activities import Activity
from tests.oracle.bookings import BookingDay, Capacity
from tests.oracle.capacity_days import CapacityDay
from tests.oracle.gap_counts import MEMBERS
from tests.oracle.organisation import Policy
from tests.oracle.texts import plain
from tests.oracle.utilisation import Grain, hours_of, overlapping_periods, person_week, ratio, team_week

Row = dict[str, Any]
Overlapping = Mapping[tuple[str | None, date], float]


@dataclass
class Cell:
    """What falls into one row."""

    days: list[CapacityDay] = field(default_factory=list)
    bookings: list[BookingDay] = field(default_factory=list)
    placeholders: list[BookingDay] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)


def capacity_of_people(
    capacity: Capacity, bookings: list[BookingDay], activities: list[Activity], policy: Policy
) -> list[Row]:
    """One row per person and week."""
    grain = person_week(policy)
    cells = _cells(grain, capacity, bookings, activities)
    overlapping = overlapping_periods(grain, activities)
    return [
        {"person": person, "week_start_date": start, **_measures(cell, grain, start, capacity, policy, overlapping)}
        for (person, start), cell in cells.items()
        if person is not None
    ]


def capacity_of_teams(
    capacity: Capacity, bookings: list[BookingDay], activities: list[Activity], policy: Policy
) -> list[Row]:
    """One row per team of the day and week."""
    grain = team_week(policy)
    own_weeks = {
        (row["person"], row["week_start_date"]): row["is_over_allocated"]
        for row in capacity_of_people(capacity, bookings, activities, policy)
    }
    overlapping = overlapping_periods(grain, activities)
    rows = []
    for (team, start), cell in _cells(grain, capacity, bookings, activities).items():
        people = {day.person for day in cell.days} | {item.person for item in cell.bookings}
        confirmed = [item for item in cell.placeholders if item.is_confirmed]
        tentative = [item for item in cell.placeholders if not item.is_confirmed]
        rows.append(
            {
                "team": team,
                "week_start_date": start,
                **_measures(cell, grain, start, capacity, policy, overlapping),
                "persons": len(people),
                "over_allocated_persons": sum(bool(own_weeks.get((str(person), start))) for person in people),
                "placeholder_allocated_hours": hours_of(item.allocated_us for item in confirmed),
                "placeholder_tentative_hours": hours_of(item.allocated_us for item in tentative),
            }
        )
    return rows


def _cells(
    grain: Grain, capacity: Capacity, bookings: list[BookingDay], activities: list[Activity]
) -> dict[tuple[str | None, date], Cell]:
    cells: dict[tuple[str | None, date], Cell] = defaultdict(Cell)
    for day in capacity.values():
        cells[grain.of_day(day), grain.first(day.day)].days.append(day)
    for booking in bookings:
        if booking.person is None and not booking.is_placeholder:
            continue  # that of a system account, which is nobody's plan
        subject = booking.person if grain.subject == "person" else plain(booking.team)
        cell = cells[subject, grain.first(booking.day)]
        (cell.placeholders if booking.is_placeholder else cell.bookings).append(booking)
    for activity in activities:
        if activity.is_counted and activity.first and grain.holds(activity):
            key = grain.of_activity(activity), grain.first(activity.first)
            cells[key].activities.append(activity)
    return cells


def _measures(
    cell: Cell, grain: Grain, start: date, capacity: Capacity, policy: Policy, overlapping: Overlapping
) -> Row:
    known = {(day.person, day.day): day for day in cell.days if day.effective_us is not None}
    touched = {(day.person, day.day) for day in cell.days} | {(str(item.person), item.day) for item in cell.bookings}
    confirmed = [item for item in cell.bookings if item.is_confirmed]
    tentative = [item for item in cell.bookings if not item.is_confirmed]
    inside = [item for item in confirmed if (item.person, item.day) in known]
    effective = hours_of(day.effective_us for day in known.values())
    allocated, with_capacity = _hours(confirmed), _hours(inside)
    booked_by_day: dict[tuple[str, date], int] = defaultdict(int)
    for item in inside:
        booked_by_day[str(item.person), item.day] += item.allocated_us or 0
    is_to_come = start > policy.as_of
    counted = None if is_to_come else hours_of(item.duration_us for item in cell.activities) or 0.0
    unsized = sum(item.allocated_us is None for item in confirmed)
    members = {day.person for day in cell.days} | {item.person for item in cell.bookings}
    members |= {item.person for item in cell.activities}
    return {
        MEMBERS: members,
        "overlapping_period_hours": sum(overlapping[person, start] for person in members),
        "week_end_date": grain.last(start),
        "is_week_over": grain.last(start) < policy.as_of,
        "person_days": len(touched),
        "person_days_without_capacity": len(touched) - len(known),
        "known_day_ratio": ratio(len(known), len(touched)),
        "contracted_hours": hours_of(day.contracted_us for day in known.values()),
        "absent_hours": hours_of(day.absent_us for day in known.values()),
        "effective_capacity_hours": effective,
        "allocated_hours": allocated,
        "allocated_hours_with_capacity": with_capacity or 0.0,
        "allocated_hours_without_capacity": _hours([item for item in confirmed if item not in inside]) or 0.0,
        "tentative_hours": _hours(tentative),
        "unsized_booking_days": sum(item.allocated_us is None for item in cell.bookings),
        "allocation_ratio": ratio(with_capacity or 0.0, effective),
        "is_over_allocated": None if effective is None else (with_capacity or 0) > effective,
        "over_allocated_days": sum(booked > (known[key].effective_us or 0) for key, booked in booked_by_day.items()),
        "counted_hours": counted,
        "capacity_variance_hours": None if counted is None or unsized else counted - (allocated or 0),
    }


def _hours(bookings: list[BookingDay]) -> float | None:
    """Booked hours; None where there are only bookings of unknown size."""
    return hours_of(item.allocated_us for item in bookings) if bookings else 0.0
