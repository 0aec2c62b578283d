"""Tasks: what was promised, each step of the life, how the promise ended.

Definitions: fct_tasks, DESIGN measures "completion" and "cycle time".
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.activities import person_date, source_zones
from tests.oracle.calendars import days, local_date, zone_named
from tests.oracle.organisation import Organisation, Policy
from tests.oracle.persons import People
from tests.oracle.projects import Projects
from tests.oracle.records import Version, holding, resolve
from tests.oracle.task_lives import Baseline, Histories, Span, elapsed_us
from tests.oracle.texts import plain

ASSIGNEE = "assignee"


@dataclass(frozen=True)
class Task:
    """One task in the version that holds."""

    source: str
    record: str
    person: str | None
    project: str | None
    team: str | None
    due_team: str | None
    is_done: bool
    is_cancelled: bool
    created_date: date | None
    started_at: datetime | None
    started_date: date | None
    first_blocked_at: datetime | None
    completed_at: datetime | None
    completed_date: date | None
    cancelled_at: datetime | None
    cancelled_date: date | None
    due_date: date | None
    baseline: Baseline
    outcome: str
    reopen_count: int | None
    is_history_known: bool
    blocked_us: int | None
    active_us: int | None
    cycle_us: int | None
    lead_us: int | None
    cycle_working_days: int | None
    lead_working_days: int | None
    age_days: int | None
    reported_spent_us: int | None
    spans: list[Span]
    observed_until: datetime

    @property
    def is_open(self) -> bool:
        return not self.is_done and not self.is_cancelled


class Tasks:
    """Every task of an organisation, judged."""

    def __init__(self, organisation: Organisation, people: People, projects: Projects, policy: Policy) -> None:
        self.people, self.projects, self.policy = people, projects, policy
        self.histories = Histories(organisation, policy)
        self.zones = source_zones(organisation)
        held = holding(resolve(organisation.of_stream("tasks"), lambda source, row: None))
        self.found = [self._task(version) for version in held]

    def _task(self, version: Version) -> Task:
        row, source = version.row, version.delivery.source
        category = row.get("status_category")
        is_done = category == "done" or (category is None and row.get("completed_at") is not None)
        is_cancelled = category == "cancelled"
        person = self._assignee(source, row)
        spans, is_known = self.histories.spans(version), self.histories.knows(version, "status")
        created = row.get("created_at")
        started = row.get("started_at") or (_first(spans, "active") if is_known else None)
        completed = (row.get("completed_at") or _entry(spans, "done")) if is_done else None
        cancelled = (row.get("completed_at") or _entry(spans, "cancelled")) if is_cancelled else None
        baseline = self.histories.baseline(version)
        dates = {
            name: self._date(person, source, moment)
            for name, moment in (
                ("created", created),
                ("started", started),
                ("completed", completed),
                ("cancelled", cancelled),
            )
        }
        ended = dates["completed"] or dates["cancelled"] or self.policy.as_of
        cycle, lead = _between(started, completed), _between(created, completed)
        until = self.histories.observed_until(version)
        return Task(
            source=source,
            record=row["source_record_id"],
            person=person,
            project=self.projects.match(source, row),
            team=self._team(person, ended, row),
            # A task that was never promised: the team of its finish, else of as_of.
            due_team=self._team(person, baseline.day or dates["completed"] or self.policy.as_of, row),
            is_done=is_done,
            is_cancelled=is_cancelled,
            created_date=dates["created"],
            started_at=started,
            started_date=dates["started"],
            first_blocked_at=_first(spans, "blocked") if is_known else None,
            completed_at=completed,
            completed_date=dates["completed"],
            cancelled_at=cancelled,
            cancelled_date=dates["cancelled"],
            due_date=row.get("due_date"),
            baseline=baseline,
            outcome=self._outcome(baseline, is_done, is_cancelled, dates["completed"]),
            reopen_count=_reopenings(spans) if is_known else None,
            is_history_known=is_known,
            blocked_us=_time_in(spans, "blocked", None, until) if is_known else None,
            active_us=_time_in(spans, "active", started, completed)
            if is_known and completed and started and cycle is not None
            else None,
            cycle_us=cycle,
            lead_us=lead,
            cycle_working_days=self._working_days(dates["started"], dates["completed"]),
            lead_working_days=self._working_days(dates["created"], dates["completed"]),
            age_days=None
            if is_done or is_cancelled or dates["started"] is None
            else (self.policy.as_of - dates["started"]).days + 1,
            reported_spent_us=row.get("reported_spent_us"),
            spans=spans,
            observed_until=until,
        )

    def _assignee(self, source: str, row: Any) -> str | None:
        if all(row.get(f"{ASSIGNEE}_{name}") is None for name in ("email", "number", "source_id", "name")):
            return None
        return self.people.match(source, row, ASSIGNEE)

    def _date(self, person: str | None, source: str, moment: datetime | None) -> date | None:
        """In the assignee's zone of that day, else the source's, else the policy's."""
        if moment is None:
            return None
        found = person_date(moment, person, self.people)
        zone: ZoneInfo | None = self.zones.get(source) or zone_named(self.policy.default_zone)
        assert zone is not None
        return found or local_date(moment, zone)

    def _team(self, person: str | None, day: date | None, row: Any) -> str | None:
        """The assignee's on the day, else the one the source names."""
        own = self.people.attribute(person, day, "team_name") if person and day else None
        return plain(own) or plain(row.get("team_name"))

    def _outcome(self, baseline: Baseline, is_done: bool, is_cancelled: bool, completed: date | None) -> str:
        if is_cancelled:
            return "cancelled"
        if baseline.day is None:
            return "no_due_date"
        if baseline.basis == "reported":
            return "unknown_baseline"
        if is_done and completed is None:
            return "finished_undated"
        if completed is not None:
            return "on_time" if completed <= baseline.day else "finished_late"
        return "overdue" if baseline.day < self.policy.as_of else "not_yet_due"

    def _working_days(self, first: date | None, last: date | None) -> int | None:
        """Weekdays of the policy, both ends counted."""
        if first is None or last is None or first > last:
            return None
        return sum(day.isoweekday() in self.policy.working_weekdays for day in days(first, last))


def _first(spans: list[Span], category: str) -> datetime | None:
    return next((span.first for span in spans if span.category == category), None)


def _entry(spans: list[Span], category: str) -> datetime | None:
    """Entry into the statuses of that kind that the task is in."""
    entry = None
    for span in reversed(spans):
        if span.category != category:
            break
        entry = span.first
    return entry


def _reopenings(spans: list[Span]) -> int:
    """Times it went from done back to work."""
    return sum(
        before.category == "done" and after.category in ("todo", "active", "blocked")
        for before, after in itertools.pairwise(spans)
    )


def _between(first: datetime | None, last: datetime | None) -> int | None:
    """None where either is unknown or they are in the wrong order."""
    if first is None or last is None or first > last:
        return None
    return elapsed_us(first, last)


def _time_in(spans: list[Span], category: str, first: datetime | None, last: datetime) -> int:
    """Time in statuses of that kind within two instants."""
    total = 0
    for span in spans:
        if span.category == category:
            start, end = max(span.first, first or span.first), min(span.last or last, last)
            total += max(elapsed_us(start, end), 0)
    return total


def span_rows(task: Task) -> list[dict[str, Any]]:
    """As fct_task_status_spans shows them; the status as it stands has lasted until somebody last looked."""
    return [
        {
            "source": task.source,
            "task": task.record,
            "project": task.project,
            "span_number": number,
            "status": span.status,
            "status_category": span.category,
            "started_at": span.first,
            "ended_at": span.last,
            "is_open": span.last is None,
            "is_reopening": number > 1 and _reopenings(task.spans[number - 2 : number]) == 1,
            "elapsed_us": max(elapsed_us(span.first, span.last or task.observed_until), 0),
        }
        for number, span in enumerate(task.spans, start=1)
    ]


def task_row(task: Task) -> dict[str, Any]:
    """As fct_tasks shows it."""
    return {
        "source": task.source,
        "source_record_id": task.record,
        "person": task.person,
        "project": task.project,
        "team": task.team,
        "is_open": task.is_open,
        "is_done": task.is_done,
        "is_cancelled": task.is_cancelled,
        "created_date": task.created_date,
        "started_at": task.started_at,
        "started_date": task.started_date,
        "first_blocked_at": task.first_blocked_at,
        "completed_at": task.completed_at,
        "completed_date": task.completed_date,
        "cancelled_at": task.cancelled_at,
        "due_date": task.due_date,
        "baseline_due_date": task.baseline.day,
        "baseline_basis": task.baseline.basis,
        "due_move_count": task.baseline.moves,
        "late_due_move_count": task.baseline.late_moves,
        "completion_outcome": task.outcome,
        "reopen_count": task.reopen_count,
        "is_status_history_known": task.is_history_known,
        "blocked_us": task.blocked_us,
        "active_us": task.active_us,
        "cycle_us": task.cycle_us,
        "lead_us": task.lead_us,
        "cycle_working_days": task.cycle_working_days,
        "lead_working_days": task.lead_working_days,
        "age_days": task.age_days,
    }
