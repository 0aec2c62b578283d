"""XES event logs (IEEE 1849), plain or gzipped, read as a stream: a row an event, in the order of the log.

Attributes of the event are columns under their key (``concept:name``, ``time:timestamp``), those of its trace under
``case:<key>``, those of the log under ``log:<key>`` where the format names them. What some tools write as ``(case)_<key>``, on
each event too, is the trace's: ``case:<key>``. Attributes within attributes are ``<key>/<inner key>``; a key that
repeats with another value is numbered. Classifiers, globals and extensions say nothing about an event and are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.format_spec import EventLogRead, FormatSpec
from connectors.readers.batches import GrowingTable
from connectors.readers.text_tables import TextTable, usable_headers
from connectors.readers.xml_stream import local_name, open_xml, parse_xml, root_of
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    import duckdb

FILE_KINDS = ("xml", "gzip")
SAMPLE = 2_000
FLATTENED = "(case)_"
PARTS = frozenset(["trace", "event", "extension", "global", "classifier"])

Row = dict[str, str]


def headers(path: Path, spec: FormatSpec) -> dict[str, tuple[str, ...]]:
    """Columns of the one part, by the first events. A log without events has all that are required."""
    ((part, rules),) = spec.tables.items()
    with events_of(path, spec) as events:
        fields = dict.fromkeys(field for row in islice(events, SAMPLE) for field in row)
    return {part: usable_headers(fields) if fields else rules.headers.required}


def read(con: duckdb.DuckDBPyConnection, path: Path, spec: FormatSpec, scratch: Path) -> tuple[TextTable, ...]:
    """Events of the log as table ``raw_<part>`` in ``con``.

    Raises WorkledgerError where the file is no log, is damaged (with the line), or unpacks to more than the format allows.
    """
    ((part, rules),) = spec.tables.items()
    table = GrowingTable(con, part, scratch)
    with events_of(path, spec) as events:
        for row in events:
            table.add(row)
    return (table.finish(rules),)


@contextmanager
def events_of(path: Path, spec: FormatSpec) -> Iterator[Iterator[Row]]:
    """The rows of a log. What is wrong with the file comes out as WorkledgerError, while rows are being taken too."""
    assert isinstance(spec.read, EventLogRead), f"{spec.name} does not read event logs"
    named = {header.removeprefix("log:") for header in _declared(spec) if header.startswith("log:")}
    with open_xml(path, spec.read.most_bytes) as file:
        _require_log(file)
    with open_xml(path, spec.read.most_bytes) as file:
        yield _rows(file, named)


def _require_log(file: Any) -> None:
    """Raises unless the root is a log without a document type of its own."""
    root = root_of(file)
    if local_name(root) != "log":
        raise WorkledgerError(
            f"This is XML, but no XES log: it begins with <{local_name(root)}>", remedy="Export the log as XES."
        )


def _rows(file: Any, named: set[str]) -> Iterator[Row]:
    """Events trace by trace: attributes of a trace may come after its events."""
    of_log: Row | None = None
    pending: list[Row] = []
    for _, element in parse_xml(file, events=("end",), tag=("{*}trace", "{*}event")):
        parent = element.getparent()
        if of_log is None and parent is not None:
            log = parent if local_name(parent) == "log" else parent.getparent()
            of_log = {f"log:{key}": value for key, value in _attributes(log).items() if key in named}
        if local_name(element) == "trace":
            of_trace = {f"case:{key.removeprefix(FLATTENED)}": value for key, value in _attributes(element).items()}
            for row in pending:
                yield {**(of_log or {}), **of_trace, **_of_case(row, of_trace)}
            pending = []
            _forget(element)
        elif parent is not None and local_name(parent) == "trace":
            pending.append(_attributes(element))
            element.clear()
        else:
            yield {**(of_log or {}), **_of_case(_attributes(element), {})}
            _forget(element)


def _of_case(row: Row, of_trace: Row) -> Row:
    """An event's attributes; those flattened from the trace get the trace's name, unless they contradict it."""
    out: Row = {}
    for key, value in row.items():
        if key.startswith(FLATTENED):
            name = f"case:{key.removeprefix(FLATTENED)}"
            key = name if of_trace.get(name, value) == value and name not in out else key
        out[key] = value
    return out


def _attributes(element: Any) -> Row:
    """Attributes of a log, trace or event by key; empty values left out."""
    out: Row = {}
    for child in element:
        if local_name(child) not in PARTS:
            _collect(child, "", out)
    return out


def _collect(element: Any, prefix: str, out: Row) -> None:
    key, value = element.get("key"), element.get("value")
    if key is not None and value:
        name, count = f"{prefix}{key}", 1
        while out.get(name, value) != value:
            count += 1
            name = f"{prefix}{key}__{count}"
        out[name] = value
    for child in element:
        _collect(child, f"{prefix}{key}/" if key is not None else prefix, out)


def _forget(element: Any) -> None:
    """Frees what was read: the element, and the one before it, which is not needed any more."""
    element.clear()
    before = element.getprevious()
    if before is not None and local_name(before) in ("trace", "event"):
        element.getparent().remove(before)


def _declared(spec: FormatSpec) -> tuple[str, ...]:
    return tuple(name for part in spec.tables.values() for name in (*part.headers.required, *part.headers.optional))
