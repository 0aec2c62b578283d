"""A small workspace to extract in, and a format of its own to bend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from connectors.ledger import Row, open_ledger
from connectors.sources import Source, Store
from connectors.streams import DeliveryOutcome, extract

ENTRIES = """\
format: acme__entries
version: 1.0.0
description: Entries of a made-up tracker.
read: {kind: delimited}
headers: {required: [Id, Who, Day, Hours], optional: [Note], renamed: {Who: [Person]}, known: ["Rate*"]}
streams:
  time_entries:
    key: ['"Id"']
    columns:
      person_email: '"Who"'
      note: '"Note"'
      date_precision: "'day'"
      work_date: parse_date("Day")
      duration_us: parse_hours("Hours")
"""


@dataclass
class Bench:
    """Files go to ``inbox``, the format ``acme__entries`` to ``formats``; each ``run`` is an hour after the one before."""

    root: Path
    source: Source
    store: Store
    clock: datetime = datetime(2026, 2, 1, tzinfo=UTC)
    document: dict[str, Any] = field(default_factory=dict)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def save_format(self) -> None:
        path = self.root / "formats" / f"{self.document['format']}.yaml"
        path.write_text(yaml.safe_dump(self.document), encoding="utf-8")

    def run(self, **changes: Any) -> list[DeliveryOutcome]:
        self.save_format()
        self.clock += timedelta(hours=1)
        return list(extract([replace(self.source, **changes)], self.store, self.clock))

    def ledger(self, method: str) -> list[Row]:
        with open_ledger(self.store.ledger) as ledger:
            rows: list[Row] = getattr(ledger, method)()
            return rows

    def rows(self, stream: str = "time_entries", columns: str = "*") -> list[tuple[Any, ...]]:
        files = [row["stream_path"] for row in self.ledger("current_streams") if row["stream"] == stream]
        if not files:
            return []
        paths = [str(self.store.data / file) for file in files]
        return duckdb.execute(f"select {columns} from read_parquet(?) order by all", [paths]).fetchall()

    def quarantine(self, columns: str = "*") -> list[tuple[Any, ...]]:
        files = [str(path) for path in (self.store.data / "quarantine").glob("*.parquet")]
        return (
            duckdb.execute(f"select {columns} from read_parquet(?) order by all", [files]).fetchall() if files else []
        )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "formats").mkdir()
    source = Source("acme", "acme__entries", ("*.csv",), tmp_path / "inbox", zone="Europe/Berlin", mode="full")
    made = Bench(tmp_path, source, Store(tmp_path / "data", tmp_path / "formats"))
    made.document = yaml.safe_load(ENTRIES)
    return made


@pytest.fixture
def only(bench: Bench) -> Callable[..., DeliveryOutcome]:
    """Writes one file, extracts, returns the one outcome."""

    def extracted(content: str | bytes, **changes: Any) -> DeliveryOutcome:
        bench.write("export.csv", content)
        (outcome,) = bench.run(**changes)
        return outcome

    return extracted
