"""Files of the two tools in which time is logged on tasks: Jira pages, Redmine CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from connectors.sample_org import calendars, redmine, trackers
from connectors.sample_org.jira import Jira
from connectors.sample_org.names import NOTES
from connectors.sample_org.office_files import month_numbers
from connectors.sample_org.planning import Bookings
from connectors.sample_org.record import US_PER_SECOND, Fault, FileTruth, Record
from connectors.sample_org.tasks import JIRA, REDMINE, Task, draw_tasks
from connectors.sample_org.time_entries import DAY_SECONDS, Entries, Scene, draw_month, join

UNRECONCILED = 7200


def all_months(scene: Scene, source: str, bookings: Bookings) -> Entries:
    months = [draw_month(scene, source, month) for month in scene.plan.month_list()]
    for number, entries in enumerate(months):
        bookings.add(number, entries)
    return join(months)


def write_jira(target: Path, scene: Scene, record: Record, bookings: Bookings) -> None:
    """Pages of issues by the month of their last update. Upserts: an issue is in the page of its latest
    state only.
    """
    plan = scene.plan
    offsets = calendars.offsets(plan)
    local = all_months(scene, "jira", bookings)
    entries = trackers.to_profile_zone(
        local, scene.days.place[local.person, local.day].astype(np.int64), offsets, "jira"
    )
    tasks = draw_tasks(scene, "jira", entries, JIRA)
    site = Jira(plan, scene.org, scene.portfolio, entries, offsets)
    folder = target / "inbox" / "jira"
    folder.mkdir(parents=True, exist_ok=True)
    moved, unreconciled = _pick_moved(tasks), _pick_unreconciled(tasks)
    months = month_numbers(plan.month_list(), np.array([task.updated for task in tasks]))
    for number, month in enumerate(plan.month_list()):
        mine = [task for task, of in zip(tasks, months, strict=True) if of == number]
        mine.sort(key=lambda task: (task.updated, task.number))
        issues = [site.issue(task, UNRECONCILED if task is unreconciled else 0) for task in mine]
        stem = f"jira_{month.label}_exported_{plan.exported_on(month).isoformat()}"
        for path, part in site.write_pages(folder, stem, issues):
            file = path.relative_to(target).as_posix()
            _count_page(record, file, part)
            _note(record, site, file, part, moved, unreconciled)


def _count_page(record: Record, file: str, issues: list[dict[str, Any]]) -> None:
    logs = [log for issue in issues for log in issue["fields"]["worklog"]["worklogs"]]
    us = sum(log["timeSpentSeconds"] for log in logs) * US_PER_SECOND
    items = sum(len(issue["changelog"]["histories"]) for issue in issues)
    record.files += [
        FileTruth("jira", "tasks", file, len(issues), 0),
        FileTruth("jira", "task_changes", file, items, 0),
        FileTruth("jira", "time_entries", file, len(logs), us),
    ]


def _pick_moved(tasks: list[Task]) -> Task:
    """A finished task whose due date was moved once."""
    moved = [t for t in tasks if t.completed and any(c.field == "due_date" for c in t.changes)]
    return moved[len(moved) // 2]


def _pick_unreconciled(tasks: list[Task]) -> Task:
    done = [t for t in tasks if t.completed and t.spent]
    return done[len(done) // 3]


def _note(record: Record, site: Jira, file: str, issues: list[dict[str, Any]], moved: Task, unreconciled: Task) -> None:
    for position, issue in enumerate(issues):
        number = int(issue["id"]) - 10_000
        if number == moved.number:
            change = next(c for c in moved.changes if c.field == "due_date")
            detail = {
                "key": issue["key"], "id": issue["id"],
                "first_due": site.plan.day(int(str(change.before))).isoformat(), "due": issue["fields"]["duedate"],
            }  # fmt: skip
            record.faults.append(
                Fault("moved_due_date", "task facts keep the first due date", "jira", file, [position], detail)
            )
        if number == unreconciled.number:
            detail = {
                "key": issue["key"], "id": issue["id"],
                "us_reported": issue["fields"]["timespent"] * US_PER_SECOND, "us_logged": unreconciled.spent * US_PER_SECOND,
            }  # fmt: skip
            record.faults.append(Fault("unreconciled_task", "task_totals_disagree", "jira", file, [position], detail))


def write_redmine(target: Path, scene: Scene, record: Record, bookings: Bookings) -> None:
    """Time entries month by month; all issues at the end of every third month and at the very end."""
    plan = scene.plan
    entries = all_months(scene, "redmine", bookings).sorted_by_start()
    tasks = draw_tasks(scene, "redmine", entries, REDMINE)
    site = redmine.Redmine(plan, scene.org, scene.portfolio, entries, tasks, redmine.task_numbers(tasks, len(entries)))
    folder = target / "inbox" / "redmine"
    folder.mkdir(parents=True, exist_ok=True)
    months = plan.month_list()
    for number, month in enumerate(months):
        inside = np.flatnonzero((entries.day >= month.first_index) & (entries.day <= month.last_index))
        path = folder / f"redmine_time_{month.label}_exported_{plan.exported_on(month).isoformat()}.csv"
        redmine.save(path, redmine.TIME_HEADERS, site.time_rows(inside, NOTES))
        us = int(entries.seconds[inside].sum()) * US_PER_SECOND
        record.files.append(FileTruth("redmine", "time_entries", path.relative_to(target).as_posix(), len(inside), us))
        last = number == len(months) - 1
        if number % 3 == 2 or last:
            rows = site.issue_rows((month.last_index + 1) * DAY_SECONDS - 1)
            path = folder / f"redmine_issues_{plan.exported_on(month).isoformat()}.csv"
            redmine.save(path, redmine.ISSUE_HEADERS, rows)
            file = path.relative_to(target).as_posix()
            record.files.append(FileTruth("redmine", "tasks", file, len(rows), 0, is_current=last))
