"""DuckDB connections of an extraction: a trusted one that touches files, private ones that map and touch none.

Opening an instance and loading the macros costs some 15 ms, so small deliveries share one private instance: the reader works on
the trusted connection and the text is handed over through Arrow. A large delivery gets an instance of its own on disk, which the
reader fills before it is locked.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.readers.text_tables import TextTable, literal, quoted
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    import duckdb

MACROS = Path(__file__).parent / "macros.sql"
LARGE_BYTES = 32 << 20


@dataclass(frozen=True)
class Limits:
    """What a mapping may use: memory as DuckDB writes it, seconds a stream."""

    memory: str = "2GB"
    seconds: float = 900


@dataclass
class Desk:
    """Place for one delivery: ``reading`` for the reader, ``mapping`` once ``lock`` was called."""

    reading: duckdb.DuckDBPyConnection
    shared: duckdb.DuckDBPyConnection | None
    limits: Limits
    folder: Path
    _made: list[tuple[str, str]] = field(default_factory=list)

    def lock(self, tables: Sequence[TextTable]) -> duckdb.DuckDBPyConnection:
        """The connection that mapping may use: the text tables, the macros, and no way out."""
        names = [name for table in tables for name in (table.raw, *([table.rejected] if table.has_rejected else []))]
        con = self.shared
        if con is None:
            con = self.reading
            _lock_down(con, self.limits, self.folder)
        else:
            for name in names:
                self._hand_over(con, name)
        for table in tables:
            self.make(con, "view", table.name, _view(table))
        return con

    def make(self, con: duckdb.DuckDBPyConnection, kind: str, name: str, select: str) -> None:
        """A table or view of this delivery, gone when the next one comes."""
        self._made.append((kind, name))
        con.execute(f"create or replace {kind} {quoted(name)} as {select}")

    def has(self, name: str) -> bool:
        """Whether this delivery made a table or view of that name."""
        return any(made == name for _, made in self._made)

    def clear(self) -> None:
        """Drops what this delivery left in the shared instance."""
        if self.shared is not None:
            for kind, name in reversed(self._made):
                self.shared.execute(f"drop {kind} if exists {quoted(name)}")
        self._made.clear()

    def _hand_over(self, con: duckdb.DuckDBPyConnection, name: str) -> None:
        reader = self.reading.execute(f"select * from {quoted(name)}").to_arrow_reader()
        con.register("_handed_over", reader)
        self.make(con, "table", name, "select * from _handed_over")
        con.unregister("_handed_over")
        self.reading.execute(f"drop table {quoted(name)}")


class Workbench:
    """Connections that last for a whole extraction. Use ``with open_workbench(scratch) as bench``."""

    def __init__(self, scratch: Path, limits: Limits) -> None:
        import duckdb

        self.scratch = scratch
        self.limits = limits
        self.trusted = duckdb.connect(":memory:")
        self.trusted.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")
        self._shared: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def desk(self, size: int) -> Iterator[Desk]:
        """Room for a delivery of ``size`` bytes."""
        folder = self.scratch / uuid.uuid4().hex
        if size > LARGE_BYTES:
            with self._own_instance(folder) as con:
                yield Desk(con, None, self.limits, folder)
            return
        desk = Desk(self.trusted, self._shared_instance(), self.limits, folder)
        try:
            yield desk
        finally:
            desk.clear()
            _remove(folder)

    def close(self) -> None:
        """Closes every connection."""
        self.trusted.close()
        if self._shared is not None:
            self._shared.close()

    def _shared_instance(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        if self._shared is None:
            self._shared = duckdb.connect(":memory:")
            _lock_down(self._shared, self.limits, None)
        return self._shared

    @contextmanager
    def _own_instance(self, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
        import duckdb

        folder.mkdir(parents=True, exist_ok=True)
        con = duckdb.connect(str(folder / "private.duckdb"))
        try:
            yield con
        finally:
            con.close()
            _remove(folder)


@contextmanager
def open_workbench(scratch: Path, limits: Limits | None = None) -> Iterator[Workbench]:
    """A workbench with its scratch folder; closed afterwards."""
    scratch.mkdir(parents=True, exist_ok=True)
    bench = Workbench(scratch, limits or Limits())
    try:
        yield bench
    finally:
        bench.close()


@contextmanager
def time_limit(con: duckdb.DuckDBPyConnection, seconds: float, where: str) -> Iterator[threading.Event]:
    """Interrupts what runs on ``con`` after ``seconds``, as a WorkledgerError; the event tells that it did."""
    import duckdb

    expired = threading.Event()

    def stop() -> None:
        expired.set()
        con.interrupt()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    except duckdb.Error as error:
        if not expired.is_set():
            raise
        raise WorkledgerError(
            f"Mapping took longer than {seconds:g} s", where=where, remedy="Simplify the format's SQL."
        ) from error
    finally:
        timer.cancel()


def _lock_down(con: duckdb.DuckDBPyConnection, limits: Limits, folder: Path | None) -> None:
    con.execute("set TimeZone = 'UTC'; set enable_progress_bar = false; set python_enable_replacements = false")
    con.execute(MACROS.read_text(encoding="utf-8"))
    con.execute(f"set memory_limit = {literal(limits.memory)}")
    con.execute(f"set temp_directory = {literal(str(folder / 'spill') if folder else '')}")
    con.execute("set autoinstall_known_extensions = false; set autoload_known_extensions = false")
    con.execute("set enable_external_access = false; set lock_configuration = true")


def _view(table: TextTable) -> str:
    """A part as formats see it: ``_row`` from 1, the columns of the file, the absent optional ones as NULL."""
    absent = [f"cast(null as varchar) as {quoted(name)}" for name in table.absent]
    columns = ", ".join(["rowid + 1 as _row", *map(quoted, table.columns), *absent])
    return f"select {columns} from {quoted(table.raw)}"


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
