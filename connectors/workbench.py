"""Private DuckDB instances for mapping: readers fill them with text, then they are locked and touch no file.

Opening an instance and loading the macros costs some 20 ms, so small deliveries are read together into one. A large delivery gets
an instance of its own. All are in memory and spill what does not fit: a database file would be compressed and checkpointed on the
way, for nobody.
"""

from __future__ import annotations

import os
import shutil
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.readers.text_tables import TextTable
from connectors.sql_text import literal, quoted
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    import duckdb

MACROS = Path(__file__).parent / "macros.sql"
LARGE_BYTES = 32 << 20
MOST_DELIVERIES = 50


@dataclass(frozen=True)
class Limits:
    """What a mapping may use: memory as DuckDB writes it, seconds a stream, threads (None for one a core)."""

    memory: str = "1400MB"
    seconds: float = 900
    threads: int | None = None


class Instance:
    """One private instance: readers use ``con`` and ``folder`` until ``lock``, mapping uses ``con`` afterwards."""

    def __init__(self, con: duckdb.DuckDBPyConnection, folder: Path, limits: Limits) -> None:
        self.con, self.folder, self.limits = con, folder, limits
        self._deliveries = 0
        self.out = folder / "out"
        self.out.mkdir()
        con.execute(
            "set TimeZone = 'UTC'; set enable_progress_bar = false; set python_enable_replacements = false;"
            f" set memory_limit = {literal(limits.memory)}; set temp_directory = {literal(str(folder / 'spill'))};"
            " set autoinstall_known_extensions = false; set autoload_known_extensions = false"
        )
        if limits.threads:
            con.execute(f"set threads = {limits.threads}")

    def put_aside(self, tables: tuple[TextTable, ...]) -> tuple[TextTable, ...]:
        """Gives the tables that a reader just made names of their own, so that the next delivery can be read."""
        self._deliveries += 1
        aside = tuple(replace(table, prefix=f"d{self._deliveries}_") for table in tables)
        for before, after in zip(tables, aside, strict=True):
            self.con.execute(f"alter table {quoted(before.raw)} rename to {quoted(after.raw)}")
            if after.has_rejected:
                self.con.execute(f"alter table {quoted(before.rejected)} rename to {quoted(after.rejected)}")
        return aside

    def lock(self) -> None:
        """Loads the macros, then closes every way out but the folder of what is mapped; no setting can be changed then."""
        self.con.execute(MACROS.read_text(encoding="utf-8"))
        self.con.execute(
            f"set allowed_directories = [{literal(str(self.out) + '/')}];"
            " set enable_external_access = false; set lock_configuration = true"
        )


class Desk:
    """A locked instance while one delivery is mapped on it. Use ``with Desk(instance, tables) as desk``."""

    def __init__(self, instance: Instance, tables: tuple[TextTable, ...]) -> None:
        self.con, self.limits, self._out = instance.con, instance.limits, instance.out
        self.tables = {table.name: table for table in tables}
        self._made: dict[str, str] = {}
        self._written = 0

    def __enter__(self) -> Desk:
        for table in self.tables.values():
            self.make("view", table.name, _view(table))
        return self

    def __exit__(self, *exc: object) -> None:
        raw = [name for table in self.tables.values() for name in (table.raw, table.rejected)[: 1 + table.has_rejected]]
        made = [
            *(f"drop table {quoted(name)}" for name in raw),
            *(f"drop {kind} {quoted(name)}" for name, kind in self._made.items()),
        ]
        self.con.execute("; ".join(reversed(made)))
        for file in self._out.iterdir():
            file.unlink()

    def make(self, kind: str, name: str, select: str) -> None:
        """A table or view of this delivery, gone when the next one comes."""
        self.con.execute(f"create or replace {kind} {quoted(name)} as {select}")
        self._made[name] = kind

    def has(self, name: str) -> bool:
        """Whether this delivery made a table or view of that name."""
        return name in self._made

    def drop(self, *names: str) -> None:
        """Removes tables or views that this delivery made; others are not missed."""
        for name in names:
            if kind := self._made.pop(name, None):
                self.con.execute(f"drop {kind} {quoted(name)}")

    def write(self, select: str) -> Path:
        """A Parquet file (zstd) of what ``select`` gives, in its order; gone with the desk unless it is moved away."""
        self._written += 1
        file = self._out / f"{self._written}.parquet"
        self.con.execute(f"copy ({select}) to {literal(file)} (format parquet, compression zstd)")
        return file


@contextmanager
def open_instance(scratch: Path, limits: Limits | None = None) -> Iterator[Instance]:
    """An instance for deliveries. Gone afterwards, with its folder."""
    import duckdb

    sweep(scratch)
    folder = scratch / f"{os.getpid()}-{uuid.uuid4().hex}"
    folder.mkdir(parents=True)
    con = duckdb.connect(":memory:")
    try:
        yield Instance(con, folder, limits or Limits())
    finally:
        con.close()
        shutil.rmtree(folder, ignore_errors=True)


def sweep(scratch: Path) -> None:
    """Removes what extractions that were killed left behind; names begin with the id of their process."""
    for left in scratch.glob("*-*"):
        owner = left.name.split("-")[0]
        if owner.isdigit() and not _is_running(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
            left.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


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


def _view(table: TextTable) -> str:
    """A part as formats see it: ``_row`` from 1, the columns of the file, the absent optional ones as NULL."""
    absent = [f"cast(null as varchar) as {quoted(name)}" for name in table.absent]
    columns = ", ".join(["rowid + 1 as _row", *map(quoted, table.columns), *absent])
    return f"select {columns} from {quoted(table.raw)}"
