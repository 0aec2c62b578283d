"""Completion of a project or a team by week.

Definitions: mart_completion__*, DESIGN measure "completion". A promise stands in the week of its baseline and
belongs to the team of that day; a finish stands in its own week and belongs to the team of that day.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.oracle.calendars import HOUR, week_of
from tests.oracle.gap_counts import MEMBERS
from tests.oracle.organisation import Policy
from tests.oracle.tasks import Task
from tests.oracle.utilisation import hours_of, ratio

DUE = ("on_time", "finished_late", "overdue", "not_yet_due")
OUTSIDE = ("unknown_baseline", "no_due_date", "finished_undated", "cancelled")


@dataclass
class Cell:
    """Promises and finishes of one row."""

    promised: list[Task] = field(default_factory=list)
    finished: list[Task] = field(default_factory=list)


def completion_of_projects(tasks: Iterable[Task], policy: Policy) -> list[dict[str, Any]]:
    """One row per project and week."""
    return _completion("project", lambda task: task.project, lambda task: task.project, list(tasks), policy)


def completion_of_teams(tasks: Iterable[Task], policy: Policy) -> list[dict[str, Any]]:
    """One row per team and week."""
    return _completion("team", lambda task: task.due_team, lambda task: task.team, list(tasks), policy)


def _completion(
    subject: str,
    of_promise: Callable[[Task], str | None],
    of_finish: Callable[[Task], str | None],
    tasks: list[Task],
    policy: Policy,
) -> list[dict[str, Any]]:
    cells: dict[tuple[str | None, date], Cell] = defaultdict(Cell)
    for task in tasks:
        placed = task.baseline.day or task.due_date or task.completed_date or task.created_date or policy.as_of
        cells[of_promise(task), week_of(placed, policy.week_starts_on)].promised.append(task)
        if task.completed_date is not None:
            cells[of_finish(task), week_of(task.completed_date, policy.week_starts_on)].finished.append(task)
    return [
        {
            subject: owner,
            MEMBERS: {(task.source, task.project) for task in (*cell.promised, *cell.finished)},
            "week_start_date": start,
            "week_end_date": start + timedelta(days=6),
            "is_week_over": start + timedelta(days=6) < policy.as_of,
            **_promises(cell.promised, start + timedelta(days=6)),
            **_finishes(cell.finished),
            "wip_tasks": _in_progress([task for task in tasks if of_finish(task) == owner], start, policy),
        }
        for (owner, start), cell in cells.items()
    ]


def _promises(tasks: list[Task], week_end: date) -> dict[str, Any]:
    ended = Counter(task.outcome for task in tasks)
    due = sum(ended[outcome] for outcome in DUE)
    in_time = sum(
        task.outcome in ("on_time", "finished_late")
        and task.completed_date is not None
        and task.completed_date <= week_end
        for task in tasks
    )
    finished = ended["on_time"] + ended["finished_late"]
    return {
        "placed_tasks": len(tasks),
        "due_tasks": due,
        "completed_by_week_end_tasks": in_time,
        **{f"{outcome}_tasks": ended[outcome] for outcome in (*DUE, *OUTSIDE)},
        "late_tasks": ended["finished_late"] + ended["overdue"],
        "moved_tasks": sum((task.baseline.moves or 0) > 0 for task in tasks),
        "moved_late_tasks": sum((task.baseline.late_moves or 0) > 0 for task in tasks),
        "completion_ratio": ratio(in_time, due),
        "on_time_ratio": ratio(ended["on_time"], due),
        "finished_due_tasks": finished,
        "on_time_of_finished_ratio": ratio(ended["on_time"], finished),
        "judged_ratio": ratio(due, due + ended["unknown_baseline"] + ended["finished_undated"]),
    }


def _finishes(tasks: list[Task]) -> dict[str, Any]:
    cycles = [task.cycle_us for task in tasks if task.cycle_us is not None]
    leads = [task.lead_us for task in tasks if task.lead_us is not None]
    reopened = [task.reopen_count for task in tasks if task.reopen_count is not None]
    flowing = [task for task in tasks if task.active_us is not None]
    active, elapsed = (
        hours_of(task.active_us for task in flowing),
        hours_of(task.cycle_us for task in flowing),
    )
    return {
        "throughput_tasks": len(tasks),
        "measured_cycle_tasks": len(cycles),
        "cycle_hours": hours_of(cycles),
        "median_cycle_hours": statistics.median(cycles) / HOUR if cycles else None,
        "measured_lead_tasks": len(leads),
        "lead_hours": hours_of(leads),
        "blocked_hours": hours_of(task.blocked_us for task in tasks),
        "active_hours": active,
        "flow_cycle_hours": elapsed,
        "flow_efficiency_ratio": ratio(active, elapsed),
        "reopenings": sum(reopened) if reopened else None,
    }


def _in_progress(tasks: list[Task], start: date, policy: Policy) -> int | None:
    """Started and not ended at the end of the week; None for weeks to come."""
    if start > policy.as_of:
        return None
    end = start + timedelta(days=6)
    return sum(
        task.started_date is not None
        and task.started_date <= end
        and (task.is_open or (task.completed_date or task.cancelled_date or date.min) > end)
        for task in tasks
    )
