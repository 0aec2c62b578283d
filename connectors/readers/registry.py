"""Which module reads which kind of export: a module with the members of ``Reader``, imported when first used."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from connectors.readers.text_tables import TextTable

if TYPE_CHECKING:
    import duckdb

    from connectors.format_spec import FormatSpec

MODULES = {
    "delimited": "connectors.readers.delimited",
    "json": "connectors.readers.json_records",
    "spreadsheet": "connectors.readers.spreadsheet",
    "event_log": "connectors.readers.event_log",
    "xml": "connectors.readers.xml_records",
    "parquet": "connectors.readers.parquet",
    "calendar": "connectors.readers.calendar",
    "database": "connectors.readers.database",
    "archive": "connectors.readers.archive",
}


class Reader(Protocol):
    """What a reader module offers. ``FILE_KINDS`` are kinds of ``recognise.file_kind`` that it can read."""

    FILE_KINDS: tuple[str, ...]

    def headers(self, path: Path, spec: FormatSpec) -> dict[str, tuple[str, ...]]:
        """Headers of each part. Raises WorkledgerError where the file cannot be such an export."""
        ...

    def read(
        self, con: duckdb.DuckDBPyConnection, path: Path, spec: FormatSpec, scratch: Path
    ) -> tuple[TextTable, ...]:
        """The parts as text tables in ``con``. Raises WorkledgerError where the file as a whole cannot be read."""
        ...


def reader_of(spec: FormatSpec) -> Reader:
    """The reader of a format."""
    return cast(Reader, import_module(MODULES[spec.read.kind]))
