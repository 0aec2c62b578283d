"""A small warehouse for one test: typed empty inputs, the rows a test names, one build, a read-only look at the result."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_contracts.load import load_streams
from orchestration.build import BuiltModel, build_models
from orchestration.checks.attached import attached
from orchestration.checks.data_tests import run_data_tests
from orchestration.checks.results import CheckResult
from orchestration.closes import COLUMNS
from orchestration.gap_history import SPELLS
from orchestration.models import CompiledModel, load_compiled, load_manifest_json
from orchestration.publication.layout import database_files
from orchestration.reference import TABLES
from orchestration.releases import COLUMNS as RELEASED
from orchestration.settings import Policy
from orchestration.warehouse import ANNOTATIONS, GAP_RULES, GAP_THRESHOLDS, LEDGER_TABLES, gap_thresholds

if TYPE_CHECKING:
    import duckdb
    from dbt.contracts.graph.manifest import Manifest

PROJECT = Path(__file__).parents[2] / "dbt_project"
AUDIENCES = ("analyst", "directory", "finance", "manager")
HOUR = 3_600_000_000
DAY = 24 * HOUR

WORKSPACE: Mapping[str, Mapping[str, str]] = {
    "as_of": {"as_of_date": "date"},
    "policy": {
        "week_starts_on": "integer",
        "smallest_group_size": "integer",
        "working_weekdays": "integer[]",
        "unlogged_grace_days": "integer",
        "default_zone": "varchar",
        "reconciliation_tolerance_us": "bigint",
        "weekly_due_working_day": "integer",
        "monthly_due_working_day": "integer",
        "manager_lead_working_days": "integer",
        "manager_restatement_months": "integer",
        "person_key_salt": "varchar",
    },
    "sources": dict.fromkeys(("source", "format", "zone", "mode", "rhythm", "owner"), "varchar"),
    **LEDGER_TABLES,
    **{table.name: table.columns for table in TABLES},
    "holidays": {"place": "varchar", "holiday_date": "date", "holiday_name": "varchar"},
    "authority": {
        "source": "varchar",
        "priority": "integer",
        "valid_from_date": "date",
        "valid_to_date": "date",
    },
    "closed_months": {
        "month_start_date": "date",
        "month_end_date": "date",
        "closed_at": "timestamp with time zone",
        "closed_version": "varchar",
        "close_reason": "varchar",
    },
    "closed_deliveries": {"month_start_date": "date", "delivery_id": "varchar"},
    "closed_activities": COLUMNS,
    "released_units": RELEASED["units"],
    "released_contributions": RELEASED["contributions"],
    "gap_spells": SPELLS,
    "annotations": ANNOTATIONS,
    "gap_rules": GAP_RULES,
    "gap_thresholds": GAP_THRESHOLDS,
}

DEFAULT_POLICY: Mapping[str, Any] = {
    "week_starts_on": 1,
    "smallest_group_size": 5,
    "working_weekdays": [1, 2, 3, 4, 5],
    "unlogged_grace_days": 3,
    "default_zone": "UTC",
    "reconciliation_tolerance_us": 60_000_000,
    "weekly_due_working_day": 2,
    "monthly_due_working_day": 5,
    "manager_lead_working_days": 5,
    "manager_restatement_months": 1,
    "person_key_salt": "salt",
}

#: What a row of a stream says where a test does not: the required columns only.
STREAM_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "time_entries": {"date_precision": "day"},
    "people": {"valid_from_basis": "reported", "employment_type": "employee"},
    "absences": {"status": "approved"},
}


@dataclass
class Warehouse:
    """One build folder. ``insert`` and ``deliver`` fill the inputs, ``build`` builds models, ``rows`` reads the result."""

    folder: Path
    as_of: date = date(2026, 3, 31)
    _deliveries: int = field(default=0, init=False)
    _connection: duckdb.DuckDBPyConnection | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        (self.folder / "private").mkdir(parents=True, exist_ok=True)
        with self._writer() as connection:
            create_inputs(connection)
        self.insert("workspace.as_of", {"as_of_date": self.as_of})
        self.insert("workspace.policy", dict(DEFAULT_POLICY))

    def turn_off(self, rule: str) -> None:
        """Gaps of a rule that is not what a test is about, in whose rows people log a day or two."""
        self.insert("workspace.gap_rules", {"line_number": 0, "rule": rule, "severity": "off"})

    def insert(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Insert rows into ``streams.<stream>`` or ``workspace.<table>`` by column name; absent columns are NULL."""
        with self._writer() as connection:
            insert_rows(connection, table, rows)

    def set_policy(self, **values: Any) -> None:
        """Replace single values of the policy row."""
        with self._writer() as connection:
            for name, value in values.items():
                connection.execute(f'update workspace.policy set "{name}" = ?', [value])

    def source(self, name: str, **values: Any) -> None:
        """Declare a source, as workledger.yaml would."""
        self.insert("workspace.sources", {"source": name, "mode": "changes", **values})

    def deliver(
        self,
        source: str,
        stream: str,
        rows: Iterable[Mapping[str, Any]],
        *,
        mode: str = "changes",
        coverage: tuple[date, date] | None = None,
        extracted_at: datetime = datetime(2026, 3, 31, 12, tzinfo=UTC),
        is_complete: bool = True,
        **ledger: Any,
    ) -> str:
        """One delivery: its ledger row and its stream rows. Record ids default to ``<delivery>-<n>``. Returns its id.

        ``ledger`` overrides columns of workspace.delivery_streams (rows_read, us_read …).
        """
        self._deliveries += 1
        delivery_id = f"delivery-{self._deliveries:03d}"
        full = [
            {
                "source": source,
                "source_record_id": f"{delivery_id}-{number}",
                "delivery_id": delivery_id,
                "_row": number,
                "is_deleted": False,
                **STREAM_DEFAULTS.get(stream, {}),
                **row,
            }
            for number, row in enumerate(rows, start=1)
        ]
        durations = [row["duration_us"] for row in full if row.get("duration_us") is not None]
        self.insert(f"streams.{stream}", *full)
        self.insert(
            "workspace.delivery_streams",
            {
                "delivery_id": delivery_id,
                "source": source,
                "stream": stream,
                "file_name": f"{source}.csv",
                "format": "test",
                "format_version": "1",
                "mode": mode,
                "coverage_from": coverage[0] if coverage else None,
                "coverage_to": coverage[1] if coverage else None,
                "extracted_at": extracted_at,
                "sha256": delivery_id,
                "is_complete": is_complete,
                "rows_read": len(full),
                "rows_loaded": len(full),
                "rows_merged": 0,
                "rows_quarantined": 0,
                "rows_filtered": 0,
                "us_read": sum(durations) if durations else None,
                "us_loaded": sum(durations) if durations else None,
                **ledger,
            },
        )
        return delivery_id

    def build(self, select: str | None = None, *, tests: bool = False) -> duckdb.DuckDBPyConnection:
        """Build models and seeds, run all data tests if ``tests``, and open the result read-only.

        Raises AssertionError with the failed nodes.
        """
        self.close()
        build_warehouse(self.folder, select)
        if tests:
            broken = [result for result in failed_data_tests(self.folder) if result.severity == "blocks"]
            assert not broken, "\n".join(f"{result.rule}: {result.detail} {result.sample}" for result in broken)
        self._connection = open_build(self.folder)
        return self._connection

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Rows of a query over the built catalogs, as dictionaries."""
        if self._connection is None:
            self._connection = open_build(self.folder)
        cursor = self._connection.execute(sql)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def one(self, sql: str) -> Any:
        """The single value of a query."""
        (row,) = self.rows(sql)
        (value,) = row.values()
        return value

    def close(self) -> None:
        """Let go of the files."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _writer(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        self.close()
        connection = duckdb.connect(str(self.folder / "private" / "state.duckdb"))
        connection.execute("set TimeZone = 'UTC'")
        return connection


def create_inputs(connection: duckdb.DuckDBPyConnection) -> None:
    """Typed empty ``streams.*`` from the contracts and ``workspace.*`` as described; gap rules with their own limits."""
    connection.execute("create schema if not exists streams; create schema if not exists workspace")
    for name, contract in load_streams().items():
        columns = ", ".join(f'"{column.name}" {column.type}' for column in contract.columns)
        connection.execute(f"create table streams.{name} ({columns})")
    for name, columns_of in WORKSPACE.items():
        columns = ", ".join(f'"{column}" {kind}' for column, kind in columns_of.items())
        connection.execute(f"create table workspace.{name} ({columns})")
    insert_rows(connection, "workspace.gap_thresholds", gap_thresholds(Policy(), ()))


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert dictionaries by column name."""
    for row in rows:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _ in row)
        connection.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))


def failed_data_tests(build: Path, *names: str) -> list[CheckResult]:
    """The data tests that did not pass on a build folder: of all, or of those named."""
    manifest = load_manifest_json()
    if names:
        chosen = {key: node for key, node in manifest["nodes"].items() if node["name"] in names}
        assert len(chosen) == len(names), f"not all of them are data tests: {names}"
        tables = {node["attached_node"] for node in chosen.values()} - {None}
        manifest = {
            "nodes": {**chosen, **{key: manifest["nodes"][key] for key in tables}},
            "sources": manifest["sources"],
        }
    with attached(database_files(build)) as opened:
        results = run_data_tests(opened, manifest, load_compiled().data_tests, "test", seconds=600)
    return [result for result in results if result.status != "passed"]


def build_warehouse(
    folder: Path,
    select: str | None = None,
    manifest: Manifest | None = None,
    settings: Mapping[str, str] | None = None,
    before: Path | None = None,
) -> tuple[BuiltModel, ...]:
    """Build into ``folder`` as a refresh does, and tell what became of models; or as dbt does from a ``manifest`` of one's own.

    ``select`` names models as dbt does: `name`, `+name` with all that it stands on, `path:folder`; all where it is left out.
    ``settings`` are DuckDB's, ``before`` the build that ``folder`` began as a copy of, to build on. Raises AssertionError with
    the failed models.
    """
    if manifest is not None:
        arguments = ["build", *(["--select", *select.split()] if select else [])]
        run_dbt([*arguments, "--exclude-resource-type", "unit_test", "test"], folder, manifest)
        return ()
    models = load_compiled().models
    wanted = _selected(select, models) if select else {model.unique_id for model in models}
    built = build_models(
        database_files(folder),
        [model for model in models if model.unique_id in wanted],
        settings,
        before=database_files(before) if before is not None else None,
    )
    failed = [result for result in built if result.status != "passed"]
    assert not failed, "\n".join(f"{result.model.table}: {result.problem}" for result in failed)
    return built


def _selected(select: str, models: Sequence[CompiledModel]) -> set[str]:
    nodes = load_manifest_json()["nodes"]
    wanted: set[str] = set()
    for term in select.split():
        method, _, value = term.removeprefix("+").rpartition(":")
        found = {
            model.unique_id
            for model in models
            if (nodes[model.unique_id]["original_file_path"].startswith(value) if method else model.table == value)
        }
        assert found, f"{term} selects nothing"
        for model in reversed(models) if term.startswith("+") else ():
            if model.unique_id in found:
                found.update(model.parents)
        wanted |= found
    return wanted


def run_dbt(arguments: list[str], build: Path, manifest: Manifest) -> Any:
    """Invoke dbt in process on one build folder. Returns its result; raises AssertionError with the messages of failed nodes."""
    os.environ["WORKLEDGER_BUILD"] = str(build)
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    os.environ["DO_NOT_TRACK"] = "1"
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    flags = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(build / "target")]
    quiet = [
        "--no-write-json",
        "--log-path",
        str(build / "logs"),
        "--log-level",
        "none",
        "--log-level-file",
        "none",
        "--quiet",
    ]
    try:
        result = dbtRunner(manifest=manifest).invoke([*arguments, *flags, *quiet])
    finally:
        DuckDBConnectionManager.close_all_connections()
    if not result.success:
        raise AssertionError(failure_text(result))
    return result.result


def failure_text(result: Any) -> str:
    """Names and messages of the nodes that failed, else the exception."""
    if result.exception is not None:
        return str(result.exception)
    failed = [node for node in result.result if node.status in ("error", "fail", "runtime error")]
    return "\n".join(f"{node.node.name}: {node.message}" for node in failed)


def open_build(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection that sees the catalogs of a build under their constant names, read-only."""
    import duckdb

    connection = duckdb.connect(":memory:")
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"attach '{folder / 'private' / 'state.duckdb'}' as state (read_only)")
    for name in AUDIENCES:
        connection.execute(f"attach '{folder / f'{name}.duckdb'}' as {name} (read_only)")
    return connection
