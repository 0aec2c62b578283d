"""What a person could have worked, day by day: contract, public holidays, approved leave.

Definitions: fct_capacity_days, DESIGN measures "contracted capacity" and "effective", invariant 3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.oracle.calendars import HOUR, days, share
from tests.oracle.organisation import Organisation, Policy
from tests.oracle.persons import WEEKDAYS, People
from tests.oracle.records import holding, resolve
from tests.oracle.texts import plain

#: Days of capacity after as_of (dbt_project.yml: capacity_days_after).
DAYS_AHEAD = 182


@dataclass(frozen=True)
class CapacityDay:
    """One person and day on which a roster knows the person; ``None`` is unknown."""

    person: str
    day: date
    team: str | None
    role: str | None
    place: str | None
    is_holiday: bool | None
    is_absent: bool
    contracted_us: int | None
    absent_us: int | None

    @property
    def is_working_day(self) -> bool | None:
        """One with hours, holidays taken off; a holiday of unknown hours is none."""
        if self.is_holiday and not self.contracted_us:
            return False
        return None if self.contracted_us is None else self.contracted_us > 0

    @property
    def effective_us(self) -> int | None:
        if self.contracted_us is None or self.absent_us is None:
            return None
        return self.contracted_us - self.absent_us


def capacity_days(
    organisation: Organisation, people: People, policy: Policy, first_day: date
) -> dict[tuple[str, date], CapacityDay]:
    """Capacity of everybody from ``first_day`` (that of the first month of data in the warehouse) to half a year ahead."""
    absences = absences_of(organisation, people)
    found = {}
    for person in people.facts:
        for day in days(first_day, policy.as_of + timedelta(days=DAYS_AHEAD)):
            if not people.is_employed(person, day):
                continue
            holiday = _is_holiday(organisation, people.attribute(person, day, "place"), day)
            contracted = contract_us(organisation, people, person, day, policy)
            if holiday and contracted is not None and not _works_on_holidays(organisation, people, person, day):
                contracted = 0
            leave = absences.get((person, day), {})
            found[person, day] = CapacityDay(
                person=person,
                day=day,
                team=people.attribute(person, day, "team_name"),
                role=people.attribute(person, day, "role_name"),
                place=people.attribute(person, day, "place"),
                is_holiday=holiday,
                is_absent=bool(leave),
                contracted_us=contracted,
                absent_us=None if contracted is None else _absent_us(leave, contracted),
            )
    return found


def contract_us(organisation: Organisation, people: People, person: str, day: date, policy: Policy) -> int | None:
    """Contract time of the day before holidays: that of the schedule's day, else the weekday's own, else the week's share.

    It is shared over the policy's working weekdays, of which the first after Sunday take the odd microseconds.
    """
    fact = people.hours(person, day)
    if plain(fact.get("work_schedule")):
        scheduled = _scheduled(organisation, fact["work_schedule"], day)
        return None if scheduled is None else int(scheduled["hours"] * HOUR)
    week = fact.get("contracted_week_us")
    pattern = [fact.get(name) for name in WEEKDAYS]
    if any(value is not None for value in pattern):
        said: int | None = pattern[day.isoweekday() - 1]
        if said is not None:
            return said
        is_all_said = week is not None and sum(value or 0 for value in pattern) >= week
        return 0 if is_all_said or day.isoweekday() not in policy.working_weekdays else None
    if week is None:
        return None
    working = sorted(policy.working_weekdays)
    weekday = day.isoweekday()
    return share(week, len(working))[working.index(weekday)] if weekday in working else 0


def _works_on_holidays(organisation: Organisation, people: People, person: str, day: date) -> bool:
    name = people.hours(person, day).get("work_schedule")
    scheduled = _scheduled(organisation, name, day) if name is not None and plain(name) else None
    return bool(scheduled and scheduled.get("is_worked_on_holidays"))


def _scheduled(organisation: Organisation, name: str, day: date) -> Mapping[str, Any] | None:
    """The schedule's line for the day, the cycle repeated both ways from its first day; None for a schedule nobody describes."""
    lines = [line for line in organisation.rows_of("work_schedules") if plain(line["work_schedule"]) == plain(name)]
    cycle = sorted(lines, key=lambda line: int(line["cycle_day"]))
    return cycle[(day - cycle[0]["cycle_start_date"]).days % len(cycle)] if cycle else None


def _is_holiday(organisation: Organisation, place: str | None, day: date) -> bool | None:
    """By the calendar of the place, else of its country; None where neither is known."""
    if place is None:
        return None
    for name in (place, place.split("-")[0]):
        calendar = [row["holiday_date"] for row in organisation.rows_of("holidays") if row["place"] == name]
        if calendar:
            return day in calendar
    return None


def absences_of(organisation: Organisation, people: People) -> dict[tuple[str, date], dict[str, list[dict[str, Any]]]]:
    """Approved absences by person and day, then by source. An account may change hands in between."""
    found: dict[tuple[str, date], dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for version in holding(resolve(organisation.of_stream("absences"), lambda source, row: None)):
        row = version.row
        if row["status"] != "approved":
            continue
        for day in days(row["start_date"], row["end_date"]):
            person = people.match(version.delivery.source, row, day=day)
            if person is not None:
                found[person, day][version.delivery.source].append(dict(row))
    return found


def _absent_us(leave: dict[str, list[dict[str, Any]]], contracted: int) -> int:
    """Leave of one source adds up, that of two sources is the same leave; never more than the contract."""
    return min(contracted, max((_of_source(rows, contracted) for rows in leave.values()), default=0))


def _of_source(rows: list[dict[str, Any]], contracted: int) -> int:
    total = Decimal(0)
    for row in rows:
        if row.get("day_ratio") is None and row.get("day_absent_us") is None:
            total += contracted
        total += Decimal(row.get("day_ratio") or 0) * contracted + (row.get("day_absent_us") or 0)
    return int(total.quantize(Decimal(1), rounding=ROUND_HALF_UP))
