"""Utilisation of a person, a team, a week, a month, with its parts.

Definitions: mart_utilisation__*, DESIGN invariants 4 and 5, measures.csv.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.oracle.activities import Activity
from tests.oracle.calendars import HOUR, month_end, month_of, week_of
from tests.oracle.capacity_days import CapacityDay
from tests.oracle.gap_counts import MEMBERS
from tests.oracle.organisation import Organisation, Policy
from tests.oracle.texts import plain

Days = dict[tuple[str, date], CapacityDay]
Row = dict[str, Any]


@dataclass(frozen=True)
class Grain:
    """Whose and how long: the subject of a day or an activity, and first and last day of the period around a day."""

    subject: str
    of_day: Callable[[CapacityDay], str | None]
    of_activity: Callable[[Activity], str | None]
    start: str
    first: Callable[[date], date]
    last: Callable[[date], date]

    def holds(self, activity: Activity) -> bool:
        """Whether a row has all the days of the activity: the bucket, and where rows are of teams, one team."""
        is_owned = self.subject != "team" or activity.is_of_one_team
        return bool(is_owned and activity.first and activity.last and activity.last <= self.last(activity.first))


@dataclass
class Cell:
    """What falls into one row."""

    days: list[CapacityDay] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)


def person_week(policy: Policy) -> Grain:
    """One row per person and week."""
    return Grain("person", lambda day: day.person, lambda activity: activity.person, "week_start_date", *_week(policy))


def team_week(policy: Policy) -> Grain:
    """One row per team of the day and week."""
    return Grain("team", lambda day: plain(day.team), lambda act: plain(act.team), "week_start_date", *_week(policy))


def team_month() -> Grain:
    """One row per team of the day and month."""
    return Grain(
        "team", lambda day: plain(day.team), lambda act: plain(act.team), "month_start_date", month_of, month_end
    )


def _week(policy: Policy) -> tuple[Callable[[date], date], Callable[[date], date]]:
    def first(day: date) -> date:
        return week_of(day, policy.week_starts_on)

    return first, lambda day: first(day) + timedelta(days=6)


def utilisation(
    grain: Grain, organisation: Organisation, capacity: Days, activities: Iterable[Activity], policy: Policy
) -> list[Row]:
    """Rows of the mart of that grain."""
    cells: dict[tuple[str | None, date], Cell] = defaultdict(Cell)
    for day in capacity.values():
        if day.day <= policy.as_of:
            cells[grain.of_day(day), grain.first(day.day)].days.append(day)
    for activity in activities:
        if activity.is_counted and activity.first is not None:
            cells[grain.of_activity(activity), grain.first(activity.first)].activities.append(activity)
    overlapping = overlapping_periods(grain, activities)
    rows = []
    for (subject, start), cell in cells.items():
        people = {day.person for day in cell.days} | {activity.person for activity in cell.activities}
        row = {grain.subject: subject, grain.start: start, **_measures(cell, grain, capacity, policy)}
        row[MEMBERS] = people
        row["overlapping_period_hours"] = sum(overlapping[person, start] for person in people)
        if grain.subject == "person":
            row["team"] = plain(max(cell.days, key=lambda day: day.day).team) if cell.days else None
        else:
            row["person_count"] = len(people)
            row["utilisation_target_ratio"] = _target(organisation, subject, start)
        rows.append(row)
    return rows


def overlapping_periods(grain: Grain, activities: Iterable[Activity]) -> dict[tuple[str | None, date], float]:
    """Hours of what no row holds, by person and each week or month that it reaches into."""
    found: dict[tuple[str | None, date], float] = defaultdict(float)
    for activity in activities:
        if activity.is_counted and activity.first and not grain.holds(activity):
            for start in {grain.first(day) for day in activity.covered()}:
                found[activity.person, start] += _sum([activity])
    return found


def _measures(cell: Cell, grain: Grain, capacity: Days, policy: Policy) -> Row:
    known = [day for day in cell.days if day.contracted_us is not None]
    placed: list[Activity] = []
    unplaced: list[Activity] = []
    for activity in cell.activities:
        assert activity.first is not None and activity.last is not None
        (placed if grain.holds(activity) else unplaced).append(activity)
    inside = [activity for activity in placed if _is_capacity_known(activity, capacity, policy)]
    outside = [activity for activity in placed if activity not in inside]
    effective = hours_of(day.effective_us for day in known)
    counted, with_capacity = _sum(cell.activities), _sum(inside)
    billable = [activity for activity in cell.activities if activity.is_billable]
    billable_with_capacity = _sum(activity for activity in inside if activity.is_billable)
    return {
        "person_days": len(cell.days),
        "unknown_capacity_days": len(cell.days) - len(known),
        "contracted_hours": hours_of(day.contracted_us for day in known),
        "absent_hours": hours_of(day.absent_us for day in known),
        "effective_capacity_hours": effective,
        "counted_hours": counted,
        "billable_hours": _sum(billable),
        "counted_hours_with_capacity": with_capacity,
        "billable_hours_with_capacity": billable_with_capacity,
        "billable_unstated_hours": _sum(item for item in cell.activities if item.is_billable is None),
        "hours_without_capacity": _sum(outside),
        "unplaced_hours": _sum(unplaced),
        "utilisation_ratio": ratio(with_capacity, effective),
        "billable_utilisation_ratio": ratio(billable_with_capacity, effective),
        "billable_mix_ratio": ratio(_sum(billable), counted),
        "coverage_ratio": ratio(with_capacity, counted),
    }


def _is_capacity_known(activity: Activity, capacity: Days, policy: Policy) -> bool:
    """On each of its days, none of them to come."""
    return all(
        day <= policy.as_of
        and (str(activity.person), day) in capacity
        and capacity[str(activity.person), day].contracted_us is not None
        for day in activity.covered()
    )


def _target(organisation: Organisation, team: str | None, start: date) -> float | None:
    """The team's target on the first day: not that of a role, and the latest where several hold."""
    holding = [
        row
        for row in organisation.rows_of("targets")
        if team is not None
        and plain(row.get("team_name")) == team
        and row.get("role_name") is None
        and (row.get("valid_from_date") or date.min) <= start <= (row.get("valid_to_date") or date.max)
    ]
    latest = max(holding, key=lambda row: row.get("valid_from_date") or date.min, default=None)
    return latest["utilisation_target_ratio"] if latest else None


def hours_of(values: Iterable[int | None]) -> float | None:
    """Known microseconds as hours after summing; None where none is known."""
    known = [value for value in values if value is not None]
    return sum(known) / HOUR if known else None


def _sum(activities: Iterable[Activity]) -> float:
    """Hours of activities; one without a duration adds nothing and is told as a gap."""
    return hours_of(activity.duration_us for activity in activities) or 0.0


def ratio(numerator: float | None, denominator: float | None) -> float | None:
    """None where the denominator is 0 or unknown."""
    return numerator / denominator if numerator is not None and denominator else None
