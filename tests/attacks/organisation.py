"""A small organisation worth attacking: hostile names, private notes, small teams, late entries; refreshed as in real life."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb

#: Weeks begin on Sunday, so that February 2026 is four whole weeks: a month that its weeks make up exactly.
SUNDAYS = [date(2026, 1, 4) + timedelta(days=7 * number) for number in range(12)]
#: Weeks that a month's end cuts, in which tasks were due, and for which the whole big team enters an hour more.
CUT, DUE, RAISED = date(2025, 12, 28), SUNDAYS[2], SUNDAYS[3]
#: Weeks for which one person books more than managers saw, and for which the whole big team does.
BOOKED, REBOOKED = SUNDAYS[5], SUNDAYS[6]
FIRST_DAY, LATE_DAY, LAST_DAY = date(2026, 3, 3), date(2026, 3, 20), date(2026, 4, 3)
SECRETS = ("Therapist on Tuesdays, tell nobody", "hunter2-api-token")
BIG = (
    "'; drop table core.dim_persons; --",
    "../../stolen",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "Grace Hopperton",
)
SPARSE = ("Ada Lovelady", "Alan Turington", "Edsger Dykeson", "Barbara Liskin", "Donald Knuthson", "Frances Allenby")
SMALL = ("Lone Wolverine", "Quiet Quokka", "Shy Shearwater")
CHANGING = ("Ann Ode", "Ben Ode", "Cem Ode", "Dan Ode", "Eva Ode", "Fay Ode", "Gil Ode")
SPLIT = ("Hal Duo", "Ida Duo", "Jan Duo", "Kim Duo", "Leo Duo", "Mia Duo", "Ned Duo")
EVERYBODY = (*BIG, *SPARSE, *SMALL, *CHANGING, *SPLIT)
SMALLEST = "../../team'; drop schema marts; --"
TEAMS = {
    '=HYPERLINK("http://example.org")': BIG,
    "Sparse": SPARSE,
    SMALLEST: SMALL,
    "Changing": CHANGING,
    "Split": SPLIT,
}
#: Who came to a team, left it or went to another, by the days from and to which they are in it.
MOVES: dict[str, list[tuple[str, str, str]]] = {
    **{name: [("Changing", "2026-01-01", "")] for name in CHANGING[4:]},  # On the day on which a month cuts a week.
    CHANGING[6]: [("Changing", "2026-01-01", "2026-02-04")],
    CHANGING[5]: [("Changing", "2026-01-01", "2026-02-17"), (SMALLEST, "2026-02-18", "")],
}
#: What managers saw otherwise: one left long ago, and most of a team were in another one from the start.
LATE_MOVES = {
    CHANGING[4]: [("Changing", "2026-01-01", "2026-02-11")],
    **{name: [("Offshoot", "2025-12-01", "")] for name in SPLIT[:5]},
}


@dataclass
class Attacked:
    """Where the organisation lies, its versions in order, and everything that the command line said."""

    root: Path
    versions: list[Path] = field(default_factory=list)
    said: str = ""

    @property
    def workspace(self) -> Path:
        return self.root / "workspace"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command line in a process of its own, with a secret in its environment."""
        command = [str(Path(sys.executable).with_name("workledger")), *arguments]
        environment = {**os.environ, "WORKLEDGER_WORKSPACE": str(self.workspace), "EXAMPLE_API_TOKEN": SECRETS[1]}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=self.root)
        self.said += done.stdout + done.stderr
        return done

    def refresh(self, as_of: date) -> None:
        """Publish a version as of a day."""
        done = self.run("refresh", "--as-of", as_of.isoformat())
        assert done.returncode == 0, done.stdout + done.stderr
        self.versions.append((self.workspace / "published" / "current").resolve())

    def open(self, *audiences: str, version: int = -1) -> duckdb.DuckDBPyConnection:
        """A connection that sees the named files of a version, read-only."""
        connection = duckdb.connect(":memory:")
        for audience in audiences:
            file = self.versions[version] / ("private/state.duckdb" if audience == "state" else f"{audience}.duckdb")
            connection.execute(f"attach '{file}' as {audience} (read_only)")
        return connection


def make(root: Path, *, days: Sequence[date] = (LATE_DAY, LAST_DAY)) -> Attacked:
    """A version as exported, and one for each of ``days`` after late entries, most of few people; on the last one may restate."""
    attacked = Attacked(root)
    workspace = attacked.workspace
    for folder in ("inbox/hr", "inbox/hours", "inbox/tasks", "inbox/bookings", "reference", "formats"):
        (workspace / folder).mkdir(parents=True)
    (workspace / "workledger.yaml").write_text(
        "zone: UTC\nsources:\n"
        '  hr: {files: ["inbox/hr/*.csv"]}\n  hours: {files: ["inbox/hours/*.csv"]}\n'
        '  tasks: {files: ["inbox/tasks/*.csv"]}\n  bookings: {files: ["inbox/bookings/*.csv"]}\n'
        "policy: {week_starts_on: sunday, smallest_group_size: 5}\n",
        encoding="utf-8",
    )
    _write(workspace / "inbox/hr/people.csv", _roster(MOVES))
    _write(workspace / "inbox/hours/first.csv", _hours())
    _write(workspace / "inbox/tasks/first.csv", [_task(name, is_done=False) for name in (*BIG, *SMALL)])
    _write(workspace / "inbox/bookings/first.csv", _bookings())
    attacked.refresh(FIRST_DAY)
    _write(workspace / "inbox/hr/late.csv", _roster({**MOVES, **LATE_MOVES}))
    _write(workspace / "inbox/bookings/late.csv", _late_bookings())
    _write(workspace / "inbox/hours/late.csv", _late())
    _write(workspace / "inbox/tasks/late.csv", [_task(name, is_done=True) for name in BIG[:5]])
    for day in days:
        attacked.refresh(day)
    return attacked


def weaken(sound: Attacked, root: Path) -> Attacked:
    """A copy that forgets what it released and shows figures of single persons: attacks on it must succeed."""
    shutil.copytree(sound.workspace, root / "workspace", symlinks=True)
    weakened = Attacked(root, [root / version.relative_to(sound.root) for version in sound.versions])
    settings = weakened.workspace / "workledger.yaml"
    settings.write_text(settings.read_text().replace("smallest_group_size: 5", "smallest_group_size: 1"))
    shutil.rmtree(weakened.workspace / "data" / "releases")
    # A refresh minds a release that is gone and was shown: the copy never showed any.
    manifest = weakened.workspace / "published" / "current" / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "releases": []}))
    weakened.refresh(LAST_DAY)
    return weakened


def tamper(sound: Attacked, root: Path, *statements: str) -> Attacked:
    """A copy whose newest managers' file was changed by SQL: what an attack must find, at the price of no refresh."""
    tampered = Attacked(root, [root / version.relative_to(sound.root) for version in sound.versions])
    for version, copy in zip(sound.versions, tampered.versions, strict=True):
        shutil.copytree(version, copy)
    file = tampered.versions[-1] / "manager.duckdb"
    file.chmod(0o600)
    with duckdb.connect(str(file)) as connection:
        for statement in statements:
            connection.execute(statement)
    return tampered


def address(name: str) -> str:
    """The e-mail address of a person by their number in the organisation."""
    return f"private{(EVERYBODY).index(name)}@example.org"


def _roster(moves: dict[str, list[tuple[str, str, str]]]) -> list[dict[str, str]]:
    return [
        {
            "people_record_id": f"{address(name)}#{number_of_team}",
            "person_email": address(name),
            "person_number": f"Z-{(EVERYBODY).index(name):05d}",
            "person_name": name,
            "valid_from_date": from_day,
            "valid_to_date": to_day,
            "valid_from_basis": "reported",
            "employment_type": "employee",
            "team_name": team,
            "place": "DE",
            "zone": "UTC",
            "contracted_week_hours": str(40 - number),
        }
        for first_team, names in TEAMS.items()
        for number, name in enumerate(names)
        for number_of_team, (team, from_day, to_day) in enumerate(moves.get(name, [(first_team, "2025-12-01", "")]))
    ]


def _entry(name: str, day: date, hours: float, record: str) -> dict[str, str]:
    return {
        "time_entries_record_id": record,
        "person_email": address(name),
        "project_code": "=2+5",
        "project_name": "@project",
        "note": SECRETS[0],
        "date_precision": "day",
        "work_date": day.isoformat(),
        "duration_hours": str(hours),
        "is_billable": "yes",
    }


def _task(name: str, *, is_done: bool) -> dict[str, str]:
    due = DUE + timedelta(days=3)
    return {
        "tasks_record_id": f"task-{EVERYBODY.index(name)}",
        "title": "@task",
        "project_code": "=2+5",
        "assignee_email": address(name),
        "status": "done" if is_done else "todo",
        "status_category": "done" if is_done else "todo",
        "created_at": "2026-01-05T09:00:00Z",
        "completed_at": f"{due}T09:00:00Z" if is_done else "",
        "first_due_date": due.isoformat(),
        "due_date": due.isoformat(),
    }


def _hours() -> list[dict[str, str]]:
    """Everybody logs on the Monday of each week; in the second week of February most of the sparse team are silent."""
    cut_by_a_month = [
        _entry(name, day, 4, f"{EVERYBODY.index(name)}-{day}")
        for name in (*BIG, *CHANGING)
        for day in (CUT + timedelta(days=1), CUT + timedelta(days=5))
        if _is_employed(name, day)
    ]
    return cut_by_a_month + [
        _entry(name, sunday + timedelta(days=1), 4 + number / 4, f"{number}-{sunday}")
        for number, name in enumerate(EVERYBODY)
        for sunday in SUNDAYS
        if _is_employed(name, sunday + timedelta(days=1))
        if sunday != date(2026, 2, 8) or name not in SPARSE[:4]
    ]


def _is_employed(name: str, day: date) -> bool:
    return any(
        start <= day.isoformat() <= (end or "9999") for _, start, end in MOVES.get(name, [("", "2025-12-01", "")])
    )


def _booking(name: str, sunday: date, size: str, record: str, weeks: int = 1) -> dict[str, str]:
    basis = "per_week" if float(size) > 1 else "ratio"
    return {
        "allocations_record_id": f"{record}-{EVERYBODY.index(name)}",
        "person_email": address(name),
        "project_code": "=2+5",
        "start_date": sunday.isoformat(),
        "end_date": (sunday + timedelta(days=7 * weeks - 1)).isoformat(),
        "allocation_basis": basis,
        "allocation_ratio": size if basis == "ratio" else "",
        "allocated_hours": size if basis == "per_week" else "",
        "booking_status": "confirmed",
    }


def _bookings() -> list[dict[str, str]]:
    """The big and the changing team are booked for some hours, two of the sparse team are, and all but one have no hour free."""
    weeks = len(SUNDAYS)
    booked = [
        _booking(name, SUNDAYS[0], str(20 + number / 2), "all", weeks) for number, name in enumerate((*BIG, *CHANGING))
    ]
    booked += [_booking(name, SUNDAYS[0], "30", "few", weeks) for name in SPARSE[:2]]
    return booked + [_booking(name, SUNDAYS[0], "0.5" if name == SPLIT[6] else "1", "free", weeks) for name in SPLIT]


def _late_bookings() -> list[dict[str, str]]:
    """Bookings after managers saw their weeks: of one person, and of a whole team."""
    return [_booking(BIG[0], BOOKED, "8", "late"), *(_booking(name, REBOOKED, "2", "late") for name in BIG)]


def _late() -> list[dict[str, str]]:
    """Entries after managers saw their weeks.

    One person enters seven hours for two weeks, and for one of a month that nobody saw yet. Six enter hours for the week that two
    months cut: three before the cut, three after. One does for the week in which others finished tasks. All do for one week.
    """
    late_days = [sunday + timedelta(days=2) for sunday in (SUNDAYS[1], SUNDAYS[4], SUNDAYS[7])]
    entered = [(BIG[6], day, 7.0) for day in late_days]
    entered += [(name, CUT + timedelta(days=2), 2.5) for name in BIG[:3]]
    entered += [(name, CUT + timedelta(days=6), 1.25) for name in BIG[3:6]]
    entered += [(BIG[6], DUE + timedelta(days=2), 3.0)]
    entered += [(name, RAISED + timedelta(days=2), 1.0) for name in BIG]
    return [_entry(name, day, hours, f"late-{EVERYBODY.index(name)}-{day}") for name, day, hours in entered]


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
