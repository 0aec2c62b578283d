"""What comes in from outside: a source of exports, and the folders that keep what was made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

ExportMode = Literal["changes", "window", "full"]


@dataclass(frozen=True)
class Source:
    """One place that exports arrive from.

    ``format`` None lets every known format try to recognise a file. ``files`` are globs relative to ``root``. ``zone`` is the
    IANA zone of local times in the export. ``file_name`` is a regular expression with the optional named groups
    ``coverage_from``, ``coverage_to`` and ``extracted_at``. ``extra`` holds further options of the format. ``database`` names the
    environment variable with the address of a database that is asked instead of looking for files. One that is asked for changes
    gives those of ``lookback`` before the last that it told of again.
    """

    name: str
    format: str | None
    files: tuple[str, ...]
    root: Path
    zone: str | None = None
    mode: ExportMode = "changes"
    file_name: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    database: str | None = None
    lookback: timedelta = timedelta(days=3)

    @property
    def options(self) -> dict[str, str]:
        """Everything a format may ask for as option('…'); ``zone`` is one of them."""
        zone = {"zone": self.zone} if self.zone else {}
        return {**zone, **self.extra}


@dataclass(frozen=True)
class Store:
    """Folders of one workspace: ``data`` is written, ``formats`` (the company's own, may be absent) only read."""

    data: Path
    formats: Path | None = None

    @property
    def ledger(self) -> Path:
        """The SQLite file that says which deliveries count."""
        return self.data / "ledger.db"

    def landed(self, sha256: str) -> Path:
        """Where the bytes with this hash are kept."""
        return self.data / "deliveries" / sha256[:2] / sha256

    def stream_file(self, stream: str, delivery_id: str, generation: int) -> Path:
        """Where one delivery's rows of a stream are kept. A mapping done again has a name of its own: no file changes."""
        suffix = "" if generation == 1 else f"-{generation}"
        return self.data / "streams" / stream / f"{delivery_id}{suffix}.parquet"

    def quarantine_file(self, delivery_id: str) -> Path:
        """Where the rows that could not be read are kept, with column, value and reason."""
        return self.data / "quarantine" / f"{delivery_id}.parquet"

    def pulled_file(self, source: str) -> Path:
        """The last answer of a source's database."""
        return self.data / "pulled" / f"{source}.parquet"

    @property
    def suppressed(self) -> Path:
        """Salted hashes of who was erased, so that the next export does not bring them back."""
        return self.data / "erasures" / "suppressed.json"

    @property
    def scratch(self) -> Path:
        """Files of an extraction under way; safe to delete when none is."""
        return self.data / "scratch"
