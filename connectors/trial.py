"""Map one file as a refresh would, into a folder that is gone afterwards: for previews and for trying formats.

>>> with trial(Path("export.csv"), load_formats(None), Declared(zone="Europe/Berlin")) as tried:   # doctest: +SKIP
...     print(tried.spec.name, [stream.rows_loaded for stream in tried.outcome.streams])
"""

from __future__ import annotations

import glob
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.format_spec import FormatSpec
from connectors.ledger import DeliveryStream
from connectors.mapping import with_options
from connectors.readers.registry import reader_of
from connectors.readers.text_tables import TextTable
from connectors.recognise import matches, recognise
from connectors.sources import Source, Store
from connectors.sql_text import literal
from connectors.streams import DeliveryOutcome, extract
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    import duckdb

SOURCE = "preview"


@dataclass(frozen=True)
class Declared:
    """What a source declares about its exports: format (None = recognise), zone and further options of the format."""

    format: str | None = None
    zone: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class QuarantinedRow:
    """A value that could not be read. ``stream`` and ``column`` are None for a line that is no row at all."""

    stream: str | None
    table: str
    row: int | None
    line: int | None
    column: str | None
    value: str | None
    reason: str


@dataclass(frozen=True)
class Trial:
    """What came of one file. ``spec`` has the options filled in; ``con`` can read the Parquet while the trial is open."""

    path: Path
    spec: FormatSpec
    outcome: DeliveryOutcome
    store: Store
    con: duckdb.DuckDBPyConnection

    def relation(self, stream: DeliveryStream) -> str:
        """The stream's rows as SQL: a table function over the Parquet file."""
        return f"read_parquet({literal(self.store.data / stream.path)})"

    def rows(self, stream: DeliveryStream, columns: Sequence[str], limit: int) -> list[tuple[Any, ...]]:
        """The first rows of a stream in the order of the export."""
        names = ", ".join(f'"{name}"' for name in columns)
        return self.con.execute(
            f"select {names} from {self.relation(stream)} order by _row, source_record_id limit {limit}"
        ).fetchall()

    def quarantine(self) -> list[QuarantinedRow]:
        """Everything that could not be read, in the order of the file."""
        return [
            row for file in sorted((self.store.data / "quarantine").glob("*.parquet")) for row in read_quarantine(file)
        ]

    def text_tables(self) -> tuple[TextTable, ...]:
        """The parts as text in ``con`` (tables ``raw_<part>``), for looking at values as they are written."""
        scratch = self.store.data / "look"
        scratch.mkdir(exist_ok=True)
        return reader_of(self.spec).read(self.con, self.path, self.spec, scratch)


@contextmanager
def trial(
    path: Path, formats: Mapping[str, FormatSpec], declared: Declared, own: Path | None = None
) -> Iterator[Trial]:
    """Maps ``path`` as the whole truth (mode full), so that rows without an id are allowed. ``own`` is a folder of formats.

    Raises WorkledgerError where the file would be rejected.
    """
    import duckdb

    if not path.is_file():
        raise WorkledgerError("There is no such file", where=str(path), remedy="Check the path.")
    spec = recognise(path, formats, declared.format)
    _require_options(spec, declared)
    source = Source(
        SOURCE,
        spec.name,
        (glob.escape(path.name),),
        path.parent,
        zone=declared.zone,
        mode="full",
        extra=declared.options,
    )
    with tempfile.TemporaryDirectory(prefix="workledger-") as folder, duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'; set threads = 1")
        store = Store(Path(folder), own)
        outcome = next(extract([source], store, datetime.now(UTC)), None)
        if outcome is None:
            raise WorkledgerError(
                "The file looks unfinished or hidden, so a refresh passes over it",
                where=str(path),
                remedy="Give it a name without a leading dot and without .part, .tmp or the like.",
            )
        if outcome.status == "rejected":
            raise WorkledgerError(
                outcome.problem or "The file is rejected", where=str(path), remedy=outcome.remedy or ""
            )
        defaults = {name: option.default for name, option in spec.options.items() if option.default is not None}
        yield Trial(path, with_options(spec, {**defaults, **source.options}), outcome, store, con)


def read_quarantine(file: Path) -> list[QuarantinedRow]:
    """Rows of one quarantine file, in the order of the export."""
    import duckdb

    rows = duckdb.execute(
        "select stream, table_name, _row, line, column_name, value, reason from read_parquet(?)"
        " order by stream nulls last, coalesce(_row, line), column_name",
        [str(file)],
    ).fetchall()
    return [QuarantinedRow(*row) for row in rows]


def other_matches(path: Path, spec: FormatSpec, formats: Mapping[str, FormatSpec]) -> list[str]:
    """Names of the other formats that the file has all required headers of."""
    return sorted(other.name for other in formats.values() if other.name != spec.name and matches(path, other))


def _require_options(spec: FormatSpec, declared: Declared) -> None:
    given = {*declared.options, *(["zone"] if declared.zone else [])}
    for name, option in spec.options.items():
        if option.required and name not in given:
            how = "--zone Europe/Berlin" if name == "zone" else f"--option {name}=…"
            raise WorkledgerError(
                f"{spec.name} needs {name!r}: {option.description}",
                remedy=f"Say it with {how}; in workledger.yaml it is written at the source.",
            )
