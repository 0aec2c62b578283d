"""What dbt reads: the streams as typed views over the files that count, and the workspace's own tables.

Everything a model may depend on is written here before it is built; models see no clock, no settings and no files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from connectors.sql_text import literals
from data_contracts.errors import WorkledgerError
from data_contracts.load import StreamContract, load_streams
from orchestration.annotations import shared_annotations
from orchestration.closes import COLUMNS, read_closes, rows_of
from orchestration.gap_history import SPELLS, spell_files
from orchestration.gap_thresholds import THRESHOLDS
from orchestration.key_salt import key_salt
from orchestration.reference import TABLES, row_problems, select_reference
from orchestration.releases import COLUMNS as RELEASED
from orchestration.releases import files_of
from orchestration.settings import WEEKDAYS, Policy, Settings
from orchestration.workspace import Workspace

RESTATEMENT_MONTHS = {"monthly": 1, "quarterly": 3, "never": 0}
WEEK_START = {"monday": 1, "saturday": 6, "sunday": 7}

LEDGER_TABLES = {
    "delivery_streams": {
        "delivery_id": "varchar",
        "source": "varchar",
        "stream": "varchar",
        "generation": "bigint",
        "file_name": "varchar",
        "format": "varchar",
        "format_version": "varchar",
        "mode": "varchar",
        "coverage_from": "date",
        "coverage_to": "date",
        "extracted_at": "timestamptz",
        "sha256": "varchar",
        "is_complete": "boolean",
        "rows_read": "bigint",
        "rows_loaded": "bigint",
        "rows_merged": "bigint",
        "rows_quarantined": "bigint",
        "rows_filtered": "bigint",
        "us_read": "bigint",
        "us_loaded": "bigint",
        "repeated_time_rows": "bigint",
        "skipped_time_rows": "bigint",
    },
    "problems": {
        "source": "varchar",
        "file_name": "varchar",
        "rule": "varchar",
        "severity": "varchar",
        "detail": "varchar",
        "remedy": "varchar",
        "first_seen_at": "timestamptz",
        "delivery_id": "varchar",
    },
}
GAP_RULES = {
    "line_number": "bigint",
    "rule": "varchar",
    "source": "varchar",
    "team": "varchar",
    "severity": "varchar",
    "owner": "varchar",
    "minimum_hours": "double",
}
GAP_THRESHOLDS = {"rule": "varchar", "threshold": "varchar", "source": "varchar", "value": "double"}
HOLIDAYS = {"place": "varchar", "holiday_date": "date", "holiday_name": "varchar"}
ANNOTATIONS = {
    "annotation_number": "bigint",
    "person_key": "varchar",
    "period_kind": "varchar",
    "period_date": "date",
    "measure": "varchar",
    "annotation": "varchar",
    "annotated_at": "timestamptz",
}
Row = Mapping[str, Any]


def prepare_warehouse(
    state_file: Path,
    workspace: Workspace,
    *,
    as_of: date,
    stream_files: Mapping[str, Sequence[Path]],
    delivery_streams: Iterable[Row],
    problems: Iterable[Row],
) -> dict[str, int]:
    """Write schemas ``streams`` and ``workspace`` into ``state_file``; returns rows per stream.

    ``stream_files`` names the Parquet files that count, per stream; a stream without files becomes an empty typed view.
    """
    with duckdb.connect(str(state_file)) as con:
        con.execute("set timezone = 'UTC'")
        con.execute("create schema if not exists streams")
        con.execute("create schema if not exists workspace")
        for name, contract in load_streams().items():
            _view_stream(con, contract, stream_files.get(name, ()))
        _write_workspace(con, workspace, as_of)
        _write_rows(con, "delivery_streams", LEDGER_TABLES["delivery_streams"], delivery_streams)
        _write_rows(con, "problems", LEDGER_TABLES["problems"], problems)
        return {name: _count(con, name) for name in load_streams()}


def _count(con: duckdb.DuckDBPyConnection, stream: str) -> int:
    row = con.execute(f"select count(*) from streams.{stream}").fetchone()
    assert row is not None
    return int(row[0])


def _view_stream(con: duckdb.DuckDBPyConnection, contract: StreamContract, files: Sequence[Path]) -> None:
    try:
        con.execute(f"create or replace view streams.{contract.name} as {_select_stream(contract, files)}")
    except duckdb.Error as error:
        raise WorkledgerError(
            f"The rows of {contract.name} cannot be read: {str(error).splitlines()[0]}",
            remedy="Restore the file from the back-up; `workledger verify` names everything that is damaged.",
        ) from error


def _select_stream(contract: StreamContract, files: Sequence[Path]) -> str:
    typed = ", ".join(f'null::{column.type} as "{column.name}"' for column in contract.columns)
    empty = f"select {typed} where false"
    if not files:
        return empty
    # The empty relation gives every column its type, also one that no file has yet.
    return f"{empty} union all by name select * from read_parquet({literals(files)}, union_by_name = true)"


def _write_workspace(con: duckdb.DuckDBPyConnection, workspace: Workspace, as_of: date) -> None:
    settings = workspace.settings
    con.execute("create or replace table workspace.as_of as select ?::date as as_of_date", [as_of])
    policy = settings.policy
    con.execute(
        """
        create or replace table workspace.policy as
        select ?::integer as week_starts_on, ?::integer as smallest_group_size, ?::integer[] as working_weekdays,
            ?::integer as unlogged_grace_days, ?::varchar as default_zone, ?::bigint as reconciliation_tolerance_us,
            ?::integer as weekly_due_working_day, ?::integer as monthly_due_working_day,
            ?::integer as manager_lead_working_days, ?::integer as manager_restatement_months,
            ?::varchar as person_key_salt
        """,
        [
            WEEK_START[policy.week_starts_on],
            policy.smallest_group_size,
            [WEEKDAYS.index(day) + 1 for day in policy.working_weekdays],
            policy.unlogged_grace_days,
            settings.zone,
            policy.reconciliation_tolerance_minutes * 60_000_000,
            policy.weekly_due_working_day,
            policy.monthly_due_working_day,
            policy.manager_lead_working_days,
            RESTATEMENT_MONTHS[policy.manager_restatement],
            key_salt(workspace.key_salt),
        ],
    )
    con.execute(
        "create or replace table workspace.sources"
        "(source varchar, format varchar, zone varchar, mode varchar, rhythm varchar, owner varchar)"
    )
    for name, source in settings.sources.items():
        con.execute(
            "insert into workspace.sources values (?, ?, ?, ?, ?, ?)",
            [name, source.format, source.zone or settings.zone, source.mode, source.rhythm, source.owner],
        )
    con.execute(
        "create or replace table workspace.authority"
        "(source varchar, priority integer, valid_from_date date, valid_to_date date)"
    )
    for rule in policy.authority:
        con.execute(
            "insert into workspace.authority values (?, ?, ?, ?)",
            [rule.source, rule.priority, rule.valid_from_date, rule.valid_to_date],
        )
    _write_rows(con, "gap_rules", GAP_RULES, _gap_rules(policy))
    _write_rows(con, "gap_thresholds", GAP_THRESHOLDS, gap_thresholds(policy, settings.sources))
    _write_closes(con, workspace)
    _write_releases(con, workspace)
    _write_annotations(con, workspace)
    _read_parquet_into(con, "gap_spells", SPELLS, spell_files(workspace))
    _write_reference(con, workspace.reference)
    _write_holidays(con, settings, as_of)


def _gap_rules(policy: Policy) -> Iterable[Row]:
    """Lines of policy.gaps in their order, by the rule's plain name."""
    for number, line in enumerate(policy.gaps):
        yield {**line.model_dump(exclude={"thresholds"}), "line_number": number, "rule": line.plain_rule}


def gap_thresholds(policy: Policy, sources: Iterable[str]) -> Iterable[Row]:
    """Rows of workspace.gap_thresholds: every limit for all (``source`` null), and again where policy gives a source its own.

    Of several lines of policy.gaps the first that fits a source and names the limit holds.
    """
    for limit in THRESHOLDS:
        lines = [line for line in policy.gaps if line.plain_rule == limit.rule and limit.name in line.thresholds]
        told = {
            source: next(
                (line.thresholds[limit.name] for line in lines if line.source in (None, source)), limit.default
            )
            for source in (None, *sources)
        }
        for source, value in told.items():
            if source is None or value != told[None]:
                yield {"rule": limit.rule, "threshold": limit.name, "source": source, "value": value}


def _write_closes(con: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """Closed months, the deliveries that were known then, and the time entries as they were closed."""
    closes = read_closes(workspace)
    con.execute(
        "create or replace table workspace.closed_months(month_start_date date, month_end_date date,"
        " closed_at timestamptz, closed_version varchar, close_reason varchar)"
    )
    con.execute("create or replace table workspace.closed_deliveries(month_start_date date, delivery_id varchar)")
    for close in closes:
        con.execute(
            "insert into workspace.closed_months values (?, ?, ?, ?, ?)",
            [close.first_day, close.last_day, close.closed_at, close.version, close.reason],
        )
        con.execute(
            "insert into workspace.closed_deliveries select ?, unnest(?::varchar[])",
            [close.first_day, list(close.deliveries)],
        )
    _read_parquet_into(con, "closed_activities", COLUMNS, [rows_of(workspace, close.month) for close in closes])


def _write_annotations(con: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """What contributors share about their numbers."""
    columns = ", ".join(f"{name} {kind}" for name, kind in ANNOTATIONS.items())
    con.execute(f"create or replace table workspace.annotations({columns})")
    for number, said in shared_annotations(workspace).items():
        con.execute(
            "insert into workspace.annotations values (?, ?, ?, ?, ?, ?, ?)",
            [number, said.person_key, said.period_kind, said.period_date, said.measure, said.text, said.annotated_at],
        )


def _write_releases(con: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """What managers were shown, and the rows of persons that it is made of."""
    for table, columns in RELEASED.items():
        _read_parquet_into(con, f"released_{table}", columns, files_of(workspace, table))


def _read_parquet_into(
    con: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], files: Sequence[Path]
) -> None:
    typed = ", ".join(f"null::{kind} as {name}" for name, kind in columns.items())
    read = f" union all by name select * from read_parquet({literals(files)}, union_by_name = true)" if files else ""
    con.execute(f"create or replace table workspace.{table} as select {typed} where false{read}")


def _write_reference(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    for table in TABLES:
        for problem in row_problems(folder / table.file_name, table):
            raise problem
        try:
            con.execute(f"create or replace table workspace.{table.name} as {select_reference(folder, table)}")
        except duckdb.Error as error:
            raise WorkledgerError(
                f"A reference file cannot be read: {str(error).splitlines()[0]}",
                where=str(folder / table.file_name),
                remedy="Dates are written YYYY-MM-DD, numbers with a point.",
            ) from None


def _write_holidays(con: duckdb.DuckDBPyConnection, settings: Settings, as_of: date) -> None:
    """Public holidays of every place in the roster, from the first fact's year to the year after ``as_of``."""
    import holidays

    places = con.execute(
        "select place, min(year(coalesce(valid_from_date, hired_date))) from streams.people "
        "where place is not null group by place"
    ).fetchall()
    first_work = con.execute(
        "select min(year(coalesce(work_date, started_at::date, period_start_date))) from streams.time_entries"
    ).fetchone()
    rows: list[Row] = []
    for place, first_fact in places:
        country, _, subdivision = place.partition("-")
        first = max(first_fact or as_of.year, (first_work and first_work[0]) or as_of.year - 1)
        try:
            calendar = holidays.country_holidays(
                country, subdiv=subdivision or None, years=range(first - 1, as_of.year + 2)
            )
        except NotImplementedError:
            continue  # A place without a known calendar has no rows; gap_unknown_calendar says so.
        rows += [dict(zip(HOLIDAYS, (place, *held), strict=True)) for held in sorted(calendar.items())]
    _write_rows(con, "holidays", HOLIDAYS, rows)
    # What a company gives a whole country holds in its subdivisions too, which have calendars of their own.
    con.execute(
        """
        insert into workspace.holidays
        select place, holiday_date, holiday_name from workspace.extra_holidays
        union all
        select known.place, extra.holiday_date, extra.holiday_name
        from workspace.extra_holidays as extra
        inner join (select place from workspace.holidays group by place) as known
            on split_part(known.place, '-', 1) = extra.place and known.place <> extra.place"""
    )


def _write_rows(con: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], rows: Iterable[Row]) -> None:
    import pyarrow as pa

    listed = ", ".join(f"{name} {type_}" for name, type_ in columns.items())
    con.execute(f"create or replace table workspace.{table}({listed})")
    values = list(rows)
    if not values:
        return
    arrow = pa.table({name: [row[name] for row in values] for name in columns})
    con.register("incoming", arrow)
    casts = ", ".join(f"cast({name} as {type_}) as {name}" for name, type_ in columns.items())
    con.execute(f"insert into workspace.{table} select {casts} from incoming")
    con.unregister("incoming")
