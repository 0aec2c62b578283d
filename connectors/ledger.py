"""The ledger: which deliveries arrived, what was made of them and how it adds up. SQLite, one transaction a delivery.

A delivery counts exactly when its row is here; files without one are leftovers and are overwritten.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from connectors.durable import make_folder

TABLES = """
create table if not exists arrivals (
    source text not null, path text not null, arrival integer not null, file_name text not null, size integer not null,
    mtime_ns integer not null, sha256 text not null, arrived_at text not null, delivery_id text not null,
    primary key (source, path, arrival)
);
create table if not exists deliveries (
    delivery_id text primary key, source text not null, file_name text not null, path text not null, format text,
    format_version text, mapping_hash text not null, mode text not null, coverage_from text, coverage_to text,
    extracted_at text not null, extracted_at_basis text not null, arrived_at text not null, sha256 text not null,
    bytes integer not null, status text not null check (status in ('mapped', 'rejected')), problem text, remedy text
);
create table if not exists delivery_streams (
    delivery_id text not null, stream text not null, generation integer not null, is_current integer not null,
    path text not null, is_complete integer not null, rows_read integer not null, rows_loaded integer not null,
    rows_merged integer not null, rows_quarantined integer not null, rows_filtered integer not null, us_read integer,
    us_loaded integer, repeated_time_rows integer, skipped_time_rows integer,
    primary key (delivery_id, stream, generation)
);
create table if not exists filtered_rows (
    delivery_id text not null, stream text not null, rule text not null, rows integer not null,
    primary key (delivery_id, stream, rule)
);
create table if not exists drift (
    delivery_id text not null, column_name text not null, kind text not null, first_seen text not null,
    primary key (delivery_id, column_name, kind)
);
create table if not exists headers (delivery_id text primary key, headers text not null);
create table if not exists unreachable (
    source text not null, place text not null, problem text not null, remedy text not null, first_seen text not null,
    primary key (source, place)
);
-- Bytes that are not kept any more: to erase somebody or, since exports go by age too, because they are old.
create table if not exists erased_bytes (sha256 text primary key, erased_at text not null);
create index if not exists deliveries_by_source on deliveries (source);
create index if not exists arrivals_by_delivery on arrivals (delivery_id);
"""
#: Columns that ledgers of before do not have; what was mapped then does not know them.
ADDED = {"delivery_streams": ("repeated_time_rows", "skipped_time_rows")}
Row = dict[str, Any]


@dataclass(frozen=True)
class Arrival:
    """A file seen at a path with content that was not the last seen there. Times are ISO 8601 in UTC."""

    source: str
    path: str
    file_name: str
    size: int
    mtime_ns: int
    sha256: str
    arrived_at: str


@dataclass(frozen=True)
class DeliveryStream:
    """Accounting of one delivery in one stream: rows_read = loaded + merged + quarantined + filtered. ``_us`` in microseconds.

    Of the loaded rows, ``repeated_time_rows`` have a local time that came twice and ``skipped_time_rows`` one that never came.
    """

    stream: str
    path: str
    is_complete: bool
    rows_read: int
    rows_loaded: int
    rows_merged: int
    rows_quarantined: int
    rows_filtered: int
    us_read: int | None
    us_loaded: int | None
    filtered_by: Mapping[str, int] = field(default_factory=dict)
    repeated_time_rows: int | None = None
    skipped_time_rows: int | None = None


@dataclass(frozen=True)
class Delivery:
    """One row of the ledger; dates and times as ISO 8601 text."""

    delivery_id: str
    source: str
    file_name: str
    path: str
    format: str | None
    format_version: str | None
    mapping_hash: str
    mode: str
    coverage_from: str | None
    coverage_to: str | None
    extracted_at: str
    extracted_at_basis: str
    arrived_at: str
    sha256: str
    bytes: int
    status: Literal["mapped", "rejected"]
    problem: str | None = None
    remedy: str | None = None


class Ledger:
    """An open ledger. Use ``with open_ledger(path) as ledger``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def last_arrivals(self, source: str) -> dict[str, Row]:
        """The latest arrival at each path of a source."""
        rows = self._rows(
            "select * from arrivals as latest where source = ? and arrival = (select max(arrival) from arrivals as other"
            " where other.source = latest.source and other.path = latest.path)",
            (source,),
        )
        return {row["path"]: row for row in rows}

    def last_arrived_at(self) -> str | None:
        """The latest recorded arrival of all; None before the first."""
        row = self._db.execute("select max(arrived_at) from arrivals").fetchone()
        return None if row[0] is None else str(row[0])

    def touch(self, source: str, path: str, size: int, mtime_ns: int) -> None:
        """Remembers that unchanged bytes lie there with another size or time stamp, so that they are not hashed again."""
        with self._db:
            self._db.execute(
                "update arrivals set size = ?, mtime_ns = ? where source = ? and path = ?"
                " and arrival = (select max(arrival) from arrivals where source = ? and path = ?)",
                (size, mtime_ns, source, path, source, path),
            )

    def generation(self, delivery_id: str) -> int:
        """Number of the next mapping of a delivery, from 1."""
        row = self._db.execute(
            "select coalesce(max(generation), 0) + 1 from delivery_streams where delivery_id = ?", (delivery_id,)
        ).fetchone()
        return int(row[0])

    def record(
        self,
        delivery: Delivery,
        *,
        arrival: Arrival | None = None,
        generation: int = 1,
        streams: Iterable[DeliveryStream] = (),
        drift: Iterable[tuple[str, str]] = (),
        headers: Sequence[tuple[str, str, str]] = (),
        replaces: str | None = None,
    ) -> None:
        """Writes what is known of one delivery, all or nothing.

        ``drift`` is (column, kind), ``headers`` (part, header, column it is known as), ``replaces`` an earlier id.
        """
        with self._db as db:
            if arrival is not None:
                self._add_arrival(arrival, delivery.delivery_id)
            if replaces is not None and replaces != delivery.delivery_id:
                self._forget(replaces, delivery.delivery_id)
            _insert(db, "deliveries", asdict(delivery))
            db.execute("update delivery_streams set is_current = 0 where delivery_id = ?", (delivery.delivery_id,))
            db.execute("delete from filtered_rows where delivery_id = ?", (delivery.delivery_id,))
            db.execute("delete from drift where delivery_id = ?", (delivery.delivery_id,))
            if headers:
                _insert(db, "headers", {"delivery_id": delivery.delivery_id, "headers": json.dumps(headers)})
            for stream in streams:
                self._add_stream(delivery, stream, generation)
            for column, kind in drift:
                _insert(
                    db,
                    "drift",
                    {
                        "delivery_id": delivery.delivery_id,
                        "column_name": column,
                        "kind": kind,
                        "first_seen": delivery.arrived_at,
                    },
                )

    def headers(self) -> list[Row]:
        """Mapped deliveries of kinds that have a header row, with their ``headers`` as (part, header, column)."""
        rows = self._rows(
            "select source, format, file_name, delivery_id, extracted_at, coverage_to, arrived_at, headers"
            " from deliveries join headers using (delivery_id) where status = 'mapped'"
        )
        return [{**row, "headers": json.loads(row["headers"])} for row in rows]

    def add_arrival(self, arrival: Arrival, delivery_id: str) -> None:
        """Records that a delivery already known arrived once more."""
        with self._db:
            self._add_arrival(arrival, delivery_id)

    def delivery(self, delivery_id: str) -> Row | None:
        """One delivery, None where it is unknown."""
        found = self._rows("select * from deliveries where delivery_id = ?", (delivery_id,))
        return found[0] if found else None

    def deliveries(self, source: str | None = None) -> list[Row]:
        """Deliveries in a fixed order: source, extraction, id."""
        return self._rows(
            "select * from deliveries where ? is null or source = ? order by source, extracted_at, delivery_id",
            (source, source),
        )

    def current_streams(self) -> list[Row]:
        """What counts: one row per delivery and stream with the delivery's columns; ``stream_path`` is below the data folder,
        ``overwrites`` the number of contents that lay at its path before it last did.
        """
        return self._rows(
            """select delivery_streams.stream, delivery_streams.path as stream_path, delivery_streams.generation,
                delivery_streams.is_complete, delivery_streams.rows_read, delivery_streams.rows_loaded,
                delivery_streams.rows_merged, delivery_streams.rows_quarantined, delivery_streams.rows_filtered,
                delivery_streams.us_read, delivery_streams.us_loaded,
                delivery_streams.repeated_time_rows, delivery_streams.skipped_time_rows,
                coalesce((select max(arrival) - 1 from arrivals where arrivals.delivery_id = deliveries.delivery_id), 0)
                    as overwrites,
                deliveries.*
            from delivery_streams
            join deliveries using (delivery_id)
            where delivery_streams.is_current = 1 and deliveries.status = 'mapped'
            order by delivery_streams.stream, deliveries.source, deliveries.extracted_at, delivery_id"""
        )

    def filtered_rows(self) -> list[Row]:
        """Rows left out by a named rule, per delivery and stream."""
        return self._rows("select * from filtered_rows order by delivery_id, stream, rule")

    def drift(self) -> list[Row]:
        """Headers that the format did not know, per delivery."""
        return self._rows("select * from drift order by delivery_id, column_name")

    def problems(self) -> list[Row]:
        """What needs a person, among deliveries that are the last seen at some path: rejected files, quarantined rows, drift;
        and files and databases that could not be read."""
        return self._rows(
            """with present as (
                select distinct delivery_id from arrivals as latest
                where arrival = (select max(arrival) from arrivals as other
                    where other.source = latest.source and other.path = latest.path)
            )
            select source, file_name, 'delivery_rejected' as rule, 'warns' as severity, problem as detail, remedy,
                arrived_at as first_seen_at, delivery_id
            from deliveries where status = 'rejected' and delivery_id in (select delivery_id from present)
            union all
            select source, file_name, 'rows_quarantined', 'warns',
                rows_quarantined || ' of ' || rows_read || ' rows of ' || stream || ' could not be read',
                'See data/quarantine/' || delivery_id || '.parquet for row, column, value and reason.',
                arrived_at, delivery_id
            from delivery_streams join deliveries using (delivery_id)
            where is_current = 1 and status = 'mapped' and rows_quarantined > 0
                and delivery_id in (select delivery_id from present)
            union all
            select source, file_name, 'header_drift', 'warns', kind || ': ' || column_name,
                'Map it in the format, or list it under `known` in its headers.',
                (select min(other.first_seen) from drift as other join deliveries as early using (delivery_id)
                    where other.column_name = drift.column_name and early.source = deliveries.source),
                delivery_id
            from drift join deliveries using (delivery_id)
            where delivery_id in (select delivery_id from present)
            union all
            select source, place, 'unreachable', 'warns', problem, remedy, first_seen, null from unreachable
            order by 1, 2, 3, 5"""
        )

    def bytes_let_go(self) -> set[str]:
        """Hashes of bytes that are not kept: they were old, or held somebody who was erased. What was mapped of them stays."""
        return {row["sha256"] for row in self._rows("select sha256 from erased_bytes")}

    def bytes_last_arrived_before(self, moment: str) -> set[str]:
        """Hashes of kept bytes that arrived before ``moment`` and not since."""
        rows = self._rows(
            "select sha256 from deliveries left join arrivals using (delivery_id, sha256)"
            " where sha256 not in (select sha256 from erased_bytes) group by sha256"
            " having max(max(deliveries.arrived_at, coalesce(arrivals.arrived_at, ''))) < ?",
            (moment,),
        )
        return {row["sha256"] for row in rows}

    def let_bytes_go(self, hashes: Iterable[str], at: str) -> None:
        """Remembers that bytes are not kept any more. Call it before they are removed."""
        with self._db as db:
            db.executemany("insert or ignore into erased_bytes values (?, ?)", [(sha256, at) for sha256 in hashes])

    def erase_rows(self, delivery_id: str, stream: str, rows_loaded: int, us_loaded: int) -> int:
        """Says how many primary rows of a delivery are left in a stream, and their time; those that are gone are filtered by the
        rule ``erased``, and their time was never read. Returns their number: 0 where the ledger knows already."""
        with self._db as db:
            (before,) = db.execute(
                "select rows_loaded from delivery_streams where delivery_id = ? and stream = ? and is_current = 1",
                (delivery_id, stream),
            ).fetchone()
            gone = int(before) - rows_loaded
            db.execute(
                "update delivery_streams set rows_loaded = ?, rows_filtered = rows_filtered + ?,"
                # Else the time between what was read and what was loaded would be told as time that could not be read.
                " us_read = case when us_loaded is not null then us_read - us_loaded + ? else us_read end,"
                " us_loaded = case when us_loaded is not null then ? end"
                " where delivery_id = ? and stream = ? and is_current = 1",
                (rows_loaded, gone, us_loaded, us_loaded, delivery_id, stream),
            )
            if gone:
                db.execute(
                    "insert into filtered_rows values (?, ?, 'erased', ?) on conflict (delivery_id, stream, rule)"
                    " do update set rows = filtered_rows.rows + excluded.rows",
                    (delivery_id, stream, gone),
                )
        return gone

    def unreachable(self, source: str) -> set[str]:
        """Places of a source that could not be read the last time: files by path, its database as ``database``."""
        return {row["place"] for row in self._rows("select place from unreachable where source = ?", (source,))}

    def note_unreachable(self, source: str, place: str, problem: str, remedy: str, seen_at: str) -> None:
        """Remembers that a place could not be read, and since when."""
        with self._db as db:
            db.execute(
                "insert into unreachable values (?, ?, ?, ?, ?) on conflict (source, place)"
                " do update set problem = excluded.problem, remedy = excluded.remedy",
                (source, place, problem, remedy, seen_at),
            )

    def forget_unreachable(self, source: str, place: str) -> None:
        """The place was read, or is gone."""
        with self._db as db:
            db.execute("delete from unreachable where source = ? and place = ?", (source, place))

    def damage(self) -> list[str]:
        """What SQLite finds wrong with the file itself; empty where it is whole."""
        found = self._db.execute("pragma integrity_check").fetchall()
        return [str(row[0]) for row in found if row[0] != "ok"]

    def _add_arrival(self, arrival: Arrival, delivery_id: str) -> None:
        number = self._db.execute(
            "select coalesce(max(arrival), 0) + 1 from arrivals where source = ? and path = ?",
            (arrival.source, arrival.path),
        ).fetchone()[0]
        _insert(self._db, "arrivals", {**asdict(arrival), "arrival": number, "delivery_id": delivery_id})

    def _add_stream(self, delivery: Delivery, stream: DeliveryStream, generation: int) -> None:
        values = asdict(stream)
        rules = values.pop("filtered_by")
        _insert(
            self._db,
            "delivery_streams",
            {"delivery_id": delivery.delivery_id, "generation": generation, "is_current": 1, **values},
        )
        for rule, rows in rules.items():
            _insert(
                self._db,
                "filtered_rows",
                {"delivery_id": delivery.delivery_id, "stream": stream.stream, "rule": rule, "rows": rows},
            )

    def _forget(self, old: str, new: str) -> None:
        """A delivery whose declared coverage or moment was corrected has another id; the old one goes."""
        for table in ("deliveries", "delivery_streams", "filtered_rows", "drift", "headers"):
            self._db.execute(f"delete from {table} where delivery_id = ?", (old,))
        self._db.execute("update arrivals set delivery_id = ? where delivery_id = ?", (new, old))

    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Row]:
        cursor = self._db.execute(sql, values)
        names = [entry[0] for entry in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def in_utc(moment: datetime) -> str:
    """ISO 8601, as the ledger keeps moments."""
    return moment.astimezone(UTC).isoformat()


@contextmanager
def open_ledger(path: Path) -> Iterator[Ledger]:
    """The ledger at ``path``, created where it is missing; closed afterwards."""
    # What lies beside the ledger is everybody's raw exports: nobody else's business.
    make_folder(path.parent, 0o700)
    connection = sqlite3.connect(path)
    try:
        connection.execute("pragma journal_mode = delete")
        connection.execute("pragma synchronous = full")
        connection.executescript(TABLES)
        _add_columns(connection)
        yield Ledger(connection)
    finally:
        connection.close()


def _add_columns(db: sqlite3.Connection) -> None:
    for table, columns in ADDED.items():
        known = {row[1] for row in db.execute(f"pragma table_info({table})")}
        for column in columns:
            if column not in known:
                db.execute(f"alter table {table} add column {column} integer")


def _insert(db: sqlite3.Connection, table: str, values: Mapping[str, Any]) -> None:
    names = ", ".join(values)
    marks = ", ".join("?" for _ in values)
    db.execute(f"insert or replace into {table} ({names}) values ({marks})", tuple(values.values()))
