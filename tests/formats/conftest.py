"""Cases of the shipped formats: a folder of fixtures each, and made-up rows for the canonical CSV of each stream.

fixtures/<format>/export.* is a good export, broken.* one with bad rows, case.yaml what must come of both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from connectors.canonical import canonical_header
from connectors.format_spec import load_formats
from connectors.ledger import open_ledger
from connectors.sources import Source, Store
from connectors.streams import DeliveryOutcome, extract
from data_contracts.load import Column, load_stream, stream_names

FIXTURES = Path(__file__).parent / "fixtures"
EXAMPLES = Path(__file__).parents[2].parent / "shared" / "examples"
ARRIVED = datetime(2026, 2, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """One format with its good and broken export and what is expected of them (``case.yaml``)."""

    format: str
    export: bytes
    broken: bytes
    suffix: str
    expected: dict[str, Any]

    @property
    def given(self) -> dict[str, Any]:
        """What the source has to say: its zone, the format's options, and the format itself where a file cannot tell it."""
        declared = {"format": self.format} if "recognised_as" in self.expected else {}
        return {"zone": self.expected["zone"], **declared, **self.expected.get("options", {})}


@dataclass(frozen=True)
class Extracted:
    """What an extraction left: outcomes, and the store to look into."""

    outcomes: list[DeliveryOutcome]
    store: Store

    @property
    def only(self) -> DeliveryOutcome:
        (outcome,) = self.outcomes
        return outcome

    def rows(self, stream: str) -> list[dict[str, str | None]]:
        """Rows of a stream as text, in the order of the export."""
        with open_ledger(self.store.ledger) as ledger:
            files = [
                str(self.store.data / row["stream_path"]) for row in ledger.current_streams() if row["stream"] == stream
            ]
        con = duckdb.connect()
        con.execute("set TimeZone = 'UTC'")
        found = con.execute(
            "select columns(*)::varchar from read_parquet(?) order by _row::bigint, source_record_id", [files]
        )
        names = [entry[0] for entry in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def quarantine(self) -> list[tuple[int | None, str | None]]:
        """(row, column) of what was quarantined."""
        files = [str(path) for path in (self.store.data / "quarantine").glob("*.parquet")]
        if not files:
            return []
        return duckdb.execute("select _row, column_name from read_parquet(?) order by all", [files]).fetchall()


Extract = Callable[..., Extracted]


@pytest.fixture
def extracted(tmp_path: Path) -> Extract:
    """Extracts files of the given content; a store of its own each time. ``own`` is a folder of formats beside the shipped."""
    count = 0

    def run(
        *files: tuple[str, bytes],
        format: str | None = None,
        zone: str | None = None,
        own: Path | None = None,
        **extra: str,
    ) -> Extracted:
        nonlocal count
        count += 1
        root = tmp_path / str(count)
        (root / "inbox").mkdir(parents=True)
        for name, content in files:
            (root / "inbox" / name).write_bytes(content)
        source = Source("sample", format, ("*",), root / "inbox", zone=zone, mode="full", extra=extra)
        store = Store(root / "data", own)
        return Extracted(list(extract([source], store, ARRIVED)), store)

    return run


def _fixture_case(folder: Path) -> Case:
    (export,) = folder.glob("export.*")
    (broken,) = folder.glob("broken.*")
    expected = yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8"))
    return Case(folder.name, export.read_bytes(), broken.read_bytes(), export.suffix, expected)


def _sample(column: Column) -> str:
    """A readable value for a contract column of the canonical CSV."""
    if column.accepted:
        return column.accepted[0]
    if column.name.endswith("_us"):
        return "1:30"
    by_type = {
        "DATE": "2026-01-05",
        "BOOLEAN": "yes",
        "TIMESTAMP WITH TIME ZONE": "2026-01-05T10:00:00+01:00",
        "VARCHAR": "x",
    }
    return by_type.get(column.type, "1")


def _canonical_case(stream: str) -> Case:
    own = load_stream(stream).own_columns
    headers = [f"{stream}_record_id", *map(canonical_header, own), "modified_at", "is_deleted"]
    row = ["r1", *map(_sample, own), "2026-01-06T10:00:00Z", "no"]
    deleted = ["r2", *map(_sample, own), "2026-01-06T10:00:00Z", "yes"]
    bad = ["", *map(_sample, own), "yesterday", "no"]
    lines = [",".join(cells) for cells in (headers, row, deleted)]
    broken = [",".join(cells) for cells in (headers, row, bad)]
    durations = {"time_entries": 2 * 5_400_000_000, "tasks": 2 * 5_400_000_000}
    stream_expected: dict[str, Any] = {"rows": 2, "loaded": 2}
    if stream in durations:
        stream_expected["us_loaded"] = durations[stream]
    expected = {
        "zone": None,
        "streams": {stream: stream_expected},
        "values": {
            stream: [
                {
                    "_row": 1,
                    "source_record_id": "r1",
                    "is_deleted": "false",
                    "source_modified_at": "2026-01-06 10:00:00+00",
                },
                {"_row": 2, "is_deleted": "true"},
            ]
        },
        "broken": {"quarantined": [[2, "source_record_id"], [2, "source_modified_at"]], "loaded": 1},
    }
    return Case(f"workledger__{stream}", "\n".join(lines).encode(), "\n".join(broken).encode(), ".csv", expected)


CASES = {
    case.format: case
    for case in [
        *map(_fixture_case, sorted(path for path in FIXTURES.iterdir() if path.is_dir())),
        *map(_canonical_case, stream_names()),
    ]
}


@pytest.fixture
def cases() -> dict[str, Case]:
    """The case of every shipped format, by the format's name."""
    return CASES


@pytest.fixture(params=sorted(load_formats(None)))
def case(request: pytest.FixtureRequest) -> Case:
    """Every shipped format in turn; one without a case fails."""
    assert request.param in CASES, f"{request.param} has no tests/formats/fixtures/{request.param}"
    return CASES[request.param]


@pytest.fixture
def examples() -> Path:
    """Real exports, where they are at hand."""
    if not EXAMPLES.is_dir():
        pytest.skip(f"real exports are not at hand ({EXAMPLES})")
    return EXAMPLES
