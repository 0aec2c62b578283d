"""What a tool says was spent on a task against what its own log adds up to.

Definitions: fct_task_totals, mart_reconciliation__task.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tests.oracle.activities import Activity
from tests.oracle.organisation import Policy
from tests.oracle.tasks import Task

Row = dict[str, Any]


def task_totals(tasks: Iterable[Task], activities: Iterable[Activity], policy: Policy) -> list[Row]:
    """One row per task with a reported total or with entries; entries count whoever has authority over the hours."""
    logs: dict[tuple[str, str], list[Activity]] = defaultdict(list)
    by_source: dict[str, list[Activity]] = defaultdict(list)
    for activity in activities:
        if activity.kind == "time_entry":
            by_source[activity.source].append(activity)
            if activity.task is not None:
                logs[activity.source, activity.task].append(activity)
    listed = {(task.source, task.record): task for task in tasks}
    told = {key for key, task in listed.items() if task.reported_spent_us is not None} | set(logs)
    return [_row(*key, listed.get(key), logs.get(key, []), by_source[key[0]], policy) for key in told]


def _row(
    source: str, record: str, task: Task | None, log: list[Activity], whole_log: list[Activity], policy: Policy
) -> Row:
    known = [item.duration_us for item in log if item.duration_us is not None]
    logged = sum(known) if known or (whole_log and not log) else (0 if whole_log else None)
    reported = task.reported_spent_us if task else None
    row = {
        "task_key": hashlib.md5(f"{source}\x1f{record}".encode(), usedforsecurity=False).hexdigest(),
        "source": source,
        "is_task_known": task is not None,
        "first_work_date": min((item.first for item in log if item.first), default=None),
        "last_work_date": max((item.last for item in log if item.last), default=None),
        "entries": sum(item.part == 1 for item in log),
        "entries_without_duration": sum(item.part == 1 and item.duration_us is None for item in log),
        "reported_spent_us": reported,
        "logged_us": logged,
        "difference_us": None if logged is None or reported is None else logged - reported,
    }
    of_log = {item.project for item in log if item.project}
    row["project"] = (task and task.project) or (min(of_log) if len(of_log) == 1 else None)
    row["person"] = task.person if task else None
    return row | {"reason": _reason(row, task, whole_log, policy)}


def _reason(row: Row, task: Task | None, whole_log: list[Activity], policy: Policy) -> str:
    if task is None:
        return "task_unknown"
    if row["reported_spent_us"] is None:
        return "no_reported_total"
    if row["difference_us"] is None:
        return "no_log"
    if abs(row["difference_us"]) <= policy.reconciliation_tolerance_us:
        return "agrees"
    if row["entries_without_duration"]:
        return "entries_without_duration"
    if row["difference_us"] > 0:
        return "log_is_more"
    if not row["entries"]:
        return "nothing_logged"
    begun = min((item.first for item in whole_log if item.first), default=None)
    is_older = begun is not None and task.created_date is not None and task.created_date < begun
    return "log_starts_later" if is_older else "log_is_less"
