"""A made-up organisation of fourteen months: people who log as people do, sources that export on time, faults planted in both.

Nothing here knows the rules. People work part-time, are ill in waves, take leave that one in ten forgets to record, bridge a
Thursday's holiday, log more at the end of a month, join and leave.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from tests.detection.calendar_of import DAYS, FIRST, LAST, exports, holidays_of, working_days

HOUR_US = 3_600_000_000
SOURCES = 20
COUNTRIES = ("DE", "US", "GB", "FR", "IN", "NL", "PL", "CA")
#: A rule needs a past before it can judge.
JUDGED_FROM = date(2026, 1, 1)
#: Each day of these is a day on which somebody looks whether a source is silent.
WATCHED_FROM = date(2026, 9, 1)
SHORT = (0.0, 0.25, 0.5, 0.7, 0.85)
LONG = (1.2, 1.5, 2.0, 3.0)
SILENT = (1, 2, 3, 5)
UNLOGGED = (1, 2, 3, 5, 10)


@dataclass(frozen=True)
class Fault:
    """Something planted: whose, on which days, and how large."""

    rule: str
    size: str
    source: str
    start: date
    end: date
    person: str = ""


@dataclass
class Simulated:
    """Rows of the inputs by table, and what is wrong with them."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    entries: dict[str, list[np.ndarray[Any, Any]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def add(self, table: str, **row: Any) -> None:
        self.tables.setdefault(table, []).append(row)


def simulate(number: int, seed: int) -> Simulated:
    """Organisation ``number`` of a seed."""
    draw = np.random.default_rng([seed, number])
    made, name = Simulated(), f"o{number:03}"
    country = COUNTRIES[int(draw.integers(len(COUNTRIES)))]
    made.add("workspace.sources", source=f"{name}_hr", mode="full", zone="UTC")
    idle = working_days(country)[int(draw.integers(100, 180))]
    illness = _waves(draw)
    month_end, friday = draw.uniform(1, 1.3), draw.uniform(0.75, 1)
    for index in range(SOURCES):
        source = f"{name}_s{index:02}"
        rhythm = ("daily", "daily", "daily", "weekly", "monthly")[index % 5]
        _deliver(draw, made, source, country, rhythm)
        people = [f"{source}p{member}" for member in range(int(draw.integers(6, 20)))]
        made.faults.append(Fault("short", "a day off that nobody recorded", source, idle, idle))
        hours = np.array([_person(draw, made, name, person, country, idle, illness) for person in people])
        hours *= np.array([month_end if (day + timedelta(days=4)).month != day.month else 1.0 for day in DAYS])
        hours *= np.array([friday if day.isoweekday() == 5 else 1.0 for day in DAYS])
        _forget(draw, made, source, people, hours)
        _spoil(draw, made, source, country, hours)
        who, when = np.nonzero(hours > 0)
        _append(made, source, np.array(people, dtype=object)[who], when, hours[who, when])
    return made


def _waves(draw: np.random.Generator) -> np.ndarray[Any, Any]:
    """Share of people who are ill on each day: little, and twice a year for two weeks a lot."""
    ill = np.full(len(DAYS), 0.015)
    for first in draw.integers(60, len(DAYS) - 30, size=2):
        ill[first : first + 12] = draw.uniform(0.05, 0.15)
    return ill


def _deliver(draw: np.random.Generator, made: Simulated, source: str, country: str, rhythm: str) -> None:
    """The ledger of a source that exports on time, but for the exports that are left out."""
    made.add("workspace.sources", source=source, mode="changes", zone="UTC", rhythm=rhythm, owner="somebody")
    is_covered, turn = bool(draw.integers(2)), int(draw.integers(1, 3))
    plan = list(exports(country, rhythm, is_covered, turn))
    watched = [number for number, (moment, _) in enumerate(plan) if moment.date() >= WATCHED_FROM]
    left_out: set[int] = set()
    if draw.random() < 0.5 and len(watched) > 1:
        missing = int(draw.choice(SILENT)) if rhythm == "daily" else 1
        first = int(draw.choice(watched[:-missing] or watched[:1]))
        left_out = set(range(first, first + missing))
        until = plan[first + missing][0].date() if first + missing < len(plan) else LAST
        what = f"daily, {missing} working days" if rhythm == "daily" else f"{rhythm}, an export"
        made.faults.append(Fault("silent_sources", what, source, plan[first][0].date(), until))
    for number, (moment, covered) in enumerate(plan):
        if number not in left_out:
            made.add(
                "workspace.delivery_streams",
                delivery_id=f"{source}-{number}",
                source=source,
                stream="time_entries",
                format="test",
                mode="changes",
                coverage_from=FIRST if covered else None,
                coverage_to=covered,
                extracted_at=moment,
                sha256=f"{number:06}",
                is_complete=False,
                rows_read=0,
            )


def _person(
    draw: np.random.Generator,
    made: Simulated,
    name: str,
    person: str,
    country: str,
    idle: date,
    illness: np.ndarray[Any, Any],
) -> np.ndarray[Any, Any]:
    """Hours on each day; the roster and the recorded leave are added."""
    days_a_week = int(draw.choice((5, 5, 5, 5, 4, 3)))
    weekdays = set(draw.permutation(5)[:days_a_week] + 1)
    first = FIRST if draw.random() < 0.8 else FIRST + timedelta(days=int(draw.integers(20, 300)))
    last = LAST if draw.random() < 0.9 else first + timedelta(days=int(draw.integers(60, 200)))
    pattern = {
        f"{label}_us": (8 * HOUR_US if weekday in weekdays else 0)
        for weekday, label in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday"), start=1)
    }
    made.add(
        "streams.people",
        source=f"{name}_hr",
        source_record_id=person,
        delivery_id=f"{name}_hr",
        _row=1,
        is_deleted=False,
        person_email=f"{person}@example.org",
        valid_from_date=first,
        valid_from_basis="reported",
        left_date=last if last < LAST else None,
        employment_type="employee",
        place=country,
        zone="UTC",
        contracted_week_us=days_a_week * 8 * HOUR_US,
        saturday_us=0,
        sunday_us=0,
        **pattern,
    )
    hours = np.zeros(len(DAYS))
    usual, scatter, forgets = draw.uniform(6.5, 8.5), draw.uniform(0.05, 0.2), draw.uniform(0, 0.04)
    leave = _leave(draw, country, illness)
    for number, day in enumerate(DAYS):
        if not first <= day <= last or day.isoweekday() not in weekdays or day in holidays_of(country):
            continue
        if leave[number]:
            if draw.random() < 0.9:
                made.add(
                    "streams.absences",
                    source=f"{name}_hr",
                    source_record_id=f"{person} {day}",
                    delivery_id=f"{name}_hr",
                    _row=1,
                    is_deleted=False,
                    person_email=f"{person}@example.org",
                    start_date=day,
                    end_date=day,
                    status="approved",
                )
        elif day != idle and draw.random() >= forgets:
            hours[number] = max(usual * draw.normal(1, scatter), 0.25)
    return hours


def _leave(draw: np.random.Generator, country: str, illness: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Days on which somebody is away: ill, on holiday for some weeks of which one is Christmas, and on some bridge days."""
    away = draw.random(len(DAYS)) < illness
    for start in (*draw.integers(0, len(DAYS) - 10, size=2), (date(2025, 12, 20) - FIRST).days):
        away[start : start + int(draw.integers(5, 16))] = True
    for number, day in enumerate(DAYS):
        is_bridge = day.isoweekday() == 5 and day - timedelta(days=1) in holidays_of(country)
        away[number] |= is_bridge and draw.random() < 0.5
    return away


def _forget(draw: np.random.Generator, made: Simulated, source: str, people: list[str], hours: Any) -> None:
    """A person or two a source who log nothing for some of their days."""
    for member in draw.permutation(len(people))[:2]:
        worked = np.nonzero(hours[member])[0]
        size = int(draw.choice(UNLOGGED))
        if len(worked) < 120:
            continue
        first = int(draw.integers(60, len(worked) - 30))
        gone = worked[first : first + size]
        hours[member, gone] = 0
        made.faults.append(
            Fault("unlogged_days", f"{size} days", source, DAYS[gone[0]], DAYS[gone[-1]], people[member])
        )


def _spoil(draw: np.random.Generator, made: Simulated, source: str, country: str, hours: Any) -> None:
    """Two exports a source that are cut or hold entries twice, weeks apart."""
    days = [day for day in working_days(country) if JUDGED_FROM <= day < WATCHED_FROM - timedelta(days=14)]
    half = len(days) // 2
    for part in (days[: half - 10], days[half:]):
        length = int(draw.choice((1, 3)))
        first = int(draw.integers(0, len(part) - length))
        spoilt = part[first : first + length]
        factor = float(draw.choice(SHORT + LONG))
        for day in spoilt:
            number = (day - FIRST).days
            if factor < 1:
                hours[draw.random(len(hours)) >= factor, number] = 0
            else:
                hours[:, number] *= np.where(
                    draw.random(len(hours)) < factor - int(factor), int(factor) + 1, int(factor)
                )
        rule = "short" if factor < 1 else "long"
        made.faults.append(Fault(rule, f"{factor:.0%} of the rows, {length} days", source, spoilt[0], spoilt[-1]))


def _append(made: Simulated, source: str, people: Any, when: Any, hours: Any) -> None:
    made.entries.setdefault("source", []).append(np.full(len(when), source, dtype=object))
    made.entries.setdefault("person_email", []).append(people + "@example.org")
    made.entries.setdefault("work_date", []).append(np.array(DAYS, dtype="datetime64[D]")[when])
    made.entries.setdefault("duration_us", []).append(np.rint(hours * 4).astype(np.int64) * (HOUR_US // 4))
