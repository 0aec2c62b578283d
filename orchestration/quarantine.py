"""Rows and files that could not be read: what they are, why, and trying them again after a fix. Nothing leaves silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from connectors.ledger import Ledger, Row, open_ledger
from connectors.trial import QuarantinedRow, read_quarantine
from data_contracts.errors import WorkledgerError
from orchestration.disclosure import shown_quarantine
from orchestration.intake import sources_of, store_of
from orchestration.workspace import Workspace


@dataclass(frozen=True)
class QuarantinedFile:
    """A delivery of which something is not loaded.

    ``rows_quarantined`` is what the ledger counted, ``entries`` the values with their reasons. ``is_present`` is False where a
    later file took its place. ``problem`` says why a whole file was rejected, or that its quarantine file is gone.
    """

    source: str
    file_name: str
    delivery_id: str
    arrived_at: str
    format: str | None
    is_present: bool
    rows_quarantined: int
    problem: str | None
    remedy: str | None
    entries: tuple[QuarantinedRow, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Retried:
    """A delivery tried again: rows quarantined before and after (None = the whole file is rejected)."""

    source: str
    file_name: str
    before: int | None
    after: int | None
    problem: str | None
    was_mapped_again: bool


def list_quarantine(workspace: Workspace, source: str | None = None, personal: bool = False) -> list[QuarantinedFile]:
    """Everything in quarantine by source and arrival. ``personal`` says that raw values may be shown.

    Raises WorkledgerError where ``source`` is not known.
    """
    with _open(workspace) as ledger:
        _require_source(workspace, ledger, source)
        return [replace(file, entries=_shown(file.entries, personal)) for file in _files(workspace, ledger, source)]


def retry_quarantine(workspace: Workspace, source: str | None = None) -> list[Retried]:
    """Maps again, from the kept bytes, what was mapped by a format or settings that have changed since; nothing new is read.

    One entry for each delivery that was in quarantine. What comes of it is published by the next refresh.
    """
    from connectors.streams import extract
    from orchestration.publication.lock import refresh_lock

    sources = [replace(known, files=()) for known in sources_of(workspace) if source in (None, known.name)]
    with refresh_lock(workspace.lock, f"quarantine retry {uuid4().hex[:8]}"):
        with _open(workspace) as ledger:
            _require_source(workspace, ledger, source)
            before = [file for file in _files(workspace, ledger, source) if file.is_present]
        outcomes = list(extract(sources, store_of(workspace), datetime.now(UTC)))
    # A delivery whose declared coverage was corrected has another id; then its name tells.
    again = {(outcome.source, key): outcome for outcome in outcomes for key in (outcome.file_name, outcome.delivery_id)}
    found = []
    for file in before:
        outcome = again.get((file.source, file.delivery_id)) or again.get((file.source, file.file_name))
        was = None if file.problem and not file.rows_quarantined else file.rows_quarantined
        now = was if outcome is None else _quarantined(outcome.streams, outcome.status)
        problem = file.problem if outcome is None else outcome.problem
        found.append(Retried(file.source, file.file_name, was, now, problem, outcome is not None))
    return found


def _quarantined(streams: Iterable[Any], status: str) -> int | None:
    return None if status == "rejected" else sum(stream.rows_quarantined for stream in streams)


@contextmanager
def _open(workspace: Workspace) -> Iterator[Ledger]:
    with open_ledger(store_of(workspace).ledger) as ledger:
        yield ledger


def _require_source(workspace: Workspace, ledger: Ledger, source: str | None) -> None:
    from connectors.nearest import did_you_mean

    known = {*workspace.settings.sources, *(row["source"] for row in ledger.deliveries())}
    if source is not None and source not in known:
        raise WorkledgerError(f"There is no source {source!r}", remedy=did_you_mean(source, known))


def _files(workspace: Workspace, ledger: Ledger, source: str | None) -> list[QuarantinedFile]:
    counted: dict[str, int] = {}
    for row in ledger.current_streams():
        counted[row["delivery_id"]] = counted.get(row["delivery_id"], 0) + row["rows_quarantined"]
    deliveries = [
        row for row in ledger.deliveries(source) if row["status"] == "rejected" or counted.get(row["delivery_id"])
    ]
    present = _present(ledger, {row["source"] for row in deliveries})
    return [_file(workspace, row, counted.get(row["delivery_id"], 0), present) for row in deliveries]


def _present(ledger: Ledger, sources: Iterable[str]) -> set[str]:
    """Deliveries that are the last seen at some path."""
    return {row["delivery_id"] for source in sources for row in ledger.last_arrivals(source).values()}


def _file(workspace: Workspace, row: Row, rows_quarantined: int, present: set[str]) -> QuarantinedFile:
    path = store_of(workspace).quarantine_file(row["delivery_id"])
    problem, remedy = row["problem"], row["remedy"]
    entries: tuple[QuarantinedRow, ...] = ()
    if path.is_file():
        entries = tuple(read_quarantine(path))
    elif rows_quarantined:
        problem = f"{rows_quarantined} rows are in quarantine, but the file that holds them is gone: {path}"
        remedy = "Restore the workspace's data folder from its back-up, or put the export into the inbox again."
    return QuarantinedFile(
        source=row["source"],
        file_name=row["file_name"],
        delivery_id=row["delivery_id"],
        arrived_at=row["arrived_at"],
        format=row["format"],
        is_present=row["delivery_id"] in present,
        rows_quarantined=rows_quarantined,
        problem=problem,
        remedy=remedy,
        entries=entries,
    )


def _shown(entries: Iterable[QuarantinedRow], personal: bool) -> tuple[QuarantinedRow, ...]:
    return tuple(shown_quarantine(entry, personal) for entry in entries)
