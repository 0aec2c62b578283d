"""Find the rows that cannot be mapped: which value of which column, and why. What is left maps without a fault.

Only columns whose expression fails on the whole are tried value by value, and every distinct value once: ``try`` takes
microseconds a value, a plain expression nanoseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors import mapping_sql as sql
from connectors.expressions import referred_columns
from connectors.mapping_job import Base, Job
from connectors.sql_text import literal, quoted
from connectors.workbench import Desk

if TYPE_CHECKING:
    import duckdb

QUARANTINE = "_quarantine"
EMPTY_QUARANTINE = (
    "select null::varchar as stream, null::varchar as table_name, null::bigint as _row, null::bigint as line,"
    " null::varchar as column_name, null::varchar as value, null::varchar as reason limit 0"
)
FAULTY = "_faulty"
FILTERED_OUT = "_filtered_out"
VALUES = "_values"
SOUND = f"_row_number not in (select _row_number from {FAULTY}) and _row_number not in (select _row_number from {FILTERED_OUT})"


def filter_out(desk: Desk, job: Job, base: Base) -> None:
    """Table ``_filtered_out`` (_row_number, _row, rule): the rows that a named filter takes out, by the first that does."""
    rows = f"select {base.number} as _row_number, * from {quoted(base.relation)}"
    if desk.has(FAULTY):
        rows = f"select * from ({rows}) as numbered where _row_number not in (select _row_number from {FAULTY})"
    ruled = f"select _row_number, _row, {sql.filter_rule(job.mapping)} as rule from ({rows}) as rows"
    desk.make("table", FILTERED_OUT, f"select * from ({ruled}) as ruled where rule is not null")


def find_faults(desk: Desk, job: Job, base: Base) -> None:
    """Tables ``_faulty`` (_row_number, _row; a row as often as it has faults) and ``_filtered_out``; what is wrong goes to
    ``_quarantine``.

    A filter that cannot be computed is a fault too; rows that are filtered out are spared their columns.
    """
    prepare_quarantine(desk)
    desk.make("table", FAULTY, "select cast(null as bigint) as _row_number, cast(null as bigint) as _row limit 0")
    for name, predicate in job.mapping.filters.items():
        _find(desk, job, base, sql.Mapped(f"filters.{name}", "BOOLEAN", False, predicate), "true")
    filter_out(desk, job, base)
    of_rows = f"_row_number not in (select _row_number from {FILTERED_OUT})"
    if job.mapping.filters and _has_rows(desk.con, FAULTY):
        desk.make("table", "_unfiltered", f"select _row_number from {FAULTY}")
        of_rows += " and _row_number not in (select _row_number from _unfiltered)"
    for column in (*sql.mapped_columns(job.contract, job.mapping), *sql.envelope_columns(job.mapping)):
        _find(desk, job, base, column, of_rows)


def quarantined_rows(desk: Desk, stream: str) -> list[int]:
    """Primary rows of a stream that are in quarantine, at least in part."""
    if not desk.has(QUARANTINE):
        return []
    rows = desk.con.execute(
        f"select _row from {QUARANTINE} where stream = {literal(stream)} and _row is not null group by _row"
    ).fetchall()
    return [int(row) for (row,) in rows]


def prepare_quarantine(desk: Desk) -> None:
    """Table ``_quarantine``, if this delivery does not have it yet."""
    if not desk.has(QUARANTINE):
        desk.make("table", QUARANTINE, EMPTY_QUARANTINE)


def duration_sum(desk: Desk, job: Job, base: Base) -> int | None:
    """Microseconds in all rows that can be read, filtered ones included; None where the stream has no durations."""
    import duckdb

    duration = sql.DURATIONS.get(job.stream)
    if duration is None:
        return None
    column = next(entry for entry in sql.mapped_columns(job.contract, job.mapping) if entry.name == duration)
    try:
        return _sum(desk.con, f"select sum({column.cast}) from {quoted(base.relation)}")
    except (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException):
        _try_values(desk, base, column, "true")
        return _sum(desk.con, f"select sum(_row_tried.v * _row_count) from {VALUES}")


def _find(desk: Desk, job: Job, base: Base, column: sql.Mapped, of_rows: str) -> None:
    """Faults of one column among the rows of a predicate: values that cannot be read, required ones that are empty."""
    import duckdb

    numbered = f"(select {base.number} as _row_number, * from {quoted(base.relation)}) as numbered"
    # The hash is there to have every value computed: a count may be answered without.
    look = f"select count(*) - count({column.cast}), max(hash({column.cast})) from {numbered} where {of_rows}"
    try:
        count, _ = desk.con.execute(look).fetchone() or (0, None)
    except (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException):
        _try_values(desk, base, column, of_rows)
        same = " and ".join(f"numbered.{name} is not distinct from {VALUES}.{name}" for name in _names(base, column))
        tried = f"{numbered} join {VALUES} on {same or 'true'}"
        _quarantine(desk, job, base, column, f"{tried} where {of_rows} and _row_tried is null", sql.unread(column))
        if column.required:
            rows = f"{tried} where {of_rows} and _row_tried is not null and _row_tried.v is null"
            _quarantine(desk, job, base, column, rows, sql.empty(column))
        return
    if count and column.required:
        rows = f"{numbered} where {of_rows} and {column.cast} is null"
        _quarantine(desk, job, base, column, rows, sql.empty(column))


def _try_values(desk: Desk, base: Base, column: sql.Mapped, of_rows: str) -> None:
    """Table ``_values``: what the expression refers to, each combination once, with its rows and the result of ``try``."""
    names = ", ".join([*_names(base, column), ""])
    numbered = f"(select {base.number} as _row_number, * from {quoted(base.relation)}) as numbered"
    desk.make(
        "table", "_distinct", f"select {names}count(*) as _row_count from {numbered} where {of_rows} group by all"
    )
    desk.make("table", VALUES, f"select *, {column.tried} as _row_tried from _distinct")


def _names(base: Base, column: sql.Mapped) -> list[str]:
    """The relation's columns that an expression refers to, quoted."""
    referred = {name.lower() for name in referred_columns(column.expression)}
    return [quoted(name) for name in base.columns if name.lower() in referred]


def _quarantine(desk: Desk, job: Job, base: Base, column: sql.Mapped, rows: str, reason: str) -> None:
    """One entry in ``_quarantine`` and one in ``_faulty`` for each of the ``rows`` (a FROM clause with ``numbered`` in it)."""
    value = sql.raw_value(column.expression, base.columns, "numbered")
    desk.make("table", "_found", f"select _row_number, numbered._row as _row, {value} as value from {rows}")
    desk.con.execute(f"insert into {FAULTY} select _row_number, _row from _found")
    desk.con.execute(
        f"insert into {QUARANTINE} select {literal(job.stream)}, {literal(job.table.name)}, _row, null,"
        f" {literal(column.name)}, value, {literal(reason)} from _found order by _row_number"
    )


def _has_rows(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    return con.execute(f"select 1 from {table} limit 1").fetchone() is not None


def _sum(con: duckdb.DuckDBPyConnection, statement: str) -> int:
    (total,) = con.execute(statement).fetchone() or (0,)
    return int(total or 0)
