"""From when on a database is asked for changes: a mark of its own for every source, read off the rows that it gave.

Nothing is stored that could run ahead of the rows: what was not loaded, or is taken back, is asked for again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.ledger import Ledger
from connectors.sql_text import literal
from data_contracts.errors import WorkledgerError

PLACEHOLDER = "{since}"
EVER = datetime(1, 1, 1, tzinfo=UTC)


def asked_since(query: str, moment: datetime | None) -> str:
    """The query with the instant, in UTC, in place of ``{since}``; without a mark it asks for everything.

    Written without a zone: databases that keep moments as text compare it as text, and others are asked in UTC.

    >>> asked_since("select * from log where changed_at >= {since}", None)
    "select * from log where changed_at >= '0001-01-01 00:00:00'"
    """
    told = (moment or EVER).astimezone(UTC).replace(tzinfo=None)
    return query.replace(PLACEHOLDER, f"'{told.isoformat(' ', 'microseconds' if told.microsecond else 'seconds')}'")


def watermark(ledger: Ledger, source: str, streams: Iterable[str], data: Path, lookback: timedelta) -> datetime | None:
    """The latest moment of change that the source has told of, less ``lookback``; of several streams the one that lags behind.

    None where a stream has no row that says when it was changed. A moment in the future is taken for that of the answer that told
    it: one wrong clock would otherwise hide all that changes until then. Raises WorkledgerError where those rows cannot be read.
    """
    marks = [_latest(ledger, source, stream, data) for stream in streams]
    known = [mark for mark in marks if mark is not None]
    return min(known) - lookback if known and len(known) == len(marks) else None


def _latest(ledger: Ledger, source: str, stream: str, data: Path) -> datetime | None:
    import duckdb

    answers = {
        str(data / row["stream_path"]): datetime.fromisoformat(row["arrived_at"])
        for row in ledger.current_streams()
        if row["source"] == source and row["stream"] == stream
    }
    if not answers:
        return None
    listed = "[" + ", ".join(map(literal, answers)) + "]"
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        try:
            rows = con.execute(
                f"select filename, max(source_modified_at) from read_parquet({listed}, union_by_name = true, filename = true)"
                " where source_modified_at is not null group by filename"
            ).fetchall()
        except duckdb.Error as error:
            raise WorkledgerError(
                f"The rows that {source} gave before cannot be read: {str(error).splitlines()[0]}",
                remedy="See what `workledger verify` finds and restore it from the back-up.",
            ) from None
    return max((min(modified, answers[file]) for file, modified in rows), default=None)
