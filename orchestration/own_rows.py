"""What a contributor gets on request: their own rows, and what the measures in them mean.

There is no store of their own for them. A version holds everybody's rows under keys already; an extract is a read of it by one
key, so that what a contributor sees cannot differ from what was published. Nothing of anybody else's is read, nor teams' totals.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.sql_text import literal
from data_contracts.errors import WorkledgerError
from orchestration.annotations import own_annotations
from orchestration.person_lookup import person_key_of
from orchestration.plain_csv import write_csv
from orchestration.publication.layout import database_files
from orchestration.publication.versions import current_version, version_folder
from orchestration.workspace import Workspace

ABOUT = "README.md"


@dataclass(frozen=True)
class OwnTable:
    """One file of an extract: what it is, and the query that yields one person's rows of it."""

    name: str
    is_a: str
    sql: str
    home: tuple[str, ...] = ()


TABLES = (
    OwnTable(
        "utilisation_by_week",
        "a week: your hours against your capacity",
        "select * exclude (person_key, team_key) from marts.mart_utilisation__person_week where person_key = $key order by all",
        ("mart_utilisation__*",),
    ),
    OwnTable(
        "capacity_by_week",
        "a week: your capacity, what you are booked for and what you did",
        "select * exclude (person_key, person_week_key) from marts.mart_capacity__person_week where person_key = $key"
        " order by all",
        ("mart_capacity__*",),
    ),
    OwnTable(
        "capacity_days",
        "a day of your contract: working day, holiday, absence, hours",
        "select capacity_date, place, is_working_day, is_holiday, is_absent, contracted_hours, effective_capacity_hours"
        " from core.fct_capacity_days where person_key = $key order by all",
        ("fct_capacity_days",),
    ),
    OwnTable(
        "activities",
        "one thing that a source says you did, on each day that it reaches; is_counted tells whether it counts, and the reason"
        " where it does not",
        "select activities.activity_kind, activities.source, activities.source_record_id, activities.work_date,"
        " activities.period_start_date, activities.period_end_date, activities.started_at, activities.ended_at,"
        " projects.project_code, projects.project_name, activities.logged_hours, activities.is_billable, activities.is_counted,"
        " activities.not_counted_reason, activities.approval_status, activities.date_basis"
        " from core.fct_activities as activities left join core.dim_projects as projects"
        " on activities.project_key = projects.project_key where activities.person_key = $key order by all",
        ("fct_activities",),
    ),
    OwnTable(
        "tasks",
        "a task that is yours: what was promised, and what became of it",
        "select tasks.source, tasks.task_reference, tasks.task_type, projects.project_code, projects.project_name, tasks.status,"
        " tasks.created_date, tasks.started_date, tasks.due_date, tasks.baseline_due_date, tasks.baseline_basis,"
        " tasks.completed_date, tasks.completion_outcome, tasks.due_move_count, tasks.reopen_count, tasks.estimated_hours,"
        " tasks.remaining_hours, tasks.blocked_hours, tasks.cycle_hours, tasks.lead_hours"
        " from core.fct_tasks as tasks left join core.dim_projects as projects"
        " on tasks.project_key = projects.project_key where tasks.person_key = $key order by all",
        ("mart_completion__*", "fct_tasks"),
    ),
    OwnTable(
        "capture_by_week",
        "a week: what other tools saw of your work, and how much of it you logged",
        "select * exclude (person_key) from marts.mart_capture_gap__person_week where person_key = $key order by all",
        ("mart_capture_gap__person_week",),
    ),
    OwnTable(
        "bookings",
        "a day you are booked for, as planners see it",
        "select days.allocation_date, days.booking_status, days.allocation_basis, projects.project_code, projects.project_name,"
        " days.allocated_hours, days.source from core.fct_allocation_days as days left join core.dim_projects as projects"
        " on days.project_key = projects.project_key where days.person_key = $key order by all",
        ("fct_allocation_days",),
    ),
    OwnTable(
        "gaps",
        "what is missing or doubtful about you, and what to do",
        "select rule, severity, source, start_date, end_date, hours_at_stake, detail, remedy, first_seen_date, open_since_date,"
        " is_accepted, accepted_reason, accepted_until_date from core.fct_gaps where person_key = $key order by all",
        ("fct_gaps",),
    ),
)


@dataclass(frozen=True)
class Extract:
    """What was written: the folder, the version that it was read from, and rows by file."""

    folder: Path
    version: str
    rows: dict[str, int]


def write_own_rows(workspace: Workspace, person: str, folder: Path) -> Extract:
    """Write a person's own rows of the current version and what they said about them to ``folder``, which holds nothing yet.

    Only its owner can read what is written. Raises WorkledgerError where nothing is published, where the person is not known or
    is several, and where the folder holds something.
    """
    version = current_version(workspace.published)
    if version is None:
        raise WorkledgerError("Nothing is published yet", remedy="workledger refresh")
    files = version_folder(workspace.published, version)
    key = person_key_of(files, person)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorkledgerError("This folder holds something already", where=str(folder), remedy="Name a new folder.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    try:
        said = own_annotations(workspace, key)
        columns = ("period", "measure", "text", "annotated_at", "is_shared")
        write_csv(folder / "annotations.csv", columns, [[getattr(one, name) for name in columns] for one in said])
        rows = {**_write(files, key, folder), "annotations": len(said)}
    except BaseException:
        shutil.rmtree(folder)
        raise
    return Extract(folder, version, rows)


def _write(files: Path, key: str, folder: Path) -> dict[str, int]:
    import duckdb

    rows: dict[str, int] = {}
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        _attach(connection, files)
        for table in TABLES:
            cursor = connection.execute(table.sql, {"key": key})
            columns = [column[0] for column in cursor.description or []]
            values = cursor.fetchall()
            write_csv(folder / f"{table.name}.csv", columns, values)
            rows[table.name] = len(values)
        about = folder / ABOUT
        about.touch(mode=0o600)
        about.write_text("\n".join(_about(connection, rows)) + "\n", encoding="utf-8")
    return rows


def _attach(connection: Any, files: Path) -> None:
    """Every mart, in whichever file policy put it: their own rows are a contributor's, whoever else may see the table."""
    schemas = ["analyst.core", "analyst.audit"]
    for catalog, path in database_files(files).items():
        connection.execute(f"attach {literal(path)} as {catalog} (read_only)")
        marts = f"select 1 from duckdb_schemas() where database_name = '{catalog}' and schema_name = 'marts'"
        if catalog != "manager" and connection.execute(marts).fetchone():
            schemas.append(f"{catalog}.marts")
    connection.execute(f"set search_path = '{','.join(schemas)}'")


def _about(connection: Any, rows: dict[str, int]) -> Iterator[str]:
    """The readable page: which version, which files, and every measure in words."""
    version, as_of = connection.execute("select version, as_of_date from audit.version").fetchone()
    yield "# Your own rows\n"
    yield f"Version {version}: what was known on {as_of}. Nobody else's rows and no team's totals are in these files.\n"
    yield "An empty cell is not known; it is not zero. Text that looks like a formula has an apostrophe before it.\n"
    yield "| file | a row is | rows |\n|---|---|---|"
    for table in TABLES:
        yield f"| {table.name}.csv | {table.is_a} | {rows[table.name]:,} |"
    yield "| annotations.csv | something you said about a number; nobody else gets to read it, unless you shared it | |"
    yield "\n## What the measures mean\n\n| measure | is | how | does not say |\n|---|---|---|---|"
    homes = [home for table in TABLES for home in table.home]
    measures = connection.execute(
        "select measure, meaning, formula, does_not_say from core.dim_measures"
        " where list_has_any(string_split(home, ', '), ?) order by measure",
        [homes],
    ).fetchall()
    for measure in measures:
        yield "| " + " | ".join(str(text).replace("|", "\\|") for text in measure) + " |"
