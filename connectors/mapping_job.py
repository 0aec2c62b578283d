"""What is to be mapped and what came of it: the plain values that the steps of a mapping hand on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from connectors.format_spec import FormatSpec, StreamMapping
from connectors.readers.text_tables import TextTable
from data_contracts.errors import WorkledgerError
from data_contracts.load import StreamContract, load_stream


@dataclass(frozen=True)
class Job:
    """One stream of one delivery to be mapped. ``tables`` are the parts that were read; ``with_extras`` whether this stream
    keeps the columns that nobody maps."""

    spec: FormatSpec
    stream: str
    source: str
    delivery_id: str
    tables: Mapping[str, TextTable]
    with_extras: bool

    @property
    def mapping(self) -> StreamMapping:
        """The format's mapping of this stream."""
        return self.spec.streams[self.stream]

    @property
    def contract(self) -> StreamContract:
        """What the stream's rows must look like."""
        return load_stream(self.stream)

    @property
    def table(self) -> TextTable:
        """The part whose rows are accounted for."""
        return self.tables[self.spec.primary_table(self.stream)]

    @property
    def where(self) -> str:
        """The stream in the format, for errors."""
        return f"format {self.spec.name}, streams.{self.stream}"


@dataclass(frozen=True)
class Base:
    """The relation that expressions run over: its name and columns, the number of a row in it (``_row`` where rows are not fanned
    out), rows, distinct primary rows among them, and primary rows in the export (lines that were no rows apart)."""

    relation: str
    columns: tuple[str, ...]
    number: str
    rows: int
    distinct_rows: int
    primary_rows: int


@dataclass(frozen=True)
class Doubtful:
    """Rows that are loaded with a local time which came twice, or never, because the clocks changed."""

    repeated_time_rows: int = 0
    skipped_time_rows: int = 0


@dataclass(frozen=True)
class Accounting:
    """Primary rows by what became of them, and microseconds before and after. rows_read is their sum."""

    loaded: int
    merged: int
    quarantined: int
    filtered_by: Mapping[str, int]
    us_read: int | None
    us_loaded: int | None
    doubtful: Doubtful = Doubtful()

    @property
    def filtered(self) -> int:
        """Rows left out by named rules."""
        return sum(self.filtered_by.values())

    @property
    def read(self) -> int:
        """All primary rows."""
        return self.loaded + self.merged + self.quarantined + self.filtered


def raise_sql_failed(error: Exception, where: str) -> NoReturn:
    """What DuckDB says of a format's SQL, for its author; what the time limit interrupted is the limit's to explain."""
    import duckdb

    if isinstance(error, duckdb.InterruptException):
        raise error
    raise WorkledgerError(
        f"The mapping fails: {str(error).strip().splitlines()[0]}",
        where=where,
        remedy="Correct the SQL of the format.",
    ) from error
