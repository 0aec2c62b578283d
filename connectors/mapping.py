"""Map the text tables of a delivery to rows of one stream, and account for every row.

The plain pass runs the expressions as they are and writes what comes out. Only where that fails, or what was written does not add
up (a required value is NULL, a record id repeats, rows merge), the careful pass tries every column of every row and quarantines
what cannot be read. Both run on a connection without file access; trusted code writes the Parquet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from connectors import mapping_sql as sql
from connectors.expressions import check_expression, check_select, referred_columns, referred_options
from connectors.format_spec import FormatSpec, StreamMapping
from connectors.mapping_careful import map_carefully
from connectors.nearest import did_you_mean
from connectors.parquet_files import write_parquet
from connectors.readers.text_tables import TextTable, quoted
from connectors.workbench import Desk, time_limit
from data_contracts.errors import WorkledgerError
from data_contracts.load import StreamContract, load_stream

if TYPE_CHECKING:
    import duckdb

EXPANDS_TO_NOTHING = "expands_to_nothing"
MAPPED = "_mapped"
OPTION = re.compile(r"\boption\(\s*'(\w+)'\s*\)")
SQL_FIELDS = ("source", "key", "columns", "modified_at", "deleted", "filters")


@dataclass(frozen=True)
class Job:
    """One stream of one delivery to be mapped. ``tables`` are the parts that were read; ``with_extras`` whether this stream
    keeps the columns that nobody maps."""

    spec: FormatSpec
    stream: str
    source: str
    delivery_id: str
    tables: Mapping[str, TextTable]
    with_extras: bool

    @property
    def mapping(self) -> StreamMapping:
        """The format's mapping of this stream."""
        return self.spec.streams[self.stream]

    @property
    def contract(self) -> StreamContract:
        """What the stream's rows must look like."""
        return load_stream(self.stream)

    @property
    def table(self) -> TextTable:
        """The part whose rows are accounted for."""
        return self.tables[self.spec.primary_table(self.stream)]

    @property
    def where(self) -> str:
        """The stream in the format, for errors."""
        return f"format {self.spec.name}, streams.{self.stream}"


@dataclass(frozen=True)
class Base:
    """The relation that expressions run over: its name and columns, rows, distinct primary rows among them, and primary rows
    in the export (lines that were no rows apart)."""

    relation: str
    columns: tuple[str, ...]
    rows: int
    distinct_rows: int
    primary_rows: int


@dataclass(frozen=True)
class Accounting:
    """Primary rows by what became of them, and microseconds before and after. rows_read is their sum."""

    loaded: int
    merged: int
    quarantined: int
    filtered_by: Mapping[str, int]
    us_read: int | None
    us_loaded: int | None

    @property
    def filtered(self) -> int:
        """Rows left out by named rules."""
        return sum(self.filtered_by.values())

    @property
    def read(self) -> int:
        """All primary rows."""
        return self.loaded + self.merged + self.quarantined + self.filtered


@lru_cache(maxsize=256)
def _checked(fingerprint: str) -> set[str]:
    return set()


def check_mapping(spec: FormatSpec) -> None:
    """Raises WorkledgerError where an expression of the format is not allowed or asks for an undeclared option."""
    done = _checked(spec.fingerprint)
    if spec.name in done:
        return
    for stream, mapping in spec.streams.items():
        place = f"format {spec.name}, streams.{stream}"
        if mapping.source is not None and mapping.source not in spec.tables:
            check_select(mapping.source, frozenset(spec.tables), f"{place}.from")
        for name, expression in sql.expressions_of(mapping).items():
            check_expression(expression, f"{place}.{name}")
            for option in referred_options(expression):
                if option not in spec.options:
                    raise WorkledgerError(
                        f"The format does not declare the option {option!r}",
                        where=f"{place}.{name}",
                        remedy=did_you_mean(option, spec.options),
                    )
    done.add(spec.name)


def with_options(spec: FormatSpec, options: Mapping[str, str]) -> FormatSpec:
    """The format with every option('name') replaced by its value as a SQL string, NULL where it has none."""

    def filled_in(value: Any) -> Any:
        if isinstance(value, str):
            return OPTION.sub(lambda call: sql.literal_or_null(options.get(call[1])), value)
        if isinstance(value, Mapping):
            return {name: filled_in(entry) for name, entry in value.items()}
        return tuple(map(filled_in, value)) if isinstance(value, tuple) else value

    streams = {
        name: mapping.model_copy(update={field: filled_in(getattr(mapping, field)) for field in SQL_FIELDS})
        for name, mapping in spec.streams.items()
    }
    return spec.model_copy(update={"streams": streams})


def map_stream(desk: Desk, job: Job, target: Path) -> Accounting:
    """Writes the stream's rows of one delivery to ``target`` (Parquet) and returns what became of every primary row.

    Rows that cannot be read go to table ``_quarantine``. Raises WorkledgerError where the accounting does not close.
    """
    with time_limit(desk.con, desk.limits.seconds, job.where) as expired:
        base = _base(desk, job)
        rejected = _count(desk.con, job.table.rejected) if job.table.has_rejected else 0
        result: Accounting | None = None
        if job.mapping.merge is None:
            result = _map_plainly(desk, job, base, target, expired)
        if result is None:
            result = _map_with_care(desk, job, base, target)
    result = replace(result, quarantined=result.quarantined + rejected)
    if result.read != base.primary_rows + rejected:
        raise WorkledgerError(
            f"The accounting of {job.stream} does not close: {base.primary_rows + rejected} rows read, but"
            f" {result.loaded} loaded + {result.merged} merged + {result.quarantined} quarantined"
            f" + {result.filtered} filtered",
            where=job.where,
            remedy="`from` drops or invents rows: leave rows out by a named filter only.",
        )
    return result


def _base(desk: Desk, job: Job) -> Base:
    import duckdb

    con = desk.con
    primary = _count(con, job.table.raw)
    relation, rows, distinct = job.table.name, primary, primary
    try:
        if job.mapping.source is not None and job.mapping.source not in job.spec.tables:
            relation = f"_from_{job.stream}"
            desk.make("table", relation, job.mapping.source)
            counted = con.execute(f"select count(*), count(distinct _row) from {quoted(relation)}").fetchone()
            rows, distinct = counted or (0, 0)
    except duckdb.Error as error:
        raise _sql_failed(error, f"{job.where}.from") from error
    columns: tuple[str, ...] = ("_row", *job.table.columns, *job.table.absent)
    if relation != job.table.name:
        columns = tuple(entry[0] for entry in con.execute(f"describe {quoted(relation)}").fetchall())
    _check_references(job, columns)
    if rows > distinct and not job.mapping.expands:
        raise WorkledgerError(
            f"`from` makes {rows} rows out of {distinct}",
            where=job.where,
            remedy="Write `expands: true` if that is meant.",
        )
    return Base(relation, columns, rows, distinct, primary)


def _check_references(job: Job, columns: tuple[str, ...]) -> None:
    known = {name.lower() for name in columns}
    for place, expression in sql.expressions_of(job.mapping).items():
        for name in referred_columns(expression):
            if name.lower() not in known:
                raise WorkledgerError(
                    f"The export has no column {name!r}",
                    where=f"{job.where}.{place}",
                    remedy=did_you_mean(name, columns),
                )


def _filtered(con: duckdb.DuckDBPyConnection, job: Job, base: Base) -> dict[str, int]:
    """Primary rows that named filters take out altogether, by rule, and those that expand to nothing."""
    import duckdb

    counts: dict[str, int] = {}
    if job.mapping.filters:
        try:
            rows = con.execute(
                "with ruled as (select _row, "
                f"{sql.filter_rule(job.mapping)} as rule from {quoted(base.relation)}),"
                " gone as (select _row, min(rule) as rule from ruled group by _row having count(*) = count(rule))"
                " select rule, count(*) from gone group by rule order by rule"
            ).fetchall()
        except duckdb.Error as error:
            raise _sql_failed(error, f"{job.where}.filters") from error
        counts = {str(rule): int(count) for rule, count in rows}
    if job.mapping.expands and base.primary_rows > base.distinct_rows:
        counts[EXPANDS_TO_NOTHING] = base.primary_rows - base.distinct_rows
    return counts


def _map_plainly(desk: Desk, job: Job, base: Base, target: Path, expired: Event) -> Accounting | None:
    """The fast way; None where the careful way has to be taken."""
    import duckdb

    filtered = _filtered(desk.con, job, base)
    try:
        desk.make("table", MAPPED, _plain_select(desk.con, job, base))
    except duckdb.Error:
        if expired.is_set():
            raise
        return None
    rows, loaded, us_loaded, sound = _verify(desk.con, job)
    if not sound or (not job.mapping.filters and rows != base.rows):
        return None
    _write(desk.con, f"select * from {MAPPED}", target, rows)
    us_read = us_loaded
    if job.stream in sql.DURATIONS and job.mapping.filters:
        us_read = duration_sum(desk.con, job, base.relation)
    return Accounting(loaded, 0, 0, filtered, us_read, us_loaded)


def _plain_select(con: duckdb.DuckDBPyConnection, job: Job, base: Base) -> str:
    own = sql.mapped_columns(job.contract, job.mapping)
    columns = [*own, *sql.envelope_columns(job.mapping)]
    casts = ", ".join(f"{column.cast} as {quoted(column.name)}" for column in columns)
    record_id = f"{sql.content_hash(own)} || '#1'" if job.mapping.key == sql.OCCURRENCE else sql.RECORD_ID
    return (
        f"with mapped as (select _row, {casts}, {extras(con, job, base)} as extras"
        f" from {quoted(base.relation)} where {sql.kept(job.mapping)})"
        f" select {sql.final_columns(job.contract, job.source, job.delivery_id, record_id)} from mapped"
    )


def _verify(con: duckdb.DuckDBPyConnection, job: Job) -> tuple[int, int, int | None, bool]:
    """Looks at what was mapped: rows, distinct primary rows, microseconds, and whether nothing is empty or repeated."""
    required = [column.name for column in job.contract.columns if column.required]
    filled = " and ".join(f"count({quoted(name)}) = count(*)" for name in required)
    duration = sql.DURATIONS.get(job.stream)
    total = f"cast(coalesce(sum({duration}), 0) as bigint)" if duration else "null"
    distinct = f"(select count(distinct _row) from {MAPPED})" if job.mapping.expands else "sum(row_count)"
    row = con.execute(
        f"with records as (select count(*) as row_count, {total} as us, {filled} as is_filled from {MAPPED}"
        f" group by {sql.RECORD_ID}, {sql.MODIFIED_AT})"
        f" select coalesce(sum(row_count), 0), coalesce({distinct}, 0), {'coalesce(sum(us), 0)' if duration else 'null'},"
        " coalesce(bool_and(is_filled) and max(row_count) = 1, true) from records"
    ).fetchone()
    rows, loaded, us_loaded, sound = row or (0, 0, None, False)
    return int(rows), int(loaded), None if us_loaded is None else int(us_loaded), bool(sound)


def _map_with_care(desk: Desk, job: Job, base: Base, target: Path) -> Accounting:
    import duckdb

    con = desk.con
    try:
        facts = _facts(con, job, base)
        select, fates = map_carefully(desk, job.mapping, job.contract, base.relation, base.columns, facts)
        desk.make("table", MAPPED, select)
        rows, _, us_loaded, sound = _verify(con, job)
    except duckdb.Error as error:
        raise _sql_failed(error, job.where) from error
    if not sound:
        raise WorkledgerError(f"What was mapped of {job.stream} is not sound", where=job.where, remedy="Report this.")
    _write(con, f"select * from {MAPPED}", target, rows)
    filtered = {rule: count for rule, count in fates.filtered_by.items() if count}
    if job.mapping.expands and base.primary_rows > base.distinct_rows:
        filtered[EXPANDS_TO_NOTHING] = base.primary_rows - base.distinct_rows
    us_read = duration_sum(con, job, base.relation)
    return Accounting(fates.loaded, fates.merged, fates.quarantined, filtered, us_read, us_loaded)


def _write(con: duckdb.DuckDBPyConnection, select: str, target: Path, rows: int) -> None:
    written = write_parquet(con, select, target)
    if written != rows:
        raise WorkledgerError(
            f"{written} rows were written instead of {rows}", where=str(target), remedy="Run again; then report this."
        )


def _facts(con: duckdb.DuckDBPyConnection, job: Job, base: Base) -> dict[str, str]:
    return {
        "stream": job.stream,
        "table": job.table.name,
        "source": job.source,
        "delivery_id": job.delivery_id,
        "extras": extras(con, job, base),
    }


def duration_sum(con: duckdb.DuckDBPyConnection, job: Job, relation: str) -> int | None:
    """Microseconds in all rows of the relation that can be read, filtered ones included; None where the stream has none."""
    duration = sql.DURATIONS.get(job.stream)
    if duration is None:
        return None
    column = next(entry for entry in sql.mapped_columns(job.contract, job.mapping) if entry.name == duration)
    return _scalar(con, f"select cast(coalesce(sum(({column.tried}).v), 0) as bigint) from {quoted(relation)}")


def extras(con: duckdb.DuckDBPyConnection, job: Job, base: Base) -> str:
    """Expression of the extras: JSON of the columns that no stream of the format maps and that hold anything at all."""
    if not job.with_extras:
        return sql.extras_json(())
    used = {name for mapping in job.spec.streams.values() for name in sql.used_columns(mapping)}
    unmapped = [name for name in base.columns if name.lower() not in used and not name.startswith("_row")]
    if not unmapped:
        return sql.extras_json(())
    counts = con.execute(
        f"select {', '.join(f'count({quoted(name)})' for name in unmapped)} from {quoted(base.relation)}"
    ).fetchone()
    return sql.extras_json([name for name, count in zip(unmapped, counts or (), strict=True) if count])


def _count(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    return _scalar(con, f"select count(*) from {quoted(relation)}") or 0


def _scalar(con: duckdb.DuckDBPyConnection, statement: str) -> int | None:
    row: tuple[Any, ...] | None = con.execute(statement).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def _sql_failed(error: Exception, where: str) -> WorkledgerError:
    return WorkledgerError(
        f"The mapping fails: {str(error).strip().splitlines()[0]}",
        where=where,
        remedy="Correct the SQL of the format.",
    )
