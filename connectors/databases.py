"""Ask a database once and keep its answer as a file: from there on it is a delivery like any other.

The query belongs to the format, the address to the environment. Nothing is written: the transaction (PostgreSQL) or the file
(SQLite) is opened for reading only, and a query that takes too long is ended.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.readers.text_tables import usable_headers
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    from sqlalchemy import Engine, Row

ROWS = 20_000
SECONDS = 900


def pull(variable: str, query: str, target: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Writes the rows of ``query`` to ``target`` (Parquet, every value as text) in the order the database gives them.

    ``variable`` is the environment variable that holds the address. Raises WorkledgerError where the database cannot be reached
    or refuses the query; the address is in no message.
    """
    import sqlalchemy as sa

    address = _address(variable, environment)
    try:
        engine = _engine(address)
        with engine.connect() as connection:
            # As it is written: a colon or a percent sign in the query is not a parameter.
            found = connection.execution_options(stream_results=True, no_parameters=True).exec_driver_sql(query)
            if not found.returns_rows:
                raise WorkledgerError("The query gives no rows", remedy="`read.query` of the format is one select.")
            _write(tuple(found.keys()), found.partitions(ROWS), target)
    except sa.exc.SQLAlchemyError as error:
        raise _failed(error, variable, address) from None
    finally:
        if "engine" in locals():
            engine.dispose()


def text_of(value: Any) -> str | None:
    """A database value as a CSV would hold it; an instant in UTC with a Z, a duration as h:mm:ss, a record as JSON.

    >>> text_of(timedelta(hours=30, minutes=5)), text_of(True), text_of(Decimal("1E+2")), text_of("")
    ('30:05:00', 'true', '100', None)
    """
    match value:
        case None | "":
            return None
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime() if value.tzinfo:
            return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
        case datetime():
            return value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            minutes, seconds = divmod(abs(value) // timedelta(microseconds=1), 60_000_000)
            fraction = f".{seconds % 1_000_000:06}" if seconds % 1_000_000 else ""
            sign = "-" if value < timedelta() else ""
            return f"{sign}{minutes // 60}:{minutes % 60:02}:{seconds // 1_000_000:02}{fraction}"
        case Decimal():
            return f"{value:f}"
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=text_of)
        case bytes() | memoryview():
            return bytes(value).hex()
    return str(value)


def _address(variable: str, environment: Mapping[str, str]) -> str:
    address = environment.get(variable, "").strip()
    if not address:
        raise WorkledgerError(
            f"The environment variable {variable} is not set",
            remedy="Set it to the database's address, as in postgresql://reader:secret@host/name or sqlite:///file.db.",
        )
    return address


def _engine(address: str) -> Engine:
    import sqlalchemy as sa

    try:
        url = sa.make_url(address)
    except sa.exc.ArgumentError:
        raise WorkledgerError(
            "The database's address cannot be read", remedy="Write postgresql://user:secret@host/name."
        ) from None
    match url.get_backend_name():
        case "postgresql":
            settings = f"-c default_transaction_read_only=on -c timezone=UTC -c statement_timeout={SECONDS * 1000}"
            return sa.create_engine(
                url.set(drivername="postgresql+psycopg"), connect_args={"options": settings, "connect_timeout": 20}
            )
        case "sqlite":
            return _sqlite(Path(url.database or ""))
        case other:
            raise WorkledgerError(
                f"There is no reader for {other} databases",
                remedy="PostgreSQL and SQLite are read; export others to a file.",
            )


def _sqlite(path: Path) -> Engine:
    import sqlite3
    from time import monotonic

    import sqlalchemy as sa

    def open_for_reading() -> sqlite3.Connection:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, check_same_thread=False)
        ends = monotonic() + SECONDS
        connection.set_progress_handler(lambda: monotonic() > ends, 100_000)
        return connection

    return sa.create_engine("sqlite://", creator=open_for_reading)


def _write(names: tuple[str, ...], partitions: Iterator[Sequence[Row[Any]]], target: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet

    headers = usable_headers(names)
    schema = pa.schema([(name, pa.string()) for name in headers])
    target.parent.mkdir(parents=True, exist_ok=True)
    with pyarrow.parquet.ParquetWriter(target, schema, compression="zstd") as writer:
        for rows in partitions:
            columns = [
                pa.array([text_of(value) for value in column], pa.string()) for column in zip(*rows, strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))


def _failed(error: Exception, variable: str, address: str) -> WorkledgerError:
    """What the driver says, in one line and without any part of the address that could be a secret."""
    import sqlalchemy as sa

    told = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    url = sa.make_url(address)
    for secret in (address, str(url.password or ""), quote(str(url.password or ""))):
        told = told.replace(secret, "***") if secret else told
    return WorkledgerError(
        f"The database does not answer the query: {told}",
        where=f"database at ${variable}",
        remedy="Check the address, the rights of its user and the query of the format.",
    )
