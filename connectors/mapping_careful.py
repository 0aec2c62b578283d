"""The careful pass of a mapping: try every column of every row, keep what is sound, say of the rest what is wrong and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors import mapping_sql as sql
from connectors.format_spec import StreamMapping
from connectors.readers.text_tables import literal, quoted
from connectors.workbench import Desk
from data_contracts.load import StreamContract

if TYPE_CHECKING:
    import duckdb

QUARANTINE = "_quarantine"
EMPTY_QUARANTINE = (
    "select null::varchar as stream, null::varchar as table_name, null::bigint as _row, null::bigint as line,"
    " null::varchar as column_name, null::varchar as value, null::varchar as reason limit 0"
)


@dataclass(frozen=True)
class Fates:
    """Primary rows by the worst that befell them: quarantined before loaded before merged before filtered."""

    loaded: int
    merged: int
    quarantined: int
    filtered_by: Mapping[str, int]


def map_carefully(
    desk: Desk,
    mapping: StreamMapping,
    contract: StreamContract,
    relation: str,
    columns: tuple[str, ...],
    facts: Mapping[str, str],
) -> tuple[str, Fates]:
    """The SELECT of the sound rows in the contract's order, and what became of every primary row.

    ``facts`` holds stream, table, source, delivery_id (names) and extras (an expression). Appends to table ``_quarantine``.
    """
    if not desk.has(QUARANTINE):
        desk.make("table", QUARANTINE, EMPTY_QUARANTINE)
    own = sql.mapped_columns(contract, mapping)
    tried = [*own, *sql.envelope_columns(mapping)]
    _try_all(desk, mapping, tried, relation, facts["extras"])
    _quarantine_failures(desk.con, tried, columns, facts)
    _keep_sound(desk, mapping, own, tried)
    _rank_repeats(desk, mapping, own)
    _quarantine_conflicts(desk.con, facts)
    select = (
        f"select {sql.final_columns(contract, facts['source'], facts['delivery_id'], sql.RECORD_ID)}"
        " from _ranked where _rank = 1 and _conflict is null order by _row, _n"
    )
    return select, _fates(desk.con, mapping, relation)


def _try_all(
    desk: Desk,
    mapping: StreamMapping,
    tried: list[sql.Mapped],
    relation: str,
    extras: str,
) -> None:
    desk.make(
        "table",
        "_numbered",
        f"select row_number() over () as _n, * from {quoted(relation)} where {sql.kept(mapping)}",
    )
    structs = ", ".join(f"{column.tried} as {quoted(column.name)}" for column in tried)
    desk.make("table", "_tried", f"select _n, _row, {structs}, {extras} as extras from _numbered")
    desk.make("table", "_failed", "select cast(null as bigint) as _n, cast(null as bigint) as _row limit 0")


def _quarantine_failures(
    con: duckdb.DuckDBPyConnection,
    tried: list[sql.Mapped],
    columns: tuple[str, ...],
    facts: Mapping[str, str],
) -> None:
    """One entry for each value that cannot be read and each required one that is empty."""
    checks = ", ".join(
        f"count(*) filter (where {_unread(column)}), count(*) filter (where {_empty(column)})" for column in tried
    )
    counts = con.execute(f"select {checks} from _tried").fetchone() or ()
    for position, column in enumerate(tried):
        unread, empty = counts[2 * position : 2 * position + 2]
        if unread:
            reason = f"{' '.join(column.expression.split())} does not give {sql.in_words(column)}"
            _quarantine(con, column, _unread(column), reason, columns, facts)
        if empty:
            reason = "the record id is empty" if column.name == sql.RECORD_ID else "required, and empty"
            _quarantine(con, column, _empty(column), reason, columns, facts)


def _unread(column: sql.Mapped) -> str:
    return f"{quoted(column.name)} is null"


def _empty(column: sql.Mapped) -> str:
    name = quoted(column.name)
    return f"{name} is not null and ({name}).v is null" if column.required else "false"


def _quarantine(
    con: duckdb.DuckDBPyConnection,
    column: sql.Mapped,
    condition: str,
    reason: str,
    columns: tuple[str, ...],
    facts: Mapping[str, str],
) -> None:
    bad = f"select _n from _tried where {condition}"
    con.execute(
        f"insert into {QUARANTINE} select {literal(facts['stream'])}, {literal(facts['table'])}, _row, null,"
        f" {literal(column.name)}, {sql.raw_value(column.expression, columns)}, {literal(reason)}"
        f" from _numbered where _n in ({bad}) order by _n"
    )
    con.execute(f"insert into _failed select _n, _row from _tried where {condition}")


def _keep_sound(
    desk: Desk,
    mapping: StreamMapping,
    own: tuple[sql.Mapped, ...],
    tried: list[sql.Mapped],
) -> None:
    values = ", ".join(f"({quoted(column.name)}).v as {quoted(column.name)}" for column in tried)
    sound = f"select _n, _row, {values}, extras from _tried where _n not in (select _n from _failed)"
    desk.make("table", "_sound", f"select *, {sql.content_hash(own)} as _content from ({sound}) as sound")


def _rank_repeats(desk: Desk, mapping: StreamMapping, own: tuple[sql.Mapped, ...]) -> None:
    """Numbers rows within a record (1 loads, further ones merge) and names what contradicts in ``_conflict``."""
    if mapping.key == sql.OCCURRENCE:
        number = "row_number() over (partition by _content order by _row, _n)"
        record_id = f"_content || '#' || {number} as {sql.RECORD_ID}"
        select = f"select *, {record_id}, 1 as _rank, cast(null as varchar) as _conflict from _sound"
    elif mapping.merge is None:
        select = (
            "select *, row_number() over (record order by _row, _n) as _rank,"
            " case when min(_content) over record <> max(_content) over record"
            f" then {literal(sql.RECORD_ID)} end as _conflict"
            f" from _sound window record as (partition by {sql.RECORD_ID}, {sql.MODIFIED_AT})"
        )
    else:
        way = "desc" if mapping.merge.keep == "last" else "asc"
        checks = " ".join(
            f"when {quoted(name)} is distinct from first_value({quoted(name)}) over record then {literal(name)}"
            for name in mapping.merge.constant
        )
        conflict = f"case {checks} end" if checks else "cast(null as varchar)"
        select = (
            f"select *, row_number() over record as _rank, {conflict} as _conflict"
            f" from _sound window record as (partition by {sql.RECORD_ID} order by _row {way}, _n {way})"
        )
    desk.make("table", "_ranked", select)


def _quarantine_conflicts(con: duckdb.DuckDBPyConnection, facts: Mapping[str, str]) -> None:
    con.execute(
        f"insert into {QUARANTINE} select {literal(facts['stream'])}, {literal(facts['table'])}, _row, null, _conflict,"
        f" {sql.RECORD_ID}, case when _conflict = {literal(sql.RECORD_ID)}"
        " then 'another row of this delivery has the same record id and other content'"
        " else 'differs from another row of the same record, where it must be constant' end"
        " from _ranked where _conflict is not null order by _row, _n"
    )
    con.execute("insert into _failed select _n, _row from _ranked where _conflict is not null")


def _fates(con: duckdb.DuckDBPyConnection, mapping: StreamMapping, relation: str) -> Fates:
    rows = con.execute(
        "with fates as ("
        " select _row, 0 as fate, cast(null as varchar) as rule from _failed"
        " union all select _row, case when _rank = 1 then 1 else 2 end, null from _ranked where _conflict is null"
        f" union all select _row, 3, rule from (select _row, {sql.filter_rule(mapping)} as rule from {quoted(relation)})"
        " as ruled where rule is not null"
        "), worst as (select _row, min(fate) as fate, min(rule) as rule from fates group by _row)"
        " select fate, case when fate = 3 then rule end as rule, count(*) from worst group by all"
    ).fetchall()
    counts = {(fate, rule): int(count) for fate, rule, count in rows}
    return Fates(
        loaded=counts.get((1, None), 0),
        merged=counts.get((2, None), 0),
        quarantined=counts.get((0, None), 0),
        filtered_by={rule: count for (fate, rule), count in sorted(counts.items(), key=str) if fate == 3},
    )
