"""Rows of one record within a delivery: number those without an id, merge those that say the same, quarantine contradictions."""

from __future__ import annotations

from pathlib import Path

from connectors import mapping_sql as sql
from connectors.mapping_faults import FAULTY, QUARANTINE, prepare_quarantine
from connectors.mapping_job import Job
from connectors.sql_text import literal, quoted
from connectors.workbench import Desk

REPEATS = "_repeats"


def staged_rows(staged: Path) -> str:
    """The rows of a staged file with their ``_row_place`` in it, as a relation."""
    return f"(select *, file_row_number as _row_place from read_parquet({literal(staged)}, file_row_number = true))"


def rank_repeats(desk: Desk, job: Job, staged: Path) -> None:
    """Table ``_repeats`` (_row_place, _row, source_record_id, _row_rank, _conflict): the rows that share their record.

    Rank 1 stays, further ones merge; of rows without an id every one stays, and the rank is its number among its duplicates.
    ``_conflict`` names a column that contradicts; those rows go to ``_quarantine`` and ``_faulty``.
    """
    merge = job.mapping.merge
    record = sql.RECORD_ID if merge else f"{sql.RECORD_ID}, {sql.MODIFIED_AT}"
    same = " and ".join(f"rows.{name} is not distinct from repeated.{name}" for name in record.split(", "))
    order = "_row desc, _row_place desc" if merge and merge.keep == "last" else "_row, _row_place"
    own = sql.mapped_columns(job.contract, job.mapping)
    content, conflict = "cast(null as varchar)", "cast(null as varchar)"
    if merge:
        checks = " ".join(
            f"when {quoted(name)} is distinct from first_value({quoted(name)}) over record then {literal(name)}"
            for name in merge.constant
        )
        conflict = f"case {checks} end" if checks else conflict
    elif job.mapping.key != sql.OCCURRENCE:
        content = sql.content_hash(own)
        conflict = f"case when min(_content) over whole <> max(_content) over whole then {literal(sql.RECORD_ID)} end"
    desk.make(
        "table",
        REPEATS,
        f"with rows as (select * from {staged_rows(staged)} as staged),"
        f" repeated as (select {record} from rows group by all having count(*) > 1),"
        f" shared as (select rows.*, {content} as _content from rows semi join repeated on {same})"
        f" select _row_place, _row, {sql.RECORD_ID}, row_number() over record as _row_rank, {conflict} as _conflict from shared"
        f" window record as (partition by {record} order by {order}), whole as (partition by {record})",
    )
    _quarantine_conflicts(desk, job)


def without_repeats(desk: Desk) -> None:
    """Table ``_repeats``, empty."""
    desk.make(
        "table",
        REPEATS,
        f"select 0::bigint as _row_place, 0::bigint as _row, '' as {sql.RECORD_ID}, 0::bigint as _row_rank,"
        " null::varchar as _conflict limit 0",
    )


def _quarantine_conflicts(desk: Desk, job: Job) -> None:
    prepare_quarantine(desk)
    if not desk.has(FAULTY):
        desk.make("table", FAULTY, "select cast(null as bigint) as _row_number, cast(null as bigint) as _row limit 0")
    desk.con.execute(
        f"insert into {QUARANTINE} select {literal(job.stream)}, {literal(job.table.name)}, _row, null, _conflict,"
        f" {sql.RECORD_ID}, case when _conflict = {literal(sql.RECORD_ID)}"
        " then 'another row of this delivery has the same record id and other content'"
        " else 'differs from another row of the same record, where it must be constant' end"
        f" from {REPEATS} where _conflict is not null order by _row, _row_place"
    )
    desk.con.execute(f"insert into {FAULTY} select _row_place, _row from {REPEATS} where _conflict is not null")


def stays(job: Job) -> str:
    """Predicate of the staged rows (left-joined with ``_repeats``) that are loaded."""
    if job.mapping.key == sql.OCCURRENCE:
        return "true"
    return "(_row_rank is null or (_row_rank = 1 and _conflict is null))"


def settled_select(job: Job, staged: Path) -> str:
    """The SELECT of the rows that are loaded, in the contract's order, once ``_repeats`` is there."""
    number = (
        f"case when _row_rank is null then rows.{sql.RECORD_ID} else left(rows.{sql.RECORD_ID}, -1) || _row_rank end"
    )
    record_id = number if job.mapping.key == sql.OCCURRENCE else f"rows.{sql.RECORD_ID}"
    columns = ", ".join(
        f"{record_id} as {column.name}" if column.name == sql.RECORD_ID else f"rows.{quoted(column.name)}"
        for column in job.contract.columns
    )
    return (
        f"select {columns} from {staged_rows(staged)} as rows left join {REPEATS} using (_row_place) where {stays(job)}"
    )
