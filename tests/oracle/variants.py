"""The same organisation told differently: another order, in parts, twice, in another notation, with entries of no length.

None of it may change a published row. Only what speaks of deliveries themselves, and how a zone is spelled, is left out of the
comparison.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.oracle.organisation import Delivery, Organisation, Pack, Row
from tests.oracle.packs import build
from tests.oracle.records import holding, resolve

if TYPE_CHECKING:
    import duckdb

Variant = Callable[[Organisation], Organisation]

#: Two spellings of one zone.
ALIASES = {
    "Asia/Kolkata": "Asia/Calcutta",
    "America/New_York": "US/Eastern",
    "Pacific/Auckland": "NZ",
    "UTC": "Etc/UTC",
    "Asia/Tokyo": "Japan",
    "America/St_Johns": "Canada/Newfoundland",
}
ADDED = "added-"

#: Tables about deliveries, and columns that name one, spell a zone or count entries.
ABOUT_DELIVERIES = {"fct_stream_accounts", "dim_sources", "mart_reconciliation__source", "mart_gaps__source_day"}
LINEAGE = {"delivery_id", "zone", "account_count", "detail", "overruled_entry_count"}
#: Entries that were added, and unreadable rows, which are told by delivery.
LEFT_ASIDE = {
    "core.fct_activities": f"where source_record_id not like '{ADDED}%'",
    "core.fct_gaps": "where rule <> 'quarantined_rows'",
    # Amounts name no record: those of entries that were added are nothing.
    "core.fct_activity_amounts": "where rate_amount <> 0",
}


def in_another_order(organisation: Organisation) -> Organisation:
    """Arrived backwards."""
    return replace(organisation, deliveries=tuple(reversed(organisation.deliveries)))


def in_parts(organisation: Organisation) -> Organisation:
    """Exports in two files: new changes halved, a window cut into two windows.

    Left whole: exports of everything or of nothing, those with unreadable rows or two versions of a record, of which the later
    row holds, and tools that say when they changed a record: they may show an older version later.
    """
    deliveries: list[Delivery] = []
    for delivery in organisation.deliveries:
        records = {row["source_record_id"] for row in delivery.rows}
        says_modified = any(row.get("source_modified_at") for row in delivery.rows)
        is_whole = not delivery.rows or not delivery.is_complete or says_modified or len(records) < len(delivery.rows)
        if is_whole:
            deliveries.append(delivery)
        elif delivery.mode == "changes":
            half = len(delivery.rows) // 2
            deliveries += [
                replace(delivery, rows=part) for part in (delivery.rows[:half], delivery.rows[half:]) if part
            ]
        elif delivery.mode == "window" and delivery.coverage:
            deliveries += _two_windows(delivery)
        else:
            deliveries.append(delivery)
    return replace(organisation, deliveries=tuple(deliveries))


def _two_windows(delivery: Delivery) -> list[Delivery]:
    """By day, where every row names one; else whole."""
    assert delivery.coverage is not None
    first, last = delivery.coverage
    middle = first + (last - first) // 2
    if any(row.get("work_date") is None for row in delivery.rows):
        return [delivery]
    early: tuple[Row, ...] = tuple(row for row in delivery.rows if row["work_date"] <= middle)
    late: tuple[Row, ...] = tuple(row for row in delivery.rows if row["work_date"] > middle)
    return [
        replace(delivery, rows=early, coverage=(first, middle)),
        replace(delivery, rows=late, coverage=(middle + timedelta(days=1), last)),
    ]


def told_twice(organisation: Organisation) -> Organisation:
    """The last export of each stream arrives again, taken half an hour later with nothing changed.

    Not those of tasks: to have looked again says that a task was still open.
    """
    last: dict[tuple[str, str], Delivery] = {}
    for delivery in organisation.deliveries:
        key = delivery.source, delivery.stream
        if not delivery.stream.startswith("task") and (
            key not in last or (delivery.extracted_at, delivery.sha256) > (last[key].extracted_at, last[key].sha256)
        ):
            last[key] = delivery
    again = tuple(
        replace(item, extracted_at=item.extracted_at + timedelta(minutes=30))
        for item in last.values()
        if item.is_complete
    )
    return replace(organisation, deliveries=(*organisation.deliveries, *again))


def in_another_notation(organisation: Organisation) -> Organisation:
    """The same instants with other offsets, the same zones under other names."""
    away = timezone(timedelta(hours=5, minutes=45))

    def value_of(name: str, value: Any) -> Any:
        if isinstance(value, datetime):
            return value.astimezone(away)
        return ALIASES.get(value, value) if name == "zone" and value is not None else value

    def rows(table: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple({name: value_of(name, value) for name, value in row.items()} for row in table)

    return replace(
        organisation,
        deliveries=tuple(replace(item, rows=rows(item.rows)) for item in organisation.deliveries),
        sources=rows(organisation.sources),
    )


def with_empty_entries(organisation: Organisation) -> Organisation:
    """Beside each entry of the last export one of no length, on the same day, of the same person.

    Only dated ones with a known length that hold: beside a running timer, an entry that nobody can date, or one that another
    version of the record has taken the place of, even nothing is news.
    """
    tellers = [item for item in organisation.deliveries if item.stream == "time_entries"]
    if not tellers:
        return organisation
    last = max(tellers, key=lambda item: (item.extracted_at, item.sha256))
    held = {
        version.number
        for version in holding(resolve(organisation.of_stream("time_entries"), lambda source, row: None))
        if version.delivery is last
    }
    extra = [
        {**row, "source_record_id": f"{ADDED}{number}", "duration_us": 0, "ended_at": None, "task_source_id": None}
        for number, row in enumerate(last.rows, start=1)
        if number in held and row.get("duration_us") and row.get("work_date") and not row.get("source_modified_at")
    ]
    changed = replace(last, rows=(*last.rows, *extra))
    return replace(
        organisation, deliveries=tuple(changed if item is last else item for item in organisation.deliveries)
    )


VARIANTS: dict[str, Variant] = {
    "in another order": in_another_order,
    "in parts": in_parts,
    "told twice": told_twice,
    "in another notation": in_another_notation,
    "with empty entries": with_empty_entries,
}


def told_differently(organisation: Organisation) -> Organisation:
    """All of it at once. Where the hash decides between two exports of one moment, other bytes are news: there only the order."""
    if _has_equal_moments(organisation):
        return in_another_order(organisation)
    for variant in VARIANTS.values():
        organisation = variant(organisation)
    return organisation


def _has_equal_moments(organisation: Organisation) -> bool:
    moments = [(item.source, item.stream, item.extracted_at) for item in organisation.deliveries]
    return len(set(moments)) < len(moments)


def changed_by_telling_it_differently(
    pack: Pack,
    built: Path,
    folder: Path,
    variant: Variant = told_differently,
    settings: Mapping[str, str] | None = None,
) -> list[str]:
    """Build the pack told differently, over the files of an earlier version, and name each table that is not the same."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(built, folder, ignore=shutil.ignore_patterns("target", "logs"))
    other = replace(pack, tenants={name: variant(organisation) for name, organisation in pack.tenants.items()})
    build(other, folder, settings=settings).close()
    return changed_tables(built, folder)


def changed_tables(one: Path, other: Path) -> list[str]:
    """Published tables whose rows differ, either way, with one such row."""
    import duckdb

    found = []
    with duckdb.connect(":memory:") as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, folder in (("one", one), ("other", other)):
            for audience in ("analyst", "directory", "finance"):
                connection.execute(f"attach '{folder / f'{audience}.duckdb'}' as {name}_{audience} (read_only)")
        for audience in ("analyst", "directory", "finance"):
            for schema, table in _tables(connection, f"one_{audience}"):
                if table not in ABOUT_DELIVERIES:
                    found += _compared(connection, audience, f"{schema}.{table}")
    return found


def _tables(connection: duckdb.DuckDBPyConnection, catalog: str) -> list[tuple[str, str]]:
    return connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = ? order by all", [catalog]
    ).fetchall()


def _compared(connection: duckdb.DuckDBPyConnection, audience: str, table: str) -> list[str]:
    """Both directions of ``except all``."""
    columns = [row[0] for row in connection.execute(f"describe one_{audience}.{table}").fetchall()]
    chosen = ", ".join(f'"{name}"' for name in columns if name not in LINEAGE)
    where = LEFT_ASIDE.get(table, "")
    one, other = (f"select {chosen} from {name}_{audience}.{table} {where}" for name in ("one", "other"))
    found = []
    for what, query in (("missing", f"({one}) except all ({other})"), ("new", f"({other}) except all ({one})")):
        rows = connection.execute(query).fetchall()
        if rows:
            found.append(f"{audience}.{table}: {len(rows)} rows {what}, one is {rows[0]}")
    return found
