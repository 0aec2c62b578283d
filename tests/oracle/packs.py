"""From organisations to a built warehouse: inputs written in bulk, one dbt run a pack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.oracle.organisation import Delivery, Organisation, Pack, Policy
from tests.warehouse.warehouse_build import STREAM_DEFAULTS, build_warehouse, create_inputs, open_build

if TYPE_CHECKING:
    import duckdb
    from dbt.contracts.graph.manifest import Manifest

POLICIES = (
    Policy(),
    Policy(as_of=date(2026, 4, 4), week_starts_on=7, working_weekdays=(7, 1, 2, 3, 4), default_zone="Asia/Kolkata"),
    Policy(as_of=date(2026, 3, 27), week_starts_on=6, working_weekdays=(1, 2, 4), default_zone="America/St_Johns"),
)

#: The first month of data is the same in every pack: each has this organisation of one entry, so that one that is shrunk alone
#: is built for the same days.
ANCHOR = Organisation(
    deliveries=(
        Delivery(
            "~anchor",
            "time_entries",
            (
                {
                    "source_record_id": "1",
                    "date_precision": "day",
                    "person_email": "~anchor@example.org",
                    "work_date": date(2026, 1, 15),
                    "duration_us": 1,
                },
            ),
            datetime(2026, 1, 16, tzinfo=UTC),
        ),
    ),
    sources=({"source": "~anchor"},),
)
FIRST_DAY = date(2026, 1, 1)


def pack_of(organisations: Iterable[Organisation], policy: Policy) -> Pack:
    """Organisations as tenants T001, T002 …, and the anchor as T000."""
    named = {f"T{number:03}": organisation for number, organisation in enumerate(organisations, start=1)}
    return Pack(policy, {"T000": ANCHOR, **named})


def build(
    pack: Pack,
    folder: Path,
    select: str | None = None,
    manifest: Manifest | None = None,
    inputs: Mapping[str, list[Mapping[str, Any]]] | None = None,
    settings: Mapping[str, str] | None = None,
    before: Path | None = None,
) -> duckdb.DuckDBPyConnection:
    """A warehouse of the pack, opened read-only. A folder that holds an earlier version is built over, as a refresh does.

    ``inputs`` are rows of further tables, by name; ``manifest`` is dbt's, where another project than ours is to be built;
    ``settings`` are DuckDB's. Where ``folder`` is a copy of the build ``before``, only the days that changed are built of some
    tables.
    """
    import duckdb

    (folder / "private").mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(folder / "private" / "state.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("drop schema if exists streams cascade; drop schema if exists workspace cascade")
        create_inputs(connection)
        fill(connection, pack)
        for table, rows in (inputs or {}).items():
            insert_all(connection, table, rows)
    build_warehouse(folder, select, manifest, settings, before)
    return open_build(folder)


def fill(connection: duckdb.DuckDBPyConnection, pack: Pack) -> None:
    """Write every input of the pack."""
    tables: dict[str, list[Mapping[str, Any]]] = {}
    policy = pack.policy
    tables["workspace.as_of"] = [{"as_of_date": policy.as_of}]
    tables["workspace.policy"] = [
        {
            "week_starts_on": policy.week_starts_on,
            "smallest_group_size": 5,
            "working_weekdays": list(policy.working_weekdays),
            "unlogged_grace_days": policy.unlogged_grace_days,
            "default_zone": policy.default_zone,
            "reconciliation_tolerance_us": policy.reconciliation_tolerance_us,
        }
    ]
    tables["workspace.exchange_rates"] = [
        {"currency": currency, "into_currency": policy.currency, "valid_from_date": day, "exchange_rate": rate}
        for currency, day, rate in policy.exchange_rates
    ]
    for _, organisation in pack.items():
        tables.setdefault("workspace.sources", []).extend(organisation.sources)
        for name, lines in organisation.reference.items():
            tables.setdefault(f"workspace.{name}", []).extend(lines)
        for delivery in organisation.deliveries:
            tables.setdefault("workspace.delivery_streams", []).append(ledger_row(delivery))
            tables.setdefault(f"streams.{delivery.stream}", []).extend(stream_rows(delivery))
    for table, rows in tables.items():
        insert_all(connection, table, rows)


def stream_rows(delivery: Delivery) -> list[dict[str, Any]]:
    """Rows with their envelope."""
    return [
        {
            "is_deleted": False,
            **STREAM_DEFAULTS.get(delivery.stream, {}),
            **row,
            "source": delivery.source,
            "delivery_id": delivery.delivery_id,
            "_row": number,
        }
        for number, row in enumerate(delivery.rows, start=1)
    ]


def ledger_row(delivery: Delivery) -> dict[str, Any]:
    """The line of workspace.delivery_streams: an export is incomplete because of a row that could not be read."""
    unreadable = 0 if delivery.is_complete or delivery.mode == "changes" else 1
    told = [row.get("duration_us", row.get("handling_us")) for row in delivery.rows]
    durations = [us for us in told if us is not None]
    return {
        "delivery_id": delivery.delivery_id,
        "source": delivery.source,
        "stream": delivery.stream,
        "file_name": f"{delivery.source}.csv",
        "format": delivery.format,
        "format_version": "1",
        "mode": delivery.mode,
        "coverage_from": delivery.coverage[0] if delivery.coverage else None,
        "coverage_to": delivery.coverage[1] if delivery.coverage else None,
        "extracted_at": delivery.extracted_at,
        "sha256": delivery.sha256,
        "is_complete": delivery.is_complete,
        "rows_read": len(delivery.rows) + unreadable,
        "rows_loaded": len(delivery.rows),
        "rows_merged": 0,
        "rows_quarantined": unreadable,
        "rows_filtered": 0,
        "us_read": sum(durations) if durations else None,
        "us_loaded": sum(durations) if durations else None,
    }


def insert_all(connection: duckdb.DuckDBPyConnection, table: str, rows: list[Mapping[str, Any]]) -> None:
    """Insert dictionaries by column name, all at once; absent columns are NULL. An unknown column is an error."""
    import pyarrow as pa

    if not rows:
        return
    schema = connection.execute(f"select * from {table} limit 0").to_arrow_table().schema
    unknown = {name for row in rows for name in row} - set(schema.names)
    if unknown:
        raise KeyError(f"{table} has no {', '.join(sorted(unknown))}")
    incoming = pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)
    connection.register("incoming", incoming)
    connection.execute(f"insert into {table} select * from incoming")
    connection.unregister("incoming")
