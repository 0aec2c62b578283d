"""The smallest workspace worth disturbing: five sources, a published version, and new exports waiting for the next refresh."""

from __future__ import annotations

import csv
import os
from datetime import date, timedelta
from pathlib import Path

SETTINGS = """\
zone: UTC
sources:
  people: {files: ["inbox/people/*.csv"], mode: full, file_name: '(?P<extracted_at>\\d{4}-\\d{2}-\\d{2})'}
  hours: {files: ["inbox/hours/*.csv"]}
  desk: {files: ["inbox/desk/*.csv"], mode: full}
  tasks: {files: ["inbox/tasks/*.csv"]}
  rates: {files: ["inbox/rates/*.csv"]}
policy: {smallest_group_size: 2, keep_versions: 2}
"""
AS_OF = "2026-03-31"
#: What readers see was made for a week before: the disturbed refresh shows managers another week, and knows gaps since then.
FIRST_AS_OF = "2026-03-24"
PEOPLE = ("ada", "ben", "cem", "dora")
MONDAYS = [date(2026, 3, 2) + timedelta(days=7 * week) for week in range(4)]
#: Long before any run, so that nothing counts as still arriving.
WRITTEN_AT = 1_775_000_000


def new_workspace(workspace: Path) -> None:
    """A workspace with a roster and nothing else."""
    for folder in ("inbox", "reference", "formats"):
        (workspace / folder).mkdir(parents=True)
    (workspace / "workledger.yaml").write_text(SETTINGS, encoding="utf-8")
    _write(workspace, "people/people_2026-03-01.csv", [_person(name) for name in PEOPLE[:3]])


def first_exports(workspace: Path) -> None:
    """What the version that readers see was made of."""
    _write(workspace, "hours/first.csv", [_entry(name, day, 6) for name in PEOPLE[:3] for day in MONDAYS[:3]])
    _write(workspace, "desk/export.csv", [_entry("ada", day, 1, "desk") for day in MONDAYS])
    _write(workspace, "tasks/first.csv", [_task(number, "todo") for number in range(4)])
    _write(workspace, "rates/first.csv", [_rate(name, 80) for name in PEOPLE[:3]])


def second_exports(workspace: Path) -> None:
    """What the disturbed refresh finds: a joiner, hours late and edited, closed tasks, rates, an export written over the last."""
    _write(workspace, "people/people_2026-03-30.csv", [_person(name) for name in PEOPLE])
    late = [_entry(name, MONDAYS[3], 7) for name in PEOPLE] + [_entry("ada", MONDAYS[0], 8)]
    _write(workspace, "hours/second.csv", late)
    # One entry is gone and one reads otherwise: whoever lets the first export win loses and doubles rows.
    desk = [_entry("ada", MONDAYS[1], 2.5, "desk"), *(_entry("ben", day, 1, "desk") for day in MONDAYS[2:])]
    _write(workspace, "desk/export.csv", desk, later=60)
    _write(workspace, "tasks/second.csv", [_task(number, "done") for number in range(2)])
    _write(workspace, "rates/second.csv", [_rate("ada", 90), _rate("dora", 70)])


def _person(name: str) -> dict[str, object]:
    return {
        "people_record_id": name,
        "person_email": f"{name}@example.org",
        "person_name": name.title(),
        "valid_from_date": "2026-01-01",
        "valid_from_basis": "reported",
        "employment_type": "employee",
        "team_name": "Blue",
        "place": "DE",
        "zone": "UTC",
        "contracted_week_hours": 40,
    }


def _entry(name: str, day: date, hours: float, kind: str = "work") -> dict[str, object]:
    return {
        "time_entries_record_id": f"{kind}-{name}-{day}",
        "person_email": f"{name}@example.org",
        "project_code": "P1",
        "project_name": "Project",
        "date_precision": "day",
        "work_date": day.isoformat(),
        "duration_hours": hours,
        "is_billable": "yes",
    }


def _task(number: int, status: str) -> dict[str, object]:
    is_done = status == "done"
    return {
        "tasks_record_id": f"t{number}",
        "title": f"Task {number}",
        "project_code": "P1",
        "project_name": "Project",
        "assignee_email": "ada@example.org",
        "status": status,
        "status_category": status,
        "created_at": "2026-03-02T09:00:00Z",
        "started_at": "2026-03-03T09:00:00Z" if is_done else "",
        "completed_at": "2026-03-10T09:00:00Z" if is_done else "",
        "first_due_date": "2026-03-12",
        "due_date": "2026-03-12",
    }


def _rate(name: str, amount: int) -> dict[str, object]:
    return {
        "rates_record_id": name,
        "rate_type": "bill",
        "person_email": f"{name}@example.org",
        "valid_from_date": "2026-01-01",
        "hourly_rate_amount": amount,
        "currency": "EUR",
    }


def _write(workspace: Path, name: str, rows: list[dict[str, object]], later: int = 0) -> None:
    path = workspace / "inbox" / name
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    os.utime(path, (WRITTEN_AT + later, WRITTEN_AT + later))
