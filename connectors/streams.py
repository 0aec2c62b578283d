"""From the files of the sources to Parquet rows of streams and a ledger that says what counts: the whole way, in one function.

>>> from datetime import datetime, UTC; from pathlib import Path
>>> source = Source("toggl", None, ("toggl/*.csv",), Path("inbox"), zone="Europe/Berlin", mode="full")   # doctest: +SKIP
>>> for outcome in extract([source], Store(Path("data")), datetime.now(UTC)):                             # doctest: +SKIP
...     print(outcome.file_name, outcome.status, outcome.problem, [s.rows_loaded for s in outcome.streams])
"""

from __future__ import annotations

import errno
import os
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

from connectors import mapping_sql as sql
from connectors.arrivals import Context, Progress, Task, mapping_hash, tasks_of
from connectors.deliveries import Identity, identify, remove_bytes
from connectors.durable import keep_file
from connectors.format_spec import FormatSpec, load_formats
from connectors.ledger import Delivery, DeliveryStream, Ledger, in_utc, open_ledger
from connectors.mapping import check_mapping, map_stream, with_options
from connectors.mapping_faults import QUARANTINE, prepare_quarantine, quarantined_rows
from connectors.mapping_job import Job
from connectors.nearest import did_you_mean
from connectors.persons import Person
from connectors.prefaces import stated_in_preface
from connectors.raw_texts import texts_of
from connectors.readers.registry import reader_of
from connectors.readers.text_tables import TextTable
from connectors.recognise import recognise
from connectors.sources import Source, Store
from connectors.sql_text import literal, quoted
from connectors.suppression import NOBODY, Suppressed, named_in, read_suppressed, suppress, suppress_quarantine
from connectors.workbench import LARGE_BYTES, MOST_DELIVERIES, Desk, Instance, Limits, open_instance
from data_contracts.errors import WorkledgerError

WORKERS = 2  # DuckDB leaves Python's lock alone while it works; more would need the memory of more.
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)


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


@dataclass
class _Reading:
    """A task on its way: what it is, its format, text tables and rows, or the problem that stopped it.

    ``is_known``: the very same delivery came before, so nothing is to be done. ``generation`` numbers its mappings.
    ``erased``: whom it names of those who were erased, as if they were one; once it is mapped, its bytes are not kept.
    """

    task: Task
    identity: Identity
    spec: FormatSpec | None
    is_known: bool = False
    generation: int = 1
    streams: tuple[DeliveryStream, ...] = ()
    drift: tuple[tuple[str, str], ...] = ()
    tables: tuple[TextTable, ...] = ()
    problem: WorkledgerError | None = None
    erased: Person = NOBODY
    seconds: float = 0.0


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
    with open_ledger(store.ledger) as ledger:
        arrived_at = _after_what_arrived(arrived_at, ledger)
        context = Context(store, ledger, formats, arrived_at, progress or (lambda _: None), limits or Limits())
        yield from _take_in(_batches(task for source in sources for task in tasks_of(source, context)), context)
        remove_bytes(ledger.bytes_let_go(), store)


def _after_what_arrived(arrived_at: datetime, ledger: Ledger) -> datetime:
    """What comes later is the later, also where the clock was set back: else an old export would win over the new one."""
    last = ledger.last_arrived_at()
    if last is None or datetime.fromisoformat(last) <= arrived_at:
        return arrived_at
    return datetime.fromisoformat(last) + timedelta(microseconds=1)


def _batches(tasks: Iterator[Task]) -> Iterator[list[Task]]:
    """Small deliveries together, so that they share an instance; a large one alone."""
    batch: list[Task] = []
    for task in tasks:
        size = sum(entry.size for entry in batch) + task.size
        if batch and (size > LARGE_BYTES or len(batch) == MOST_DELIVERIES):
            yield batch
            batch = []
        batch.append(task)
    if batch:
        yield batch


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


def _take_in(batches: Iterator[list[Task]], context: Context) -> Iterator[DeliveryOutcome]:
    """Works on two batches at a time and records what came of them in order; a large delivery has the machine to itself."""
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="mapping") as workers:
        under_way: deque[Future[list[_Reading]]] = deque()
        for tasks in batches:
            while under_way and (len(under_way) > WORKERS or _is_large(tasks)):
                yield from _record_all(under_way.popleft().result(), context)
            readings = [_begin(task, context) for task in tasks]
            # Small deliveries are mapped beside each other, not by several threads each.
            limits = context.limits if _is_large(tasks) else replace(context.limits, threads=1)
            under_way.append(workers.submit(_work_on, readings, context.store, limits))
            if _is_large(tasks):
                yield from _record_all(under_way.popleft().result(), context)
        while under_way:
            yield from _record_all(under_way.popleft().result(), context)


def _is_large(tasks: Sequence[Task]) -> bool:
    return sum(task.size for task in tasks) > LARGE_BYTES


def _work_on(readings: list[_Reading], store: Store, limits: Limits) -> list[_Reading]:
    """Reads the deliveries into one private instance, locks it, then maps them one by one; the ledger is not touched."""
    to_do = [reading for reading in readings if not reading.problem and not reading.is_known]
    if to_do:
        with open_instance(store.scratch, limits) as instance:
            for reading in to_do:
                _read(reading, instance, store)
            instance.lock()
            suppressed = read_suppressed(store.suppressed)
            for reading in to_do:
                if suppressed and not reading.problem:
                    reading.erased = named_in(suppressed, texts_of(store.landed(reading.task.sha256)))
                _map(reading, instance, store, suppressed)
    return readings


def _record_all(readings: Sequence[_Reading], context: Context) -> Iterator[DeliveryOutcome]:
    return (_record(reading, context) for reading in readings if not _seen(reading, context))


def _begin(task: Task, context: Context) -> _Reading:
    """What the delivery speaks of and which format it has."""
    started = perf_counter()
    source, formats = task.source, context.formats
    plain = identify(replace(source, file_name=None), task.relative, task.arrived_at, task.sha256)
    reading = _Reading(task, plain, formats.get(source.format or ""))
    try:
        reading.identity = identify(source, task.relative, task.arrived_at, task.sha256)
        path = context.store.landed(task.sha256)
        reading.spec = recognise(path, formats, source.format)
        stated = stated_in_preface(path, reading.spec)
        reading.identity = identify(source, task.relative, task.arrived_at, task.sha256, stated)
        check_mapping(reading.spec)
        _options(reading.spec, source)
        _refuse_occurrences(reading.spec, reading.identity, source)
    except WorkledgerError as error:
        reading.problem = error
    reading.is_known = _already_known(reading, context)
    reading.generation = context.ledger.generation(reading.identity.delivery_id)
    reading.seconds = perf_counter() - started
    return reading


def _already_known(reading: _Reading, context: Context) -> bool:
    """Whether the very same delivery came before and is mapped by what is in force."""
    known = context.ledger.delivery(reading.identity.delivery_id)
    if known is None or reading.task.arrival is None:
        return False
    spec = context.formats.get(known["format"] or "")
    return bool(known["mapping_hash"] == mapping_hash(spec, reading.task.source, context.formats))


def _seen(reading: _Reading, context: Context) -> bool:
    """Records the arrival of a delivery that is already known; then nothing else is to be done."""
    if reading.task.arrival is None or not _already_known(reading, context):
        return False
    context.ledger.add_arrival(reading.task.arrival, reading.identity.delivery_id)
    return True


def _read(reading: _Reading, instance: Instance, store: Store) -> None:
    """Text tables of the delivery, put aside in the instance."""
    import duckdb

    assert reading.spec is not None
    started = perf_counter()
    path = store.landed(reading.task.sha256)
    try:
        tables = reader_of(reading.spec).read(instance.con, path, reading.spec, instance.folder)
        reading.tables = instance.put_aside(tables)
    except (WorkledgerError, duckdb.Error) as error:
        _raise_if_of_the_disk(error)
        reading.problem = error if isinstance(error, WorkledgerError) else _failed(error)
    reading.seconds += perf_counter() - started


def _map(reading: _Reading, instance: Instance, store: Store, suppressed: Suppressed) -> None:
    """Writes the Parquet files of one delivery."""
    import duckdb

    if reading.problem:
        return
    assert reading.spec is not None
    started = perf_counter()
    try:
        spec = with_options(reading.spec, _options(reading.spec, reading.task.source))
        with Desk(instance, reading.tables) as desk:
            reading.streams = tuple(_map_one(stream, spec, reading, desk, store, suppressed) for stream in spec.streams)
            _write_quarantine(desk, reading.identity.delivery_id, reading.task.source.name, store)
            suppress_quarantine(reading.erased, store.quarantine_file(reading.identity.delivery_id))
        reading.drift = tuple((header, "new header") for table in reading.tables for header in table.unknown)
    except (WorkledgerError, duckdb.Error) as error:
        _raise_if_of_the_disk(error)
        reading.problem = error if isinstance(error, WorkledgerError) else _failed(error)
    if reading.problem:
        reading.streams = ()
    reading.seconds += perf_counter() - started


def _map_one(
    stream: str, spec: FormatSpec, reading: _Reading, desk: Desk, store: Store, suppressed: Suppressed
) -> DeliveryStream:
    identity = reading.identity
    first = next(name for name in spec.streams if spec.primary_table(name) == spec.primary_table(stream))
    job = Job(spec, stream, reading.task.source.name, identity.delivery_id, desk.tables, with_extras=stream == first)
    target = store.stream_file(stream, identity.delivery_id, reading.generation)
    done = map_stream(desk, job, target)
    if suppressed:
        done, person = suppress(
            suppressed,
            stream,
            reading.task.source.name,
            target,
            done,
            quarantined_rows(desk, stream),
            reading.erased,
        )
        reading.erased = reading.erased.and_also(person)
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
        repeated_time_rows=done.doubtful.repeated_time_rows,
        skipped_time_rows=done.doubtful.skipped_time_rows,
    )


def _record(reading: _Reading, context: Context) -> DeliveryOutcome:
    task, problem = reading.task, reading.problem
    hashed = mapping_hash(reading.spec, task.source, context.formats)
    if not reading.erased.is_nobody and problem is None:
        context.ledger.let_bytes_go([task.sha256], in_utc(context.arrived_at))
    delivery = _ledger_row(task, reading.identity, reading.spec, problem, hashed)
    context.ledger.record(
        delivery,
        arrival=task.arrival,
        generation=reading.generation,
        streams=reading.streams,
        drift=reading.drift,
        headers=[(table.name, *spelled) for table in reading.tables for spelled in table.spelled],
        replaces=task.replaces,
    )
    return DeliveryOutcome(
        delivery.delivery_id,
        delivery.source,
        delivery.file_name,
        delivery.format,
        delivery.status,
        delivery.problem,
        delivery.remedy,
        reading.streams,
        reading.drift,
        reading.seconds,
    )


def _raise_if_of_the_disk(error: BaseException | None) -> None:
    """A delivery is not rejected for want of room: nothing is recorded of it, and the next extraction maps it."""
    while error is not None:
        told = str(error)
        for number in OF_THE_DISK:
            if os.strerror(number) in told:
                raise OSError(number, os.strerror(number)) from error
        error = error.__cause__


def _failed(error: Exception) -> WorkledgerError:
    told = re.sub(r"^[A-Z][A-Za-z ]* Error: ", "", str(error).strip().splitlines()[0])
    return WorkledgerError(
        f"The file cannot be worked on: {told}",
        remedy="Check the file; if it is fine, report this with the format's name.",
    )


def _write_quarantine(desk: Desk, delivery_id: str, source: str, store: Store) -> None:
    """Keeps rows that could not be read; lines that are no rows have a line (record of the file, header = 1) and no stream."""
    target = store.quarantine_file(delivery_id)
    with_rejected = [table for table in desk.tables.values() if table.has_rejected]
    if not with_rejected and not desk.has(QUARANTINE):
        target.unlink(missing_ok=True)
        return
    prepare_quarantine(desk)
    for table in with_rejected:
        desk.con.execute(
            f"insert into {QUARANTINE} select null, {literal(table.name)}, null, line, null, value, reason"
            f" from {quoted(table.rejected)} order by line"
        )
    select = f"select {literal(delivery_id)} as delivery_id, {literal(source)} as source, * from {QUARANTINE}"
    keep_file(desk.write(select), target)


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
    task: Task, identity: Identity, spec: FormatSpec | None, problem: WorkledgerError | None, hashed: str
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
        extracted_at=in_utc(identity.extracted_at),
        extracted_at_basis=identity.extracted_at_basis,
        arrived_at=in_utc(task.arrived_at),
        sha256=task.sha256,
        bytes=task.size,
        status="rejected" if problem else "mapped",
        problem=f"{problem.what}{where}" if problem else None,
        remedy=problem.remedy if problem else None,
    )
