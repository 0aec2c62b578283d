"""A build's files for checks to look at.

They are attached read-only to an in-memory database, so that a check can neither change a build nor leave a lock behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def attached(
    files: Mapping[str, Path], settings: Mapping[str, str] | None = None
) -> Iterator[tuple[Any, dict[str, str]]]:
    """A connection with the files attached by catalog, and the problem of each catalog whose file cannot be.

    ``settings`` are DuckDB's: threads, memory_limit, temp_directory.
    """
    import duckdb

    connection = duckdb.connect(":memory:", config=dict(settings or {}))
    problems: dict[str, str] = {}
    try:
        connection.execute("set timezone = 'UTC'")
        for catalog, path in files.items():
            literal = str(path).replace("'", "''")
            try:
                connection.execute(f"attach '{literal}' as {quoted(catalog)} (read_only)")
            except duckdb.Error as error:
                problems[catalog] = first_line(error)
        yield connection, problems
    finally:
        connection.close()


def quoted(name: str) -> str:
    """An identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


def first_line(error: BaseException) -> str:
    """What an error says first, else what it is."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
