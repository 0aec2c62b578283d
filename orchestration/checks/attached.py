"""A build's files for checks to look at.

They are attached read-only to an in-memory database, so that a check can neither change a build nor leave a lock behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.sql_text import literal, quoted


@dataclass(frozen=True)
class Attached:
    """A build that is open for checks: a connection, and why a catalog is not there where its file cannot be attached.

    Who works in a thread of its own takes a cursor of the connection.
    """

    connection: Any
    problems: Mapping[str, str]


@contextmanager
def attached(files: Mapping[str, Path], settings: Mapping[str, str] | None = None) -> Iterator[Attached]:
    """The files, attached by catalog. ``settings`` are DuckDB's: threads, memory_limit, temp_directory."""
    import duckdb

    connection = duckdb.connect(":memory:", config=dict(settings or {}))
    problems: dict[str, str] = {}
    try:
        connection.execute("set global timezone = 'UTC'")  # of its cursors too
        # A stream is a view over a file a delivery, and each rule's query would open them all again.
        connection.execute("set global parquet_metadata_cache = true")
        for catalog, path in files.items():
            try:
                connection.execute(f"attach {literal(path)} as {quoted(catalog)} (read_only)")
            except duckdb.Error as error:
                problems[catalog] = first_line(error)
        yield Attached(connection, problems)
    finally:
        connection.close()


def first_line(error: BaseException) -> str:
    """What an error says first, else what it is."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
