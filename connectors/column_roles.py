"""Which contract column a header probably means, by the words that tools use. Guesses for a draft, nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

WORDS: Mapping[str, tuple[str, ...]] = {
    "person_email": ("email", "e mail", "user email", "email address", "employee email", "work email", "owner email"),
    "person_number": ("employee number", "employee no", "employee id", "personnel number", "staff number"),
    "person_source_id": ("user id", "person id", "member id", "resource id", "account id"),
    "person_name": ("user", "name", "employee", "person", "member", "full name", "user name", "username", "who", "worker"),
    "project_source_id": ("project id",),
    "project_code": ("project code", "project key", "job code", "job number"),
    "project_name": ("project", "project name", "job", "matter", "engagement"),
    "client_name": ("client", "customer", "client name", "customer name", "account"),
    "task_source_id": ("task id", "issue id", "ticket id"),
    "task_name": ("task", "task name", "issue", "ticket", "activity"),
    "activity_name": ("activity", "activity name", "service", "work type", "category", "task", "event", "concept name"),
    "tags": ("tags", "labels"),
    "note": ("note", "notes", "description", "comment", "comments", "memo"),
    "started_at": ("started at", "start", "start time", "started", "from", "time in", "begin", "clock in"),
    "ended_at": ("ended at", "end", "end time", "ended", "stop", "to", "time out", "finish", "clock out"),
    "work_date": ("date", "day", "work date", "spent on", "spent date", "entry date"),
    "duration_us": (
        "duration", "hours", "time spent", "duration h", "hours worked", "time", "total hours", "duration hours",
        "duration decimal", "minutes", "seconds", "time h", "hours decimal",
    ),
    "is_billable": ("billable", "is billable", "billable?"),
    "approval_status": ("approval status",),
    "task_key": ("key", "issue key", "task key", "ticket"),
    "title": ("title", "summary", "task name", "task", "name", "subject"),
    "task_type": ("type", "issue type", "tracker", "task type"),
    "assignee_email": ("assignee email", "owner email", "assigned to email"),
    "assignee_name": ("assignee", "assigned to", "owner", "responsible"),
    "status": ("status", "state"),
    "priority": ("priority",),
    "created_at": ("created", "created at", "created date", "creation date", "opened", "open time"),
    "completed_at": ("completed", "completed at", "resolved", "closed", "closed at", "done", "finished", "close time"),
    "due_date": ("due", "due date", "deadline", "due on"),
    "estimate_us": ("estimate", "estimated hours", "original estimate", "estimated time", "estimation"),
    "reported_spent_us": ("spent hours", "time spent", "spent time", "actual hours", "logged hours"),
    "valid_from_date": ("valid from", "effective date", "effective from"),
    "valid_to_date": ("valid to", "effective to"),
    "hired_date": ("hired", "hire date", "start date", "entry date", "joined"),
    "left_date": ("left", "leaving date", "termination date", "end date"),
    "role_name": ("role", "job title", "position"),
    "team_name": ("team", "department", "group"),
    "manager_email": ("manager email", "manager e mail"),
    "place": ("place", "location", "country", "office"),
    "zone": ("time zone", "timezone", "zone"),
    "contracted_week_us": ("weekly hours", "hours per week", "contract hours"),
    "fte": ("fte",),
    "work_schedule": ("work schedule", "work schedule rule", "shift plan", "shift pattern"),
    "absence_type": ("absence type", "leave type", "type", "time off type"),
    "start_date": ("start date", "from", "start", "first day"),
    "end_date": ("end date", "to", "end", "last day", "until"),
    "case_id": ("case id", "case", "caseid", "case concept name"),
    "occurred_at": ("timestamp", "time timestamp", "occurred at", "event time", "date time"),
    "planned_start_date": ("planned start", "start date"),
    "planned_end_date": ("planned end", "end date"),
    "budget_us": ("budget hours", "hours budget"),
    "budget_amount": ("budget", "budget amount"),
    "hourly_rate_amount": ("rate", "hourly rate", "cost rate", "bill rate"),
    "currency": ("currency",),
}  # fmt: skip
# What a stream cannot do without, in the order in which streams are tried: all of one of the sets.
SIGNS: Mapping[str, tuple[frozenset[str], ...]] = {
    "rates": (frozenset(["hourly_rate_amount"]),),
    "process_events": (frozenset(["case_id", "activity_name", "occurred_at"]),),
    "absences": (frozenset(["absence_type", "start_date", "end_date"]),),
    "time_entries": (
        frozenset(["duration_us", "work_date"]),
        frozenset(["duration_us", "started_at"]),
        frozenset(["started_at", "ended_at"]),
        frozenset(["duration_us", "person_name"]),
    ),
    "people": (
        frozenset(["person_email", "role_name"]),
        frozenset(["person_email", "team_name"]),
        frozenset(["contracted_week_us"]),
    ),
    "tasks": (frozenset(["status", "created_at"]), frozenset(["status", "title"]), frozenset(["title", "due_date"])),
    "projects": (frozenset(["project_name", "client_name"]), frozenset(["project_name"])),
}
# One header may be both: a tool that knows only one of the two means the kind of work by its tasks.
SHARED = frozenset([("task_name", "activity_name")])


def plain_words(header: str) -> str:
    """A header in small letters and single spaces, signs apart: "Start_Time (h)" → "start time h"."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    return " ".join(re.findall(r"[a-z0-9?]+", spaced.lower()))


def guess_roles(headers: Iterable[str], columns: Iterable[str]) -> dict[str, str]:
    """Contract column → header, for the columns of a stream that some header names. A header serves one column."""
    words = {header: plain_words(header) for header in headers}
    ranked = sorted(
        (place, order, column, header)
        for order, column in enumerate(columns)
        for place, word in enumerate(WORDS.get(column, ()))
        for header, plain in words.items()
        if plain == word
    )
    found: dict[str, str] = {}
    for _, _, column, header in ranked:
        users = [other for other, used in found.items() if used == header]
        if column not in found and all((other, column) in SHARED or (column, other) in SHARED for other in users):
            found[column] = header
    return found


def guess_stream(headers: Iterable[str]) -> str | None:
    """The first stream whose signs the headers show; None where none does."""
    names = list(headers)
    for stream, signs in SIGNS.items():
        wanted = sorted(frozenset[str]().union(*signs))
        roles = set(guess_roles(names, wanted))
        if any(sign <= roles for sign in signs):
            return stream
    return None
