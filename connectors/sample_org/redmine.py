"""Redmine's CSV exports: time entries without ids, and issues as they stand. ISO-8859-1, US dates, names
instead of addresses.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from connectors.sample_org.organisation import Organisation
from connectors.sample_org.plan import Plan
from connectors.sample_org.projects import Portfolio, Project
from connectors.sample_org.spelling import Ints
from connectors.sample_org.tasks import REDMINE, Task
from connectors.sample_org.time_entries import DAY_SECONDS, Entries

TIME_HEADERS = (
    "Project", "Date", "Created", "Week", "Author", "User", "Activity", "Issue", "Tracker", "Status", "Category",
    "Target version", "Comment", "Hours",
)  # fmt: skip
ISSUE_HEADERS = (
    "#", "Project", "Tracker", "Parent task", "Parent task subject", "Status", "Priority", "Subject", "Author",
    "Assignee", "Updated", "Category", "Target version", "Start date", "Due date", "Estimated time",
    "Total estimated time", "Spent time", "Total spent time", "% Done", "Created", "Closed", "Last updated by",
    "Related issues", "Files", "Private",
)  # fmt: skip
TRACKER = {"Task": "Task", "Story": "Feature", "Bug": "Bug"}


def project_name(project: Project) -> str:
    """Redmine knows client projects under names of its own; reference/projects_crosswalk.csv translates."""
    return project.name if project.is_internal else f"Infra {project.code} {project.client}"


@dataclass(frozen=True)
class Redmine:
    plan: Plan
    org: Organisation
    portfolio: Portfolio
    entries: Entries
    tasks: list[Task]
    task_of_entry: Ints

    def date(self, day: int) -> str:
        return self.plan.day(day).strftime("%m/%d/%Y")

    def moment(self, seconds: int) -> str:
        day, second = divmod(int(seconds), DAY_SECONDS)
        hour = second // 3600
        half = "AM" if hour < 12 else "PM"
        return f"{self.date(day)} {(hour + 11) % 12 + 1:02d}:{second // 60 % 60:02d} {half}"

    def time_rows(self, positions: Ints, notes: tuple[str, ...]) -> list[list[str]]:
        """Rows of the time report for entries at ``positions``, latest first as Redmine lists them."""
        names, activities = self.org.people, self.portfolio.activities
        rows = []
        for i in positions[::-1].tolist():
            e = self.entries
            task = self.tasks[int(self.task_of_entry[i])]
            day = int(e.day[i])
            user = names[int(e.person[i])].name
            rows.append(
                [
                    project_name(self.portfolio.projects[int(e.project[i])]),
                    self.date(day),
                    self.moment(day * DAY_SECONDS + int(e.start[i] + e.seconds[i])),
                    str(self.plan.day(day).isocalendar().week),
                    user,
                    user,
                    activities[int(e.activity[i])],
                    f"{TRACKER[task.kind]} #{task.number}: {task.subject}",
                    TRACKER[task.kind],
                    task.status,
                    "",
                    "",
                    notes[int(e.note[i])],
                    f"{e.seconds[i] / 3600:.2f}",
                ]
            )
        return rows

    def issue_rows(self, until: int) -> list[list[str]]:
        """Issues as they stood at ``until`` (seconds from the plan's start), latest first."""
        return [self._issue(task, until) for task in reversed(self.tasks) if task.created <= until]

    def _issue(self, task: Task, until: int) -> list[str]:
        seen = [change for change in task.changes if change.at <= until]
        later = [change for change in task.changes if change.at > until]

        def value(field: str, present: str | None) -> str | None:
            """What the field held at ``until``: what the first later change found there, else what it holds
            now.
            """
            return next((change.before for change in later if change.field == field), present)

        status = value("status", task.status) or ""
        due = value("due_date", None if task.due is None else str(task.due))
        estimate = value("estimate", None if task.estimate is None else str(task.estimate))
        assignee = value("assignee", str(task.assignee))
        e = self.entries
        mine = [i for i in task.entries if int(e.day[i]) * DAY_SECONDS + int(e.start[i] + e.seconds[i]) <= until]
        spent = sum(int(e.seconds[i]) for i in mine)
        closed = status == REDMINE.done
        closed_at = max((c.at for c in seen if c.field == "status"), default=0) if closed else 0
        updated = max([task.created, *(c.at for c in seen), *(self._end(i) for i in mine)])
        hours = "" if estimate is None else f"{int(estimate) / 3600:.2f}"
        return [
            str(task.number), project_name(self.portfolio.projects[task.project]), TRACKER[task.kind], "", "", status,
            "Normal" if task.number % 5 else "High", task.subject, self.org.people[task.reporter].name,
            self.org.people[int(assignee or 0)].name, self.moment(updated), "", "",
            self.date(task.created // DAY_SECONDS), "" if due is None else self.date(int(due)), hours, hours,
            f"{spent / 3600:.2f}", f"{spent / 3600:.2f}", "100" if closed else "0", self.moment(task.created),
            self.moment(closed_at) if closed else "", "", "", "", "No",
        ]  # fmt: skip

    def _end(self, i: int) -> int:
        return int(self.entries.day[i]) * DAY_SECONDS + int(self.entries.start[i] + self.entries.seconds[i])


def save(path: Path, headers: tuple[str, ...], rows: list[list[str]]) -> None:
    """Write as Redmine does: ISO-8859-1, a character outside it becomes a question mark."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode("iso-8859-1", "replace"))


def task_numbers(tasks: list[Task], count: int) -> Ints:
    """For each entry the position of its task in the list."""
    out = np.zeros(count, np.int64)
    for position, task in enumerate(tasks):
        out[task.entries] = position
    return out
