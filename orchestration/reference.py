"""Reference tables that people keep by hand as CSV in ``reference/``, and the tables that policy turns into."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from connectors.nearest import did_you_mean
from connectors.sql_text import literal
from data_contracts.errors import WorkledgerError
from orchestration.work_schedules import schedule_problems

GAP_MODELS = Path(__file__).resolve().parents[1] / "dbt_project" / "models" / "gaps"


@dataclass(frozen=True)
class ReferenceTable:
    """A CSV file of ``reference/``: its columns with DuckDB types, the file optional, the header exact.

    ``required`` columns are never empty; ``rule`` where it is a column names a gap rule.
    """

    name: str
    columns: dict[str, str]
    required: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        return f"{self.name}.csv"


_SPAN = {"valid_from_date": "date", "valid_to_date": "date"}
TABLES = (
    ReferenceTable(
        "people_crosswalk",
        {
            "source": "varchar",
            "person_source_id": "varchar",
            "person_email": "varchar",
            "person_name": "varchar",
            "maps_to_email": "varchar",
            "maps_to_number": "varchar",
            **_SPAN,
        },
    ),
    ReferenceTable(
        "projects_crosswalk",
        {
            "source": "varchar",
            "project_source_id": "varchar",
            "project_name": "varchar",
            "maps_to_code": "varchar",
        },
    ),
    ReferenceTable(
        "activity_rules",
        {
            "priority": "integer",
            "pattern": "varchar",
            "activity_type": "varchar",
            "category": "varchar",
            "finance_service": "varchar",
            **_SPAN,
        },
    ),
    ReferenceTable(
        "targets",
        {"team_name": "varchar", "role_name": "varchar", "utilisation_target_ratio": "double", **_SPAN},
    ),
    ReferenceTable(
        "accepted_gaps",
        {
            "rule": "varchar",
            "source": "varchar",
            "person": "varchar",
            "team": "varchar",
            "project": "varchar",
            "start_date": "date",
            "end_date": "date",
            "accepted_by": "varchar",
            "reason": "varchar",
            "accepted_until": "date",
        },
        required=("rule", "accepted_by", "reason", "accepted_until"),
    ),
    ReferenceTable(
        "exchange_rates",
        {
            "currency": "varchar",
            "into_currency": "varchar",
            "valid_from_date": "date",
            "exchange_rate": "decimal(18, 8)",
        },
        required=("currency", "into_currency", "valid_from_date", "exchange_rate"),
    ),
    ReferenceTable(
        "work_schedules",
        {
            "work_schedule": "varchar",
            "cycle_start_date": "date",
            "cycle_day": "integer",
            "hours": "decimal(9, 6)",
            "is_worked_on_holidays": "boolean",
        },
        required=("work_schedule", "cycle_start_date", "cycle_day", "hours"),
    ),
    ReferenceTable("extra_holidays", {"place": "varchar", "holiday_date": "date", "holiday_name": "varchar"}),
)


def check_reference(folder: Path) -> list[WorkledgerError]:
    """What is wrong with the files of ``reference/``: unknown files, unknown or missing columns."""
    if not folder.is_dir():
        return []
    known = {table.file_name: table for table in TABLES}
    problems: list[WorkledgerError] = []
    for path in sorted(folder.glob("*.csv")):
        table = known.get(path.name)
        if table is None:
            hint = did_you_mean(path.name, known)
            problems.append(WorkledgerError("This reference file is not known", where=str(path), remedy=hint))
            continue
        problems.extend(_header_problems(path, table))
        problems.extend(row_problems(path, table))
    return problems


def row_problems(path: Path, table: ReferenceTable) -> list[WorkledgerError]:
    """What is wrong with rows of a file that may be absent: an empty required column, no such gap ``rule``, no whole cycle."""
    if not table.required or not path.is_file():
        return []
    problems: list[WorkledgerError] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows, start=2):
        where = f"{path}, row {number}"
        for name in table.required:
            if not (row.get(name) or "").strip():
                remedy = f"A row says {', '.join(table.required)}."
                problems.append(WorkledgerError(f"{name} is empty", where=where, remedy=remedy))
        rule = (row.get("rule") or "").strip().lower()
        if rule and rule not in gap_rules():
            hint = did_you_mean(rule, gap_rules())
            problems.append(WorkledgerError(f"There is no gap rule {rule!r}", where=where, remedy=hint))
    if table.name == "work_schedules" and not problems:
        problems.extend(schedule_problems(path, rows))
    return problems


@cache
def gap_rules() -> frozenset[str]:
    """Rules by the gap models of the dbt project."""
    return frozenset(path.stem.removeprefix("gap_") for path in GAP_MODELS.glob("gap_*.sql"))


def _header_problems(path: Path, table: ReferenceTable) -> list[WorkledgerError]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    expected = list(table.columns)
    return [
        WorkledgerError(
            f"The column {name!r} is not known",
            where=f"{path}, row 1",
            remedy=f"Columns of this file: {', '.join(expected)}.",
        )
        for name in header
        if name not in expected
    ]


def select_reference(folder: Path, table: ReferenceTable) -> str:
    """SQL that yields the table: the file's rows with typed columns, or no rows where the file is absent."""
    path = folder / table.file_name
    typed_empty = ", ".join(f"null::{type_} as {name}" for name, type_ in table.columns.items())
    empty = f"select {typed_empty} where false"
    if not path.is_file():
        return empty
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    if not header:
        return empty
    casts = ", ".join(f"cast({name} as {table.columns[name]}) as {name}" for name in header)
    return f"{empty} union all by name select {casts} from read_csv({literal(path)}, header = true, all_varchar = true)"
