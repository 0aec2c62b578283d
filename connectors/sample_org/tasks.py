"""Tasks, made from the time logged on them: runs of a person's entries on one project become a task with a
history.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from connectors.sample_org.spelling import Ints
from connectors.sample_org.time_entries import DAY_SECONDS, Entries, Scene

BOT = 1  # the system account moves some tasks to review
TYPES = ("Task", "Story", "Bug")
SUBJECTS = (
    "Import fails on empty rows", "Page for invoices", "Rename the columns", "Index for the search", "Retry on timeout",
    "Show the owner", "Speed up the report", "Permission for guests", "Check the totals", "Update the library",
    "Alert on full disk", "Move the backup", "Rotate certificates", "Draft of the layout", "Clean up the queue",
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One change at ``at`` (seconds from the plan's start, local). ``field``: status, assignee, due_date or
    estimate.
    """

    at: int
    author: int
    field: str
    before: str | None
    after: str | None


@dataclass
class Task:
    """``entries`` are positions in the source's entries. Times in seconds from the plan's start; due dates
    are day indexes.
    """

    number: int
    project: int
    kind: str
    subject: str
    reporter: int
    assignee: int
    created: int
    due: int | None
    first_due: int | None
    estimate: int | None
    status: str
    updated: int
    entries: list[int] = field(default_factory=list)
    spent: int = 0
    changes: list[Change] = field(default_factory=list)
    completed: int | None = None


@dataclass(frozen=True)
class Statuses:
    todo: str
    active: str
    blocked: str
    review: str
    done: str


JIRA = Statuses("To Do", "In Progress", "Blocked", "In Review", "Done")
REDMINE = Statuses("New", "In Progress", "Feedback", "Resolved", "Closed")


def group_entries(rng: np.random.Generator, entries: Entries) -> Ints:
    """Task number of each entry: consecutive entries of a person on a project, two to twelve a task."""
    when = entries.day * DAY_SECONDS + entries.start
    order = np.lexsort((when, entries.project, entries.person))
    person, project = entries.person[order], entries.project[order]
    size = len(order)
    fresh = np.ones(size, bool)
    fresh[1:] = (person[1:] != person[:-1]) | (project[1:] != project[:-1])
    start = np.maximum.accumulate(np.where(fresh, np.arange(size), 0))
    along = np.arange(size) - start
    # a task ends by chance after its second entry and always with its twelfth
    cut = fresh | ((along >= 2) & (rng.random(size) < 0.22))
    run = np.arange(size) - np.maximum.accumulate(np.where(cut, np.arange(size), 0))
    cut |= (run > 0) & (run % 12 == 0)
    number = np.empty(size, np.int64)
    number[order] = np.cumsum(cut) - 1
    return number


def draw_tasks(scene: Scene, source: str, entries: Entries, statuses: Statuses) -> list[Task]:
    """Tasks with their history, oldest first; a few have no work yet. Numbers count from 1."""
    rng = scene.plan.rng(f"tasks.{source}")
    of_entry = group_entries(rng, entries)
    order = np.argsort(of_entry, kind="stable")
    bounds = np.searchsorted(of_entry[order], np.arange(int(of_entry.max(initial=-1)) + 2))
    people = sorted({int(p) for p in entries.person})
    now = scene.plan.days * DAY_SECONDS - 1
    tasks = []
    for i in range(len(bounds) - 1):
        mine = order[bounds[i] : bounds[i + 1]]
        mine = mine[np.argsort(entries.day[mine] * DAY_SECONDS + entries.start[mine], kind="stable")]
        tasks.append(_worked_task(rng, entries, mine, people, now, statuses))
    for _ in range(len(tasks) // 12):
        tasks.append(_idle_task(rng, scene, entries, people, now, statuses))
    tasks.sort(key=lambda task: task.created)
    for number, task in enumerate(tasks, 1):
        task.number = number
    return tasks


def _worked_task(
    rng: np.random.Generator, entries: Entries, mine: Ints, people: list[int], now: int, names: Statuses
) -> Task:
    first = int(entries.day[mine[0]] * DAY_SECONDS + entries.start[mine[0]])
    tail = mine[-1]
    last = int(entries.day[tail] * DAY_SECONDS + entries.start[tail] + entries.seconds[tail])
    owner = int(entries.person[mine[0]])
    spent = int(entries.seconds[mine].sum())
    created = first - int(rng.integers(0, 12)) * DAY_SECONDS - int(rng.integers(600, 7200))
    estimate = max(900, round(spent * float(rng.uniform(0.6, 1.3)) / 900) * 900) if rng.random() < 0.85 else None
    due = last // DAY_SECONDS + int(rng.integers(-4, 9)) if rng.random() < 0.88 else None
    if due is not None:
        due = max(due, created // DAY_SECONDS + 1)
    reporter = people[int(rng.integers(0, len(people)))]
    kind = TYPES[int(rng.integers(0, len(TYPES)))]
    subject = SUBJECTS[int(rng.integers(0, len(SUBJECTS)))]
    task = Task(
        0, int(entries.project[mine[0]]), kind, subject, reporter, owner, created, due, due, estimate, names.todo, created,
        [int(i) for i in mine], spent,
    )  # fmt: skip
    _history(rng, task, people, first, last, now, names)
    task.updated = max([created, min(last, now), *(change.at for change in task.changes)])
    return task


def _history(
    rng: np.random.Generator, task: Task, people: list[int], first: int, last: int, now: int, names: Statuses
) -> None:
    """What happened to the task: hand-overs, moved due dates, a blocked spell, completion, reopening."""
    owner = task.assignee
    if rng.random() < 0.1 and len(people) > 1:
        before = people[int(rng.integers(0, len(people)))]
        if before != owner:
            task.changes.append(Change(first - 300, task.reporter, "assignee", str(before), str(owner)))
    if task.due is not None and rng.random() < 0.16:
        moved = task.due + int(rng.integers(3, 21))
        at = min(task.due * DAY_SECONDS + 9 * 3600, now - 60)
        if at > task.created:
            task.changes.append(Change(at, task.reporter, "due_date", str(task.due), str(moved)))
            task.due = moved
    if task.estimate is not None and rng.random() < 0.08:
        # the present value is what the tool shows as estimate; the history keeps the first one
        first_guess = max(900, task.estimate // 2 // 900 * 900)
        task.changes.append(Change(first + 3600, owner, "estimate", str(first_guess), str(task.estimate)))
    status = [(first, names.active)]
    if rng.random() < 0.12 and last - first > 2 * DAY_SECONDS:
        begin = first + (last - first) // 3
        status += [(begin, names.blocked), (begin + (last - first) // 3, names.active)]
    if last < now - 5 * DAY_SECONDS:
        review = last + int(rng.integers(1, 20)) * 1800
        done = review + int(rng.integers(1, 60)) * 1800
        status += [(review, names.review), (done, names.done)]
        if rng.random() < 0.05:
            again = done + int(rng.integers(6, 60)) * 1800
            status += [(again, names.active), (again + int(rng.integers(4, 40)) * 1800, names.done)]
    before_name = names.todo
    for at, name in status:
        if at <= now:
            author = BOT if name == names.review and rng.random() < 0.4 else owner
            task.changes.append(Change(at, author, "status", before_name, name))
            before_name = name
    task.status = before_name
    task.changes.sort(key=lambda change: change.at)
    if task.status == names.done:
        task.completed = max(change.at for change in task.changes if change.field == "status")


def _idle_task(
    rng: np.random.Generator, scene: Scene, entries: Entries, people: list[int], now: int, names: Statuses
) -> Task:
    created = int(rng.integers(0, now - 3600))
    due = created // DAY_SECONDS + int(rng.integers(5, 60)) if rng.random() < 0.6 else None
    owner = people[int(rng.integers(0, len(people)))]
    project = int(entries.project[int(rng.integers(0, len(entries)))])
    task = Task(
        0, project, TYPES[0], SUBJECTS[int(rng.integers(0, len(SUBJECTS)))], owner, owner, created, due, due,
        int(rng.integers(1, 40)) * 1800, names.todo, created,
    )  # fmt: skip
    if rng.random() < 0.3:
        at = min(created + 10 * DAY_SECONDS, now)
        task.changes.append(Change(at, owner, "status", names.todo, names.done))
        task.status, task.completed, task.updated = names.done, at, at
    return task
