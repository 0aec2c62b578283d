"""From the files of the sources to Parquet rows of streams and a ledger that says what counts: the whole way, in one function.

>>> from datetime import datetime, UTC; from pathlib import Path
>>> source = Source("toggl", None, ("toggl/*.csv",), Path("inbox"), zone="Europe/Berlin", mode="full")   # doctest: +SKIP
>>> for outcome in extract([source], Store(Path("data")), datetime.now(UTC)):                             # doctest: +SKIP
...     print(outcome.file_name, outcome.status, outcome.problem, [s.rows_loaded for s in outcome.streams])
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors import mapping_sql as sql
from connectors.deliveries import FoundFile, Identity, identify, land, scan
from connectors.format_spec import FormatSpec, load_formats
from connectors.ledger import Arrival, Delivery, DeliveryStream, Ledger, open_ledger
from connectors.mapping import Job, check_mapping, map_stream, with_options
from connectors.mapping_careful import EMPTY_QUARANTINE, QUARANTINE
from connectors.nearest import did_you_mean
from connectors.parquet_files import write_parquet
from connectors.readers.registry import reader_of
from connectors.readers.text_tables import TextTable, literal, quoted
from connectors.recognise import recognise
from connectors.sources import Source, Store
from connectors.workbench import MACROS, Desk, Limits, Workbench, open_workbench
from data_contracts.errors import WorkledgerError
from data_contracts.load import load_stream

if TYPE_CHECKING:
    import duckdb

ENGINE = "1"  # Raise where the engine gives other rows from the same format: deliveries are then mapped again.
Progress = Callable[[str], None]


@dataclass(frozen=True)
class DeliveryOutcome:
    """What became of one delivery in this extraction. ``drift`` is (header, kind)."""

    delivery_id: str
    source: str
    file_name: str
    format: str | None
    status: str
    problem: str | None
    remedy: str | None
    streams: tuple[DeliveryStream, ...]
    drift: tuple[tuple[str, str], ...]
    seconds: float


@dataclass(frozen=True)
class _Task:
    """A delivery to be mapped from its kept bytes. ``replaces`` is the id it had in the ledger before."""

    source: Source
    relative: str
    sha256: str
    size: int
    arrived_at: datetime
    arrival: Arrival | None
    replaces: str | None = None


def extract(
    sources: Sequence[Source],
    store: Store,
    arrived_at: datetime,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> Iterator[DeliveryOutcome]:
    """Takes in what is new and maps again what is mapped by an older format; yields one outcome a delivery worked on.

    A file that is as it was is not read. A delivery that cannot be used is recorded as rejected with its problem and remedy; it
    never stops the others. Raises WorkledgerError for what is wrong with the configuration or a format file as such.
    """
    formats = load_formats(store.formats)
    _check_sources(sources, formats)
    with open_ledger(store.ledger) as ledger, _LazyBench(store, limits) as bench:
        for source in sources:
            for task in _tasks(source, store, ledger, formats, arrived_at, progress):
                outcome = _take_in(task, store, ledger, formats, bench)
                if outcome is not None:
                    yield outcome


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


class _LazyBench:
    """Opens DuckDB only when there is something to map."""

    def __init__(self, store: Store, limits: Limits | None) -> None:
        self._store, self._limits = store, limits
        self._manager = open_workbench(store.scratch, limits)
        self._bench: Workbench | None = None

    def __enter__(self) -> _LazyBench:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._bench is not None:
            self._manager.__exit__(None, None, None)

    def get(self) -> Workbench:
        if self._bench is None:
            self._bench = self._manager.__enter__()
        return self._bench


def _check_sources(sources: Sequence[Source], formats: Mapping[str, FormatSpec]) -> None:
    for source in sources:
        if source.format is not None and source.format not in formats:
            raise WorkledgerError(
                f"There is no format {source.format!r}",
                where=f"source {source.name}",
                remedy=did_you_mean(source.format, formats),
            )
        if source.zone is not None:
            try:
                ZoneInfo(source.zone)
            except (ValueError, OSError, KeyError) as error:
                raise WorkledgerError(
                    f"There is no time zone {source.zone!r}",
                    where=f"source {source.name}",
                    remedy="Write an IANA name such as Europe/Berlin.",
                ) from error


def _tasks(
    source: Source,
    store: Store,
    ledger: Ledger,
    formats: Mapping[str, FormatSpec],
    arrived_at: datetime,
    progress: Progress | None,
) -> Iterator[_Task]:
    """What is new at the source, then what was mapped by something that has changed since."""
    seen = ledger.last_arrivals(source.name)
    for found in scan(source):
        task = _new_arrival(source, found, seen.get(found.relative), store, ledger, arrived_at, progress)
        if task is not None:
            yield task
    for row in ledger.deliveries(source.name):
        spec = formats.get(source.format or row["format"] or "")
        if row["mapping_hash"] != mapping_hash(spec, source, formats):
            moment = datetime.fromisoformat(row["arrived_at"])
            yield _Task(source, row["path"], row["sha256"], row["bytes"], moment, None, row["delivery_id"])


def _new_arrival(
    source: Source,
    found: FoundFile,
    last: Mapping[str, object] | None,
    store: Store,
    ledger: Ledger,
    arrived_at: datetime,
    progress: Progress | None,
) -> _Task | None:
    if last is not None and (last["size"], last["mtime_ns"]) == (found.size, found.mtime_ns):
        return None
    if progress is not None:
        progress(f"{source.name}: {found.relative}")
    landed = land(found, store)
    if landed is None:
        if progress is not None:
            progress(f"{source.name}: {found.relative} is still being written; it is left for the next time")
        return None
    if last is not None and last["sha256"] == landed.sha256:
        ledger.touch(source.name, found.relative, found.size, found.mtime_ns)
        return None
    arrival = Arrival(
        source.name,
        found.relative,
        found.path.name,
        found.size,
        found.mtime_ns,
        landed.sha256,
        _utc(arrived_at),
    )
    return _Task(source, found.relative, landed.sha256, landed.size, arrived_at, arrival)


def _take_in(
    task: _Task, store: Store, ledger: Ledger, formats: Mapping[str, FormatSpec], bench: _LazyBench
) -> DeliveryOutcome | None:
    started = perf_counter()
    source = task.source
    spec: FormatSpec | None = formats.get(source.format or "")
    streams: tuple[DeliveryStream, ...] = ()
    drift: tuple[tuple[str, str], ...] = ()
    problem: WorkledgerError | None = None
    generation = 1
    identity = identify(replace(source, file_name=None), task.relative, task.arrived_at, task.sha256)
    try:
        identity = identify(source, task.relative, task.arrived_at, task.sha256)
        if _already_known(task, identity, ledger, formats):
            return None
        generation = ledger.generation(identity.delivery_id)
        spec = recognise(store.landed(task.sha256), formats, source.format)
        streams, drift = _map_delivery(task, identity, spec, store, bench.get(), generation)
    except WorkledgerError as error:
        problem, streams, drift = error, (), ()
    delivery = _ledger_row(task, identity, spec, problem, mapping_hash(spec, source, formats))
    ledger.record(
        delivery,
        arrival=task.arrival,
        generation=generation,
        streams=streams,
        drift=drift,
        replaces=task.replaces,
    )
    return DeliveryOutcome(
        delivery.delivery_id,
        source.name,
        delivery.file_name,
        delivery.format,
        delivery.status,
        delivery.problem,
        delivery.remedy,
        streams,
        drift,
        perf_counter() - started,
    )


def _already_known(task: _Task, identity: Identity, ledger: Ledger, formats: Mapping[str, FormatSpec]) -> bool:
    """Whether the very same delivery came before and is mapped by what is in force: then only its arrival is recorded."""
    known = ledger.delivery(identity.delivery_id)
    if known is None or task.arrival is None:
        return False
    spec = formats.get(known["format"] or "")
    if known["mapping_hash"] != mapping_hash(spec, task.source, formats):
        return False
    ledger.add_arrival(task.arrival, identity.delivery_id)
    return True


def _map_delivery(
    task: _Task, identity: Identity, spec: FormatSpec, store: Store, bench: Workbench, generation: int
) -> tuple[tuple[DeliveryStream, ...], tuple[tuple[str, str], ...]]:
    """Reads and maps one delivery; its Parquet files are written, the ledger is not touched."""
    import duckdb

    check_mapping(spec)
    spec = with_options(spec, _options(spec, task.source))
    _refuse_occurrences(spec, identity, task.source)
    try:
        with bench.desk(task.size) as desk:
            desk.folder.mkdir(parents=True, exist_ok=True)
            tables = reader_of(spec).read(desk.reading, store.landed(task.sha256), spec, desk.folder)
            con = desk.lock(tables)
            by_name = {table.name: table for table in tables}
            streams = tuple(
                _map_one(stream, task, identity, spec, by_name, store, bench, desk, con, generation)
                for stream in spec.streams
            )
            _write_quarantine(con, desk, bench, by_name, identity.delivery_id, task.source.name, store)
    except duckdb.Error as error:
        raise WorkledgerError(
            f"The file cannot be worked on: {str(error).strip().splitlines()[0]}",
            remedy="Check the file; if it is fine, report this with the format's name.",
        ) from error
    drift = tuple((header, "new header") for table in tables for header in table.unknown)
    return streams, drift


def _map_one(
    stream: str,
    task: _Task,
    identity: Identity,
    spec: FormatSpec,
    tables: Mapping[str, TextTable],
    store: Store,
    bench: Workbench,
    desk: Desk,
    con: duckdb.DuckDBPyConnection,
    generation: int,
) -> DeliveryStream:
    first = next(name for name in spec.streams if spec.primary_table(name) == spec.primary_table(stream))
    job = Job(spec, stream, task.source.name, identity.delivery_id, tables, with_extras=stream == first)
    target = store.stream_file(stream, identity.delivery_id, generation)
    done = map_stream(bench.trusted, desk, con, job, target)
    return DeliveryStream(
        stream=stream,
        path=target.relative_to(store.data).as_posix(),
        is_complete=identity.mode != "changes" and done.quarantined == 0,
        rows_read=done.read,
        rows_loaded=done.loaded,
        rows_merged=done.merged,
        rows_quarantined=done.quarantined,
        rows_filtered=done.filtered,
        us_read=done.us_read,
        us_loaded=done.us_loaded,
        filtered_by=dict(done.filtered_by),
    )


def _write_quarantine(
    con: duckdb.DuckDBPyConnection,
    desk: Desk,
    bench: Workbench,
    tables: Mapping[str, TextTable],
    delivery_id: str,
    source: str,
    store: Store,
) -> None:
    """Keeps rows that could not be read; lines that are no rows have a line (record of the file, header = 1) and no stream."""
    target = store.quarantine_file(delivery_id)
    with_rejected = [table for table in tables.values() if table.has_rejected]
    if not with_rejected and not desk.has(QUARANTINE):
        target.unlink(missing_ok=True)
        return
    if not desk.has(QUARANTINE):
        desk.make(con, "table", QUARANTINE, EMPTY_QUARANTINE)
    for table in with_rejected:
        con.execute(
            f"insert into {QUARANTINE} select null, {literal(table.name)}, null, line, null, value, reason"
            f" from {quoted(table.rejected)} order by line"
        )
    select = f"select {literal(delivery_id)} as delivery_id, {literal(source)} as source, * from {QUARANTINE}"
    write_parquet(bench.trusted, con.execute(select).to_arrow_reader(100_000), target)


def _options(spec: FormatSpec, source: Source) -> dict[str, str]:
    """Values of the format's options. Raises where a required one is missing, one is unknown, or a value is not a choice."""
    given = source.options
    place = f"source {source.name}"
    for name, value in source.extra.items():
        if name not in spec.options and source.format is None:
            continue  # It may be meant for another format of the source's files.
        if name not in spec.options:
            raise WorkledgerError(
                f"{spec.name} has no option {name!r}", where=place, remedy=did_you_mean(name, spec.options)
            )
        choices = spec.options[name].choices
        if choices and value not in choices:
            raise WorkledgerError(
                f"{value!r} is not a value of option {name!r}", where=place, remedy=did_you_mean(value, choices)
            )
    for name, option in spec.options.items():
        if option.required and name not in given:
            raise WorkledgerError(
                f"{spec.name} needs {name!r}: {option.description}",
                where=place,
                remedy=f"Add `{name}:` to the source in workledger.yaml.",
            )
    defaults = {name: option.default for name, option in spec.options.items() if option.default is not None}
    return {**defaults, **given}


def _refuse_occurrences(spec: FormatSpec, identity: Identity, source: Source) -> None:
    """Rows without an id can only be replaced whole, so a delivery of mere changes cannot hold them."""
    without_id = [name for name, mapping in spec.streams.items() if mapping.key == sql.OCCURRENCE]
    if not without_id or identity.mode != "changes":
        return
    remedy = (
        "Declare the dates the file covers by `file_name` with a group coverage_from."
        if source.mode == "window"
        else "Set `mode: full`, or `mode: window` with `file_name` (group coverage_from), on the source."
    )
    raise WorkledgerError(
        f"Rows of {', '.join(without_id)} have no id in {spec.name}, so the export must be the whole truth for its dates",
        where=f"source {source.name}",
        remedy=remedy,
    )


def _ledger_row(
    task: _Task, identity: Identity, spec: FormatSpec | None, problem: WorkledgerError | None, hashed: str
) -> Delivery:
    where = f" ({problem.where})" if problem and problem.where else ""
    return Delivery(
        delivery_id=identity.delivery_id,
        source=task.source.name,
        file_name=Path(task.relative).name,
        path=task.relative,
        format=spec.name if spec else None,
        format_version=spec.version if spec else None,
        mapping_hash=hashed,
        mode=identity.mode,
        coverage_from=identity.coverage_from.isoformat() if identity.coverage_from else None,
        coverage_to=identity.coverage_to.isoformat() if identity.coverage_to else None,
        extracted_at=_utc(identity.extracted_at),
        extracted_at_basis=identity.extracted_at_basis,
        arrived_at=_utc(task.arrived_at),
        sha256=task.sha256,
        bytes=task.size,
        status="rejected" if problem else "mapped",
        problem=f"{problem.what}{where}" if problem else None,
        remedy=problem.remedy if problem else None,
    )


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
