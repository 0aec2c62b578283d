"""Which records of a table are to be built again: those of which a delivery told something since the version before.

A row of such a table stands on the delivered rows of its own record alone, and on which deliveries there are. So a new delivery
bears on the records that it has, and one that is the whole truth for some days on those that it should have had.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orchestration.touched_days import Changes, before

TOUCHED = "temp.main.touched_records"
KEY = "source, source_record_id"
#: Above this share of the records a table is built whole: to find and replace them costs more than to leave the others.
MOST = 0.1


@dataclass(frozen=True)
class ByRecords:
    """How a table with a row per record is built by records. Relations are ``"catalog"."schema"."table"`` as in compiled SQL."""

    #: The stream's name, and its delivered rows.
    stream: str
    delivered: str
    #: What the ledger says of deliveries, one row each and stream.
    deliveries: str
    #: Every other table that the model stands on: a change in one bears on all records.
    others: tuple[str, ...]


def find_touched(connection: Any, relation: str, model: ByRecords, changes: Changes) -> int | None:
    """Write the touched records of ``relation`` to TOUCHED; their number, or None where the table is to be built whole."""
    if not changes.knows(relation) or any(changes.has_changed(other) for other in model.others):
        return None
    now, then = (
        f"select * from {deliveries} where stream = '{model.stream}'"
        for deliveries in (model.deliveries, before(model.deliveries))
    )
    # What was delivered may have been withdrawn, mapped again or moved in the order of deliveries.
    if connection.execute(f"{then} except {now} limit 1").fetchone():
        return None
    new = f"({now} except {then})"
    connection.execute(
        f"""
        create or replace temp table touched_records as
        select {KEY} from {model.delivered} where delivery_id in (select delivery_id from {new})
        union
        select known.source, known.source_record_id
        from {before(relation)} as known
        inner join {new} as truths
            on known.source = truths.source
            -- Before a source's first window no record has its date.
            and (
                truths.mode = 'full'
                or known.record_date is null
                or known.record_date between truths.coverage_from and truths.coverage_to
            )
        where truths.mode in ('full', 'window') and truths.is_complete"""
    )
    touched, known = (_count(connection, rows) for rows in (TOUCHED, before(relation)))
    return touched if touched <= MOST * known else None


def narrowed_to_touched(connection: Any, query: str, model: ByRecords) -> str:
    """``query`` reading of the stream only delivered rows of touched records, out of the deliveries that have some."""
    having = connection.execute(
        f"select distinct delivery_id from {model.delivered} semi join {TOUCHED} using ({KEY}) order by all"
    ).fetchall()
    # Files and groups of rows hold one delivery: named, the others are not opened beyond their footer.
    named = ", ".join(f"'{delivery_id}'" for (delivery_id,) in having) or "null"
    rows = f"(from {model.delivered} semi join {TOUCHED} using ({KEY}) where delivery_id in ({named}))"
    return query.replace(model.delivered, rows)


def _count(connection: Any, rows: str) -> int:
    row = connection.execute(f"select count(*) from {rows}").fetchone()
    return int(row[0])
