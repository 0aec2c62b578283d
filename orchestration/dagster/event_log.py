"""Dagster's event log in one SQLite file, written without a flush to disk per event.

A refresh reports several hundred checks. Dagster's own SQLite log opens a connection for each, flushes several times and asks
anew whether its tables are there: about 0.1 s a check. Here connections are kept, tables are asked for once, and the write-ahead
log is flushed at checkpoints: a power cut may lose the last events of a run's display, never a version, a check result or the
ledger, which do not live here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine, event


class PooledSqliteEventLog(ConsolidatedSqliteEventLogStorage):
    """The consolidated log over pooled connections in WAL mode with ``synchronous = normal``."""

    @cached_property
    def _engine(self) -> Engine:
        engine = create_engine(self._conn_string, connect_args={"timeout": 60, "check_same_thread": False})
        event.listen(engine, "connect", _flush_at_checkpoints)
        return engine

    def has_table(self, table_name: str) -> bool:
        """Whether the table is there; what was there once is."""
        if table_name not in self._tables:
            if not super().has_table(table_name):
                return False
            self._tables.add(table_name)
        return True

    @cached_property
    def _tables(self) -> set[str]:
        return set()

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def dispose(self) -> None:
        """Close the connections; SQLite then folds its write-ahead log into the file."""
        self._engine.dispose()


def _flush_at_checkpoints(connection: Any, _: object) -> None:
    connection.execute("pragma synchronous = normal")
