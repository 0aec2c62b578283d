"""Evidence of work beside the logged hours, and who is not seen because their tool is not connected.

Definitions: mart_capture_gap__person_week, mart_fairness__population_month.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from tests.oracle.activities import Activity
from tests.oracle.calendars import FOREVER, HOUR, ONE_DAY, month_end, month_of, week_of
from tests.oracle.capacity_days import CapacityDay
from tests.oracle.gap_counts import MEMBERS, settled
from tests.oracle.organisation import Policy
from tests.oracle.persons import People
from tests.oracle.utilisation import ratio

Row = dict[str, Any]
Capacity = Mapping[tuple[str, date], CapacityDay]


def logged_days(activities: Iterable[Activity]) -> set[tuple[str, date]]:
    """Days with counted time; those of a period are all of its days."""
    return {
        (str(item.person), day)
        for item in activities
        if item.is_counted and item.duration_us and item.duration_us > 0
        for day in item.covered()
    }


def capture_gaps(people: People, capacity: Capacity, activities: list[Activity], policy: Policy) -> list[Row]:
    """One row per person of a roster and week with evidence up to as_of."""
    logged = logged_days(activities)
    weeks: dict[tuple[str, date], list[Activity]] = defaultdict(list)
    for item in activities:
        is_evidence = item.not_counted_reason in ("evidence", "other_source_has_authority")
        is_dated = item.first is not None and not item.is_period and item.first <= policy.as_of
        if is_evidence and is_dated and item.kind != "process_span" and item.person and people.knows(item.person):
            assert item.first is not None
            weeks[item.person, week_of(item.first, policy.week_starts_on)].append(item)
    return [_week(person, start, own, logged, capacity, activities) for (person, start), own in weeks.items()]


def _week(
    person: str,
    start: date,
    own: list[Activity],
    logged: set[tuple[str, date]],
    capacity: Capacity,
    activities: list[Activity],
) -> Row:
    end = start + timedelta(days=6)
    by_day: dict[date, dict[str, list[int | None]]] = defaultdict(lambda: defaultdict(list))
    for item in own:
        assert item.first is not None
        by_day[item.first][item.source].append(item.duration_us)
    shown = {day: _shown(sources) for day, sources in by_day.items()}
    known = {day: us for day, us in shown.items() if us is not None}
    leave = [us for day, us in known.items() if _is_on_leave(capacity.get((person, day)))]
    unlogged = [day for day in by_day if (person, day) not in logged]
    counted, is_partly = _counted(person, start, end, activities)
    evidence = sum(known.values()) if known else None
    return {
        "person": person,
        "week_start_date": start,
        "week_end_date": end,
        "interaction_count": sum(item.kind == "interaction" for item in own),
        "overruled_entry_count": sum(item.kind == "time_entry" and item.part == 1 for item in own),
        "unmeasured_count": sum(item.duration_us is None for item in own),
        "evidence_hours": None if evidence is None else evidence / HOUR,
        "evidence_hours_on_leave": None if evidence is None else sum(leave) / HOUR,
        "unlogged_evidence_days": len(unlogged),
        "unlogged_evidence_hours": None if evidence is None else sum(known.get(day, 0) for day in unlogged) / HOUR,
        "counted_hours": counted / HOUR,
        "is_partly_counted": is_partly,
        "capture_gap_hours": None if evidence is None or is_partly else max(evidence - sum(leave) - counted, 0) / HOUR,
        MEMBERS: {person},
    }


def _shown(sources: Mapping[str, list[int | None]]) -> int | None:
    """Two sources may show the same hour: the one that shows most."""
    sums = [
        sum(us for us in found if us is not None) for found in sources.values() if any(us is not None for us in found)
    ]
    return max(sums, default=None)


def _is_on_leave(day: CapacityDay | None) -> bool:
    return day is not None and day.is_absent and day.effective_us == 0


def _counted(person: str, start: date, end: date, activities: list[Activity]) -> tuple[int, bool]:
    """Time that counts in the week, periods that lie in it included, and whether a period reaches into it from another."""
    total, is_partly = 0, False
    for item in activities:
        if item.person != person or not item.is_counted or item.first is None or item.last is None:
            continue
        if item.first > end or item.last < start:
            continue
        if start <= item.first and item.last <= end:
            total += item.duration_us or 0
        else:
            is_partly = True
    return total, is_partly


def fairness(everybody: list[People], capacity: Capacity, activities: list[Activity], policy: Policy) -> list[Row]:
    """One row per month and population: everybody, those of a place, of a kind of contract, of part or full time."""
    logged = logged_days(activities)
    usual = _usual_weeks(everybody)
    of_person = {person: people for people in everybody for person in people.facts}
    cells: dict[tuple[date, str, str | None], list[CapacityDay]] = defaultdict(list)
    for item in capacity.values():
        if item.day > policy.as_of:
            continue
        people = of_person[item.person]
        week = people.hours(item.person, item.day).get("contracted_week_us")
        part = None if week is None else ("part_time" if week < usual[item.place] else "full_time")
        for kind, population in (
            ("everybody", None),
            ("place", item.place),
            ("employment_type", people.attribute(item.person, item.day, "employment_type")),
            ("working_time", part),
        ):
            cells[month_of(item.day), kind, population].append(item)
    rows = [_population(*key, cell, logged, policy) for key, cell in cells.items()]
    of_all = {row["month_start_date"]: row["logged_day_ratio"] for row in rows if row["population_kind"] == "everybody"}
    for row in rows:
        whole, own = of_all[row["month_start_date"]], row["logged_day_ratio"]
        row["logged_day_ratio_difference"] = None if own is None or whole is None else own - whole
    return rows


def _usual_weeks(everybody: list[People]) -> dict[str | None, int]:
    """Weekly time that most people of a place have had at some time; of two that are as common the longer."""
    found: dict[str | None, Counter[int]] = defaultdict(Counter)
    for people in everybody:
        for person, facts in people.facts.items():
            moments = {fact.first for fact in facts}
            moments |= {fact.last + ONE_DAY for fact in facts if fact.last < FOREVER}
            had = {
                (people.attribute(person, day, "place"), people.hours(person, day).get("contracted_week_us"))
                for day in moments
                if people.is_employed(person, day)
            }
            for place, week in had:
                if week is not None:
                    found[place][week] += 1
    return {place: max(weeks, key=lambda week: (weeks[week], week)) for place, weeks in found.items()}


def _population(
    month: date,
    kind: str,
    population: str | None,
    cell: list[CapacityDay],
    logged: set[tuple[str, date]],
    policy: Policy,
) -> Row:
    is_logged: Callable[[CapacityDay], bool] = lambda item: (item.person, item.day) in logged  # noqa: E731
    persons, logging = {item.person for item in cell}, {item.person for item in cell if is_logged(item)}
    working = [item for item in cell if item.effective_us]
    unknown = sum(item.effective_us is None for item in cell)
    done = sum(map(is_logged, working))
    return {
        "month_start_date": month,
        "population_kind": kind,
        "population": population,
        "person_count": len(persons),
        "logging_person_count": len(logging),
        "person_days": len(cell),
        "unknown_capacity_days": unknown,
        "working_person_days": len(working),
        "logged_person_days": done,
        "logging_person_ratio": ratio(len(logging), len(persons)),
        "logged_day_ratio": ratio(done, len(working)),
        "is_complete": month_end(month) <= settled(policy) and not unknown,
        MEMBERS: persons,
    }
