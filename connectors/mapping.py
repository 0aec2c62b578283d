"""Map the text tables of a delivery to rows of one stream, and account for every row.

The expressions run as they are over all rows, and what they give is staged as a Parquet file. Only where that fails, or a
required value is missing, the faults are looked for (mapping_faults.py) and the rest is staged. Rows that share a record are
then settled (mapping_repeats.py). The connection reaches no file but the staged ones.
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
from connectors.clock_changes import doubtful_times
from connectors.durable import keep_file
from connectors.expressions import check_expression, check_select, referred_columns, referred_options
from connectors.format_spec import FormatSpec
from connectors.mapping_faults import FAULTY, FILTERED_OUT, SOUND, duration_sum, filter_out, find_faults
from connectors.mapping_job import Accounting, Base, Job, raise_sql_failed
from connectors.mapping_repeats import REPEATS, rank_repeats, settled_select, staged_rows, stays, without_repeats
from connectors.nearest import did_you_mean
from connectors.sql_text import literal, quoted
from connectors.workbench import Desk, time_limit
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    import duckdb

EXPANDS_TO_NOTHING = "expands_to_nothing"
OPTION = re.compile(r"\boption\(\s*'(\w+)'\s*\)")
SQL_FIELDS = ("source", "key", "columns", "modified_at", "deleted", "filters")
QUARANTINED, LOADED, MERGED, GONE = range(4)


@dataclass(frozen=True)
class Staged:
    """Mapped rows in a file: their number, distinct primary rows, microseconds, whether every required value is there, and
    whether some share a record."""

    file: Path
    rows: int
    primary_rows: int
    us: int | None
    is_filled: bool
    has_repeats: bool


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
        desk.drop(FAULTY, FILTERED_OUT, REPEATS)
        base = _base(desk, job)
        rejected = _count(desk.con, job.table.rejected) if job.table.has_rejected else 0
        staged = _map_plainly(desk, job, base, expired) or _map_without_faults(desk, job, base)
        result, loaded = _settle(desk, job, base, staged)
        result = replace(
            result, quarantined=result.quarantined + rejected, doubtful=doubtful_times(desk, job, base, loaded)
        )
        keep_file(loaded, target)
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
    relation, number, rows, distinct = job.table.name, "_row", primary, primary
    try:
        if job.mapping.source is not None and job.mapping.source not in job.spec.tables:
            relation, number = f"_from_{job.stream}", "rowid"
            desk.make("table", relation, job.mapping.source)
            counted = con.execute(f"select count(*), count(distinct _row) from {quoted(relation)}").fetchone()
            rows, distinct = counted or (0, 0)
    except duckdb.Error as error:
        raise_sql_failed(error, f"{job.where}.from")
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
    return Base(relation, columns, number, rows, distinct, primary)


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
            raise_sql_failed(error, f"{job.where}.filters")
        counts = {str(rule): int(count) for rule, count in rows}
    if job.mapping.expands and base.primary_rows > base.distinct_rows:
        counts[EXPANDS_TO_NOTHING] = base.primary_rows - base.distinct_rows
    return counts


def _stage(desk: Desk, job: Job, base: Base, kept: str) -> Path:
    """Writes the rows of a predicate, mapped, as if each were a record of its own; returns the file."""
    own = sql.mapped_columns(job.contract, job.mapping)
    casts = ", ".join(
        f"{column.cast} as {quoted(column.name)}" for column in (*own, *sql.envelope_columns(job.mapping))
    )
    record_id = f"{sql.content_hash(own)} || '#1'" if job.mapping.key == sql.OCCURRENCE else sql.RECORD_ID
    return desk.write(
        f"with mapped as (select _row, {casts}, {extras(desk.con, job, base)} as extras"
        f" from (select {base.number} as _row_number, * from {quoted(base.relation)}) as numbered where {kept})"
        f" select {sql.final_columns(job.contract, job.source, job.delivery_id, record_id)} from mapped"
    )


def _look_at(con: duckdb.DuckDBPyConnection, job: Job, staged: Path) -> Staged:
    """Reads back what was written: the account is of the file, not of what was meant."""
    required = [column.name for column in job.contract.columns if column.required]
    filled = " and ".join(f"count({quoted(name)}) = count(*)" for name in required)
    duration = sql.DURATIONS.get(job.stream)
    record = sql.RECORD_ID if job.mapping.merge else f"{sql.RECORD_ID}, {sql.MODIFIED_AT}"
    row = con.execute(
        f"select count(*), {'count(distinct _row)' if job.mapping.expands else 'count(*)'},"
        f" {f'cast(coalesce(sum({duration}), 0) as bigint)' if duration else 'null'}, {filled},"
        f" count(distinct hash({record})) < count(*) from read_parquet({literal(staged)})"
    ).fetchone()
    rows, primary, us, is_filled, repeats = row or (0, 0, None, True, False)
    return Staged(staged, int(rows), int(primary), None if us is None else int(us), bool(is_filled), bool(repeats))


def _map_plainly(desk: Desk, job: Job, base: Base, expired: Event) -> Staged | None:
    """All rows that no filter takes out, mapped; None where one has a fault."""
    import duckdb

    try:
        staged = _look_at(desk.con, job, _stage(desk, job, base, sql.kept(job.mapping)))
    except duckdb.Error:
        if expired.is_set():
            raise
        return None
    is_whole = bool(job.mapping.filters) or staged.rows == base.rows
    return staged if staged.is_filled and is_whole else None


def _map_without_faults(desk: Desk, job: Job, base: Base) -> Staged:
    """The rows that have no fault, mapped; the others are quarantined."""
    import duckdb

    try:
        find_faults(desk, job, base)
        staged = _look_at(desk.con, job, _stage(desk, job, base, SOUND))
    except duckdb.Error as error:
        raise_sql_failed(error, job.where)
    if not staged.is_filled:
        raise WorkledgerError(f"What was mapped of {job.stream} is not sound", where=job.where, remedy="Report this.")
    return staged


def _settle(desk: Desk, job: Job, base: Base, staged: Staged) -> tuple[Accounting, Path]:
    """What became of every primary row, and the file with those that are loaded."""
    con = desk.con
    if not staged.has_repeats and not desk.has(FAULTY):
        filtered = _filtered(con, job, base)
        us_read = duration_sum(desk, job, base) if job.mapping.filters else staged.us
        return Accounting(staged.primary_rows, 0, 0, filtered, us_read, staged.us), staged.file
    if not desk.has(FILTERED_OUT):
        filter_out(desk, job, base)
    if staged.has_repeats:
        rank_repeats(desk, job, staged.file)
    else:
        without_repeats(desk)
    fates = _fates(con, job, staged.file)
    loaded = staged
    if staged.has_repeats:
        loaded = _look_at(con, job, desk.write(settled_select(job, staged.file)))
    filtered = {str(rule): count for (fate, rule), count in sorted(fates.items(), key=str) if fate == GONE}
    if job.mapping.expands and base.primary_rows > base.distinct_rows:
        filtered[EXPANDS_TO_NOTHING] = base.primary_rows - base.distinct_rows
    account = Accounting(
        loaded=fates.get((LOADED, None), 0),
        merged=fates.get((MERGED, None), 0),
        quarantined=fates.get((QUARANTINED, None), 0),
        filtered_by=filtered,
        us_read=duration_sum(desk, job, base),
        us_loaded=loaded.us,
    )
    return account, loaded.file


def _fates(con: duckdb.DuckDBPyConnection, job: Job, staged: Path) -> dict[tuple[int, str | None], int]:
    """Primary rows by the worst that befell them: quarantined before loaded before merged before filtered by a rule."""
    rows = con.execute(
        "with fates as ("
        f" select _row, {QUARANTINED} as fate, cast(null as varchar) as rule from {FAULTY}"
        f" union all select rows._row, case when {stays(job)} then {LOADED} else {MERGED} end, null"
        f" from {staged_rows(staged)} as rows left join {REPEATS} using (_row_place)"
        f" union all select _row, {GONE}, rule from {FILTERED_OUT}"
        "), worst as (select _row, min(fate) as fate, min(rule) as rule from fates group by _row)"
        f" select fate, case when fate = {GONE} then rule end as rule, count(*) from worst group by all"
    ).fetchall()
    return {(fate, rule): int(count) for fate, rule, count in rows}


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
