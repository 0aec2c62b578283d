"""Days people are due to work: contract pattern, public holidays, leave; and the clock of each zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from connectors.sample_org.organisation import Organisation, weekday_of
from connectors.sample_org.plan import Plan
from connectors.sample_org.teams import PLACES, ZONE_OF_PLACE

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int16]
MINUTES, TEAM, PLACE = 0, 1, 2


@dataclass(frozen=True)
class Days:
    """Person × day grids, int16. ``due`` minutes planned by contract (0 outside employment), ``team`` (-1
    outside), ``place``.
    """

    due: Small
    team: Small
    place: Small
    holiday: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Absence:
    person: int
    kind: str
    first: int
    last: int
    part: str  # full, half, or minutes as text
    minutes: int | None
    status: str


def build_days(plan: Plan, org: Organisation) -> Days:
    """Fill the grids from the spans of each person."""
    count = len(org.people)
    due = np.zeros((count, plan.days), np.int16)
    team = np.full((count, plan.days), -1, np.int16)
    place = np.full((count, plan.days), -1, np.int16)
    weekday = weekday_of(plan)
    for index, person in enumerate(org.people):
        for span in person.spans:
            first, last = max(span.first, 0), min(span.last, plan.days - 1)
            if first > last:
                continue
            pattern = np.array(span.hours.worked(), np.int16)
            days = slice(first, last + 1)
            due[index, days] = 0 if person.employment_type == "system" else pattern[weekday[days]]
            team[index, days] = span.team
            place[index, days] = PLACES.index(span.place)
    off = holiday_grid(plan)
    holiday = np.where(place >= 0, off[np.maximum(place, 0), np.arange(plan.days)[None, :]], False)
    return Days(due, team, place, holiday)


def holiday_grid(plan: Plan) -> npt.NDArray[np.bool_]:
    """Place × day: True on a public holiday."""
    import holidays

    grid = np.zeros((len(PLACES), plan.days), bool)
    years = range(plan.start.year, plan.until.year + 1)
    for number, place in enumerate(PLACES):
        country, _, part = place.partition("-")
        for day in holidays.country_holidays(country, subdiv=part or None, years=years):
            index = plan.index(day)
            if 0 <= index < plan.days:
                grid[number, index] = True
    return grid


def offsets(plan: Plan) -> Ints:
    """Place × day: seconds east of UTC at local noon. Work across the change of clocks is planted apart."""
    grid = np.zeros((len(PLACES), plan.days), np.int64)
    for number, place in enumerate(PLACES):
        zone = ZoneInfo(ZONE_OF_PLACE[place])
        for index in range(plan.days):
            shift = datetime.combine(plan.day(index), time(12), zone).utcoffset()
            assert shift is not None
            grid[number, index] = int(shift.total_seconds())
    return grid


def clock_changes(plan: Plan, zone: str) -> list[tuple[int, int]]:
    """Days on which the zone's clock changes, with the change in seconds (+3600 spring, -3600 autumn)."""
    out = []
    for index in range(plan.days):
        day = plan.day(index)
        start = datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)
        end = datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(zone)).astimezone(UTC)
        change = 86400 - int((end - start).total_seconds())
        if change:
            out.append((index, change))
    return out


def draw_absences(plan: Plan, org: Organisation) -> list[Absence]:
    """Leave in blocks, sick days, half days, leave by the hour, and requests that came to nothing."""
    rng = plan.rng("absences")
    out: list[Absence] = []
    for index, person in enumerate(org.people):
        if person.employment_type == "system":
            continue
        first, last = max(person.hired, 0), min(person.left or plan.days - 1, plan.days - 1)
        if last - first < 14:
            continue
        for _ in range(max(1, round((last - first) / 365 * 5))):
            begin = int(rng.integers(first, last - 9))
            length = int(rng.choice((1, 2, 3, 5, 7, 10), p=(0.2, 0.15, 0.15, 0.25, 0.15, 0.1)))
            status = str(rng.choice(("approved", "requested", "rejected", "cancelled"), p=(0.92, 0.03, 0.02, 0.03)))
            out.append(Absence(index, "Annual leave", begin, min(begin + length - 1, last), "full", None, status))
        for _ in range(int(rng.poisson((last - first) / 365 * 3))):
            begin = int(rng.integers(first, last))
            out.append(
                Absence(
                    index,
                    "Sick leave",
                    begin,
                    min(begin + int(rng.integers(0, 4)), last),
                    "full",
                    None,
                    "approved",
                )
            )
        if rng.random() < 0.35:
            day = int(rng.integers(first, last))
            out.append(Absence(index, "Annual leave", day, day, "half", None, "approved"))
        if rng.random() < 0.12:
            day = int(rng.integers(first, last))
            out.append(Absence(index, "Care leave", day, day, "hours", 120, "approved"))
    return sorted(out, key=lambda a: (a.first, a.person, a.last, a.kind))


def absent_ratio(plan: Plan, absences: list[Absence], due: Small) -> npt.NDArray[np.float32]:
    """Person × day: part of the day away on approved leave, 0 to 1."""
    grid = np.zeros(due.shape, np.float32)
    for absence in absences:
        if absence.status != "approved":
            continue
        days = slice(absence.first, absence.last + 1)
        if absence.part == "full":
            grid[absence.person, days] = 1.0
        elif absence.part == "half":
            grid[absence.person, days] = np.maximum(grid[absence.person, days], 0.5)
        else:
            planned = np.maximum(due[absence.person, days], 1)
            share = np.minimum((absence.minutes or 0) / planned, 1.0)
            grid[absence.person, days] = np.maximum(grid[absence.person, days], share)
    return grid
