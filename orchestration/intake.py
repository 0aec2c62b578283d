"""Between settings and connectors: which sources there are, what arrived, and what counts in the warehouse."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.deliveries import FoundFile, remove_bytes, scan
from connectors.drift import header_drift
from connectors.ledger import in_utc, open_ledger
from connectors.sources import Source, Store
from orchestration.code_version import hash_texts
from orchestration.events import Delivered
from orchestration.workspace import Workspace

# A file that was written to a moment ago may still be arriving.
SETTLED_AFTER = timedelta(seconds=5)
Row = dict[str, Any]


@dataclass(frozen=True)
class Counting:
    """What the warehouse is built from: files by stream, ledger rows as dbt sees them, and what needs a person."""

    stream_files: dict[str, list[Path]]
    delivery_streams: list[Row]
    problems: list[Row]


@dataclass(frozen=True)
class NewFiles:
    """Files that differ from their last arrival. ``growing`` were written to a moment ago."""

    settled: tuple[str, ...]
    growing: tuple[str, ...]
    fingerprint: str

    @property
    def any(self) -> bool:
        """Whether there is anything to read."""
        return bool(self.settled or self.growing)


def sources_of(workspace: Workspace) -> list[Source]:
    """The workspace's sources as connectors know them."""
    settings = workspace.settings
    return [
        Source(
            name=name,
            format=source.format,
            files=tuple(source.files),
            root=workspace.root,
            zone=source.zone or settings.zone,
            mode=source.mode,
            file_name=source.file_name,
            extra=source.options,
            database=source.database,
            **({} if source.lookback_days is None else {"lookback": timedelta(days=source.lookback_days)}),
        )
        for name, source in settings.sources.items()
    ]


def store_of(workspace: Workspace) -> Store:
    """The folders that keep deliveries, streams and the ledger."""
    return Store(data=workspace.data, formats=workspace.formats)


def take_in(
    workspace: Workspace, arrived_at: datetime, progress: Callable[[str, int, int | None], None]
) -> Iterator[Delivered]:
    """Land, read and map everything new in the inbox; one event a file."""
    from connectors.streams import extract

    waiting = new_files(workspace)
    total = len(waiting.settled) + len(waiting.growing)
    outcomes = extract(sources_of(workspace), store_of(workspace), arrived_at)
    for done, outcome in enumerate(outcomes, start=1):
        progress(f"read {outcome.file_name}", done, max(total, done))
        yield Delivered(
            source=outcome.source,
            file_name=outcome.file_name,
            format=outcome.format,
            rows_loaded=sum(stream.rows_loaded for stream in outcome.streams),
            rows_quarantined=sum(stream.rows_quarantined for stream in outcome.streams),
            problem=outcome.problem,
        )


def what_counts(workspace: Workspace) -> Counting:
    """What the ledger says counts now, for the sources that ``workledger.yaml`` still names."""
    named = workspace.settings.sources
    with open_ledger(store_of(workspace).ledger) as ledger:
        current = [_after_what_it_overwrote(row) for row in ledger.current_streams() if row["source"] in named]
        problems = [row for row in [*ledger.problems(), *header_drift(ledger.headers())] if row["source"] in named]
        delivered = {row["source"] for row in ledger.deliveries()}
    files: dict[str, list[Path]] = {}
    for row in current:
        if row["rows_loaded"]:
            files.setdefault(row["stream"], []).append(workspace.data / row["stream_path"])
    missing = [_without_file(name) for name in sorted(set(named) - delivered)]
    return Counting(files, current, [*problems, *missing])


def let_old_bytes_go(workspace: Workspace, before: datetime, now: datetime) -> int:
    """Remove the bytes of exports that last arrived before a moment; returns their number.

    The rows that were made of them stay, so no figure changes; but no later format can read them again.
    """
    store = store_of(workspace)
    with open_ledger(store.ledger) as ledger:
        old = ledger.bytes_last_arrived_before(in_utc(before))
        ledger.let_bytes_go(old, in_utc(now))
        remove_bytes(old, store)
    return len(old)


def _after_what_it_overwrote(row: Row) -> Row:
    """An export that replaces a file whose name declares the same moment is the later one, by a microsecond: else the hash
    decides between the wrong export and the corrected one."""
    if not row["overwrites"] or row["extracted_at_basis"] == "arrival":
        return row
    moment = datetime.fromisoformat(row["extracted_at"]) + timedelta(microseconds=row["overwrites"])
    return {**row, "extracted_at": moment.isoformat()}


def _without_file(source: str) -> Row:
    return {
        "source": source,
        "file_name": None,
        "rule": "source_without_file",
        "severity": "warns",
        "detail": "No file has ever arrived from this source.",
        "remedy": "Check `files` of the source in workledger.yaml, or put an export there.",
        "first_seen_at": None,
        "delivery_id": None,
    }


def files_of_deliveries(workspace: Workspace) -> dict[str, str]:
    """Names of files by delivery, which nothing that is published has; none for who may read published files only."""
    ledger = store_of(workspace).ledger
    try:
        if not ledger.is_file():
            return {}
        with open_ledger(ledger) as opened:
            return {row["delivery_id"]: row["file_name"] for row in opened.deliveries()}
    except (OSError, sqlite3.OperationalError):
        return {}


def new_files(workspace: Workspace) -> NewFiles:
    """Files in the inbox that are new or changed, by size and time stamp; nothing is read."""
    settled: list[FoundFile] = []
    growing: list[FoundFile] = []
    still = (datetime.now(UTC) - SETTLED_AFTER).timestamp() * 1e9
    with open_ledger(store_of(workspace).ledger) as ledger:
        for source in sources_of(workspace):
            known = ledger.last_arrivals(source.name)
            for found in scan(source):
                last = known.get(found.relative)
                if last is None or (last["size"], last["mtime_ns"]) != (found.size, found.mtime_ns):
                    (growing if found.mtime_ns > still else settled).append(found)
    return NewFiles(
        settled=tuple(found.relative for found in settled),
        growing=tuple(found.relative for found in growing),
        fingerprint=hash_texts(f"{found.relative} {found.size} {found.mtime_ns}" for found in settled),
    )
