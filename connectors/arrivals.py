"""What is to be mapped at a source: files that are new or changed, the answer of its database, and deliveries that were mapped by
something that has changed since."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from connectors.databases import pull
from connectors.deliveries import FoundFile, land, scan
from connectors.format_spec import DatabaseRead, FormatSpec
from connectors.ledger import Arrival, Ledger, in_utc
from connectors.sources import Source, Store
from connectors.watermarks import PLACEHOLDER, asked_since, watermark
from connectors.workbench import MACROS, Limits
from data_contracts.errors import WorkledgerError
from data_contracts.load import load_stream

ENGINE = "2"  # Raise where the engine gives other rows from the same format: deliveries are then mapped again.
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Task:
    """A delivery to be mapped from its kept bytes. ``replaces`` is the id it had in the ledger before."""

    source: Source
    relative: str
    sha256: str
    size: int
    arrived_at: datetime
    arrival: Arrival | None
    replaces: str | None = None


@dataclass(frozen=True)
class Context:
    """What an extraction works with."""

    store: Store
    ledger: Ledger
    formats: Mapping[str, FormatSpec]
    arrived_at: datetime
    progress: Progress
    limits: Limits


def tasks_of(source: Source, context: Context) -> Iterator[Task]:
    """What is new at the source, then what was mapped by something that has changed since."""
    ledger = context.ledger
    seen = ledger.last_arrivals(source.name)
    unreachable = ledger.unreachable(source.name)
    present = set()
    for place, found in _found(source, context):
        present.add(place)
        try:
            task = _new_arrival(source, found(), seen.get(place), context)
        except (WorkledgerError, OSError) as error:
            told = _unreadable(error) if isinstance(error, OSError) else error
            ledger.note_unreachable(source.name, place, told.what, told.remedy, in_utc(context.arrived_at))
            continue
        if place in unreachable:
            ledger.forget_unreachable(source.name, place)
        if task is not None:
            yield task
    for place in unreachable - present:
        ledger.forget_unreachable(source.name, place)
    hashes: dict[str, str] = {}
    gone = ledger.bytes_let_go()
    for row in ledger.deliveries(source.name):
        name = source.format or row["format"] or ""
        if name not in hashes:
            hashes[name] = mapping_hash(context.formats.get(name), source, context.formats)
        if row["mapping_hash"] != hashes[name]:
            if row["sha256"] in gone:
                what = "What an older format made of this stays: its bytes, old or with somebody who was erased, are not kept"
                remedy = "If the format's change matters here, export it anew, under another name."
                ledger.note_unreachable(source.name, row["path"], what, remedy, in_utc(context.arrived_at))
                continue
            moment = datetime.fromisoformat(row["arrived_at"])
            yield Task(source, row["path"], row["sha256"], row["bytes"], moment, None, row["delivery_id"])


def _found(source: Source, context: Context) -> Iterator[tuple[str, Callable[[], FoundFile]]]:
    """Where the source's exports lie, and how to get at each."""
    if source.database is None:
        for found in scan(source):
            yield found.relative, lambda found=found: found  # type: ignore[misc]
        return
    yield f"{source.name}.parquet", lambda: _pull(source, context)


def _pull(source: Source, context: Context) -> FoundFile:
    """Asks the source's database; the answer is a file like those that others put into the inbox."""
    spec = context.formats[source.format or ""]
    assert source.database is not None
    if not isinstance(spec.read, DatabaseRead):
        raise WorkledgerError(
            f"{spec.name} reads files, not a database", remedy="Name a format whose `read` is of kind database."
        )
    context.progress(f"{source.name}: asking the database")
    target = context.store.pulled_file(source.name)
    pull(source.database, _question(source, spec, spec.read.query, context), target)
    stat = target.stat()
    return FoundFile(target, target.name, stat.st_size, stat.st_mtime_ns)


def _question(source: Source, spec: FormatSpec, query: str, context: Context) -> str:
    """The query, for what changed since the last answers where it asks for that."""
    if PLACEHOLDER not in query:
        return query
    if source.mode != "changes":
        raise WorkledgerError(
            f"The query of {spec.name} asks only for what changed, so that a row which is absent was not deleted",
            remedy=f"Give the source the mode changes, or leave {PLACEHOLDER} out of the query.",
        )
    return asked_since(query, watermark(context.ledger, source.name, spec.streams, context.store.data, source.lookback))


def _unreadable(error: OSError) -> WorkledgerError:
    return WorkledgerError(
        f"The file cannot be read: {error.strerror or error}", remedy="Check its rights and the disk it is on."
    )


def _new_arrival(source: Source, found: FoundFile, last: Mapping[str, object] | None, context: Context) -> Task | None:
    if last is not None and (last["size"], last["mtime_ns"]) == (found.size, found.mtime_ns):
        return None
    context.progress(f"{source.name}: {found.relative}")
    landed = land(found, context.store)
    if landed is None:
        context.progress(f"{source.name}: {found.relative} is still being written; it is left for the next time")
        return None
    if last is not None and last["sha256"] == landed.sha256:
        context.ledger.touch(source.name, found.relative, found.size, found.mtime_ns)
        return None
    arrived = context.arrived_at
    arrival = Arrival(
        source.name, found.relative, found.path.name, found.size, found.mtime_ns, landed.sha256, in_utc(arrived)
    )
    return Task(source, found.relative, landed.sha256, landed.size, arrived, arrival)


def mapping_hash(spec: FormatSpec | None, source: Source, formats: Mapping[str, FormatSpec]) -> str:
    """Hash of all that decides what a delivery is mapped to: format, engine, contracts, and what the source declares."""
    fingerprints = [spec.fingerprint] if spec else sorted(known.fingerprint for known in formats.values())
    contracts = [repr(load_stream(name)) for name in sorted(spec.streams)] if spec else []
    declared = (source.format, source.mode, source.file_name, sorted(source.options.items()))
    parts = [ENGINE, _macros_hash(), *fingerprints, *contracts, repr(declared)]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


@cache
def _macros_hash() -> str:
    return hashlib.sha256(MACROS.read_bytes()).hexdigest()
