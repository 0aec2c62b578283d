"""Planned bookings, day by day.

Definitions: fct_allocation_days, the bases of stream allocations, DESIGN measure "allocation". A booking lies on the working days
of the person's calendar; where that does not know a day, and for a role without a person, on the policy's weekdays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.oracle.calendars import days, share, week_of
from tests.oracle.capacity_days import CapacityDay
from tests.oracle.organisation import Organisation, Policy, Row
from tests.oracle.persons import People
from tests.oracle.projects import Projects
from tests.oracle.records import Version, holding, resolve
from tests.oracle.texts import plain

Capacity = dict[tuple[str, date], CapacityDay]

#: Days of calendar after as_of (dbt_project.yml: calendar_days_after); a booking is placed up to its end, a total
#: that runs beyond it not at all.
CALENDAR_AHEAD = 730
PERSON_COLUMNS = ("person_email", "person_number", "person_source_id", "person_name")


@dataclass(frozen=True)
class BookingDay:
    """One booking on one day."""

    source: str
    record: str
    delivery_id: str
    day: date
    person: str | None
    is_placeholder: bool
    team: str | None
    role: str | None
    project: str | None
    status: str
    basis: str
    day_basis: str
    allocated_us: int | None

    @property
    def is_confirmed(self) -> bool:
        return self.status == "confirmed"


def booking_days(
    organisation: Organisation, people: People, projects: Projects, capacity: Capacity, policy: Policy
) -> list[BookingDay]:
    """Every day of every booking that is not cancelled."""
    found: list[BookingDay] = []
    for version in holding(resolve(organisation.of_stream("allocations"), lambda source, row: None)):
        row = version.row
        is_cut = row["end_date"] > calendar_end(policy)
        if row["booking_status"] == "cancelled" or (is_cut and row["allocation_basis"] == "total"):
            continue
        found += _days_of(version, people, projects, capacity, policy)
    return found


def _days_of(
    version: Version, people: People, projects: Projects, capacity: Capacity, policy: Policy
) -> list[BookingDay]:
    row, source = version.row, version.delivery.source
    is_placeholder = all(row.get(name) is None for name in PERSON_COLUMNS)
    person = None if is_placeholder else people.match(source, row)
    booked = [
        day
        for day in days(row["start_date"], min(row["end_date"], calendar_end(policy)))
        if is_working_day(person, day, capacity, policy)
    ]
    sizes = _sizes(row, booked, person, capacity, policy)
    return [
        BookingDay(
            source=source,
            record=row["source_record_id"],
            delivery_id=version.delivery.delivery_id,
            day=day,
            person=person,
            is_placeholder=is_placeholder,
            team=people.attribute(person, day, "team_name") if person else None,
            role=people.attribute(person, day, "role_name") if person else row.get("role_name"),
            project=projects.match(source, row),
            status=row["booking_status"],
            basis=row["allocation_basis"],
            day_basis="person_calendar" if _known(person, day, capacity) is not None else "policy_weekdays",
            allocated_us=sizes[day],
        )
        for day in booked
    ]


def calendar_end(policy: Policy) -> date:
    """Last day of the calendar."""
    return policy.as_of + timedelta(days=CALENDAR_AHEAD)


def is_working_day(person: str | None, day: date, capacity: Capacity, policy: Policy) -> bool:
    """By the person's calendar, else by policy."""
    known = _known(person, day, capacity)
    return day.isoweekday() in policy.working_weekdays if known is None else known


def _known(person: str | None, day: date, capacity: Capacity) -> bool | None:
    found = capacity.get((person or "", day))
    return found.is_working_day if found else None


def _sizes(
    row: Row, booked: list[date], person: str | None, capacity: Capacity, policy: Policy
) -> dict[date, int | None]:
    """Microseconds of each booked day; None where nobody can tell."""
    basis, size = row["allocation_basis"], row.get("allocated_us")
    if basis == "ratio":
        return {day: _part_of_contract(row, capacity.get((person or "", day))) for day in booked}
    if size is None:
        return dict.fromkeys(booked)
    if basis == "per_day":
        return dict.fromkeys(booked, size)
    if basis == "total":
        return dict(zip(booked, share(size, len(booked)), strict=True)) if booked else {}
    found: dict[date, int | None] = {}
    for day in booked:
        start = week_of(day, policy.week_starts_on)
        week = [
            item for item in days(start, start + timedelta(days=6)) if is_working_day(person, item, capacity, policy)
        ]
        found[day] = share(size, len(week))[week.index(day)]
    return found


def _part_of_contract(row: Row, day: CapacityDay | None) -> int | None:
    if day is None or day.contracted_us is None or row.get("allocation_ratio") is None:
        return None
    return int((Decimal(row["allocation_ratio"]) * day.contracted_us).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def booking_row(item: BookingDay) -> dict[str, object]:
    """As fct_allocation_days shows it."""
    return {
        "source": item.source,
        "source_record_id": item.record,
        "delivery_id": item.delivery_id,
        "allocation_date": item.day,
        "person": item.person,
        "is_placeholder": item.is_placeholder,
        "team": plain(item.team),
        "role": plain(item.role),
        "project": item.project,
        "booking_status": item.status,
        "allocation_basis": item.basis,
        "day_basis": item.day_basis,
        "allocated_us": item.allocated_us,
    }
