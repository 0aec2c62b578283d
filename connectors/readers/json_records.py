"""Read JSON documents and JSON Lines into text tables: a table for each list of records that the format names.

A part's ``path`` says where its records are: ``issues[*]``, ``[*]`` for a document that is a list, ``$`` for one that is a single
record, ``issues[*].fields.worklog.worklogs[*]`` for lists within records. Every leaf is a column of text under its dotted path in
the record (``fields.status.name``); lists that no part reads are one cell of JSON. A declared header that begins with ``../`` is
taken from the record above (``../id``), ``../../key`` from the one above that.

Lists within the records of another part may be absent or empty; others have to be there. A list of records beside those the
format names counts as a new header. Of records between two parts (a history around its items) only what ``../`` takes is kept,
and single values around the lists (page numbers, totals) are not read. Where a list mixes record types, streams share the part,
filter the other types by name, and call a type that none of them knows ``unreadable``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.format_spec import FormatSpec, JsonRead, Part
from connectors.readers.batches import GrowingTable
from connectors.readers.json_paths import (
    LIST,
    Node,
    borrowed_headers,
    claimed_within,
    is_within_records,
    outermost_list,
    tree_of,
    walk,
)
from connectors.readers.json_text import JsonText, parse_line, text_of
from connectors.readers.text_tables import TextTable, unknown_headers, usable_headers
from connectors.sql_text import literal, quoted
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    import duckdb

FILE_KINDS = ("json",)
SAMPLE = 100
MOST_PATHS = 20_000

Above = tuple[Any, ...]
Row = dict[str, str | None]
Rejected = tuple[int, str, str]


@dataclass
class Records:
    """The records of one part, which go to ``sink`` as rows: dotted path → text, without what is empty.

    ``filled`` are paths with a value, ``seen`` all that occur.
    """

    name: str
    rules: Part
    claimed: frozenset[str]
    sink: Callable[[Row], None]
    is_there: bool = False
    count: int = 0
    filled: dict[str, None] = field(default_factory=dict)
    seen: dict[str, None] = field(default_factory=dict)
    _is_left_out: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._borrowed = borrowed_headers(self.rules)

    def add(self, record: Any, above: Above) -> None:
        """One more record, with the records around it from the outermost to the nearest."""
        self.count += 1
        row: Row = {}
        if isinstance(record, Mapping):
            self._flatten(record, "", row)
        else:
            self._put("value", record, row)
        for header, levels, way in self._borrowed:
            if levels > len(above):
                raise WorkledgerError(
                    f"There is no record {levels} levels above those of {self.rules.path}",
                    where=f"parts.{self.name}, header {header}",
                    remedy="Each `../` goes up by one list in the path.",
                )
            found, value = walk(above[-levels], way)
            if found:
                self._put(header, value, row)
        self.sink(row)

    def headers(self) -> tuple[str, ...]:
        """Columns that have values, and those that are declared and only ever empty. Without records, all that are required."""
        if not self.count:
            return self.rules.headers.required
        declared = {*self.rules.headers.required, *self.rules.headers.optional}
        empty = [path for path in self.seen if path in declared and path not in self.filled]
        return (*usable_headers(self.filled), *empty)

    def _flatten(self, record: Mapping[str, Any], prefix: str, row: Row) -> None:
        for key, value in record.items():
            path = prefix + key
            if self._leaves_out(path):
                continue
            if isinstance(value, dict) and value:
                self._flatten(value, path + ".", row)
            else:
                self._put(path, value, row)

    def _put(self, path: str, value: Any, row: Row) -> None:
        self.seen.setdefault(path)
        text = text_of(value)
        if text is not None:
            path = f"{path}__2" if path in row else path
            self.filled.setdefault(path)
            row[path] = text

    def _leaves_out(self, path: str) -> bool:
        known = self._is_left_out.get(path)
        if known is None:
            known = path in self.claimed or any(re.match(pattern, path) for pattern in _patterns(self.rules.ignored))
            if len(self._is_left_out) < MOST_PATHS:
                self._is_left_out[path] = known
        return known


class Visit:
    """A walk through a document that hands every record to its part."""

    def __init__(self, spec: FormatSpec, sinks: Mapping[str, Callable[[Row], None]] | None = None) -> None:
        self.spec, self.tree = spec, tree_of(spec)
        self.records = {
            name: Records(name, part, claimed_within(spec, name), sinks[name] if sinks else _drop)
            for name, part in spec.tables.items()
        }
        self.within = {name for name in spec.tables if is_within_records(spec, name)}
        self.strangers: dict[str, None] = {}
        self.lists: set[str] = set()

    def document(self, text: JsonText) -> None:
        """Goes through a whole document."""
        self._read(text, self.tree)
        text.end()

    def value(self, node: Node, value: Any, above: Above = (), *, is_record: bool = False) -> None:
        """Goes through a value that is in memory."""
        if node.part is not None:
            self._record(node, value, above)
        if value is None:
            self.arrived(node)
            return
        below = (*above, value) if is_record or node.part is not None else above
        if node.keys and isinstance(value, dict):
            for key, child in node.keys.items():
                if key in value:
                    self.value(child, value[key], below)
        elif node.items is not None:
            if not isinstance(value, list):
                raise _no_list(node, value)
            self.arrived(node)
            for element in value:
                self.value(node.items, element, below, is_record=True)

    def missing(self) -> Records | None:
        """A part outside of other records that the document does not have."""
        return next((records for name, records in self.records.items() if not self._is_there(name)), None)

    def _is_there(self, name: str) -> bool:
        """Records within others may be missing from all of them; a list of lists of nobody's may not."""
        if self.records[name].is_there or name not in self.within:
            return self.records[name].is_there
        outer = outermost_list(self.spec, name)
        return outer is None or outer in self.lists

    def _read(self, text: JsonText, node: Node) -> None:
        start = text.peek()
        if node.is_way and node.keys and start == "{":
            for key in text.members():
                child = node.keys.get(key)
                if child is not None:
                    self._read(text, child)
                elif _is_list_of_records(text.value()):
                    self.strangers.setdefault(f"{node.path}.{key}".lstrip("."))
        elif node.is_way and node.items is not None and start == "[":
            self.arrived(node)
            for _ in text.elements():
                self.value(node.items, text.value(), is_record=True)
        else:
            value = text.value()
            if node.is_way and node.keys and isinstance(value, list):
                raise _no_object(node)
            self.value(node, value)

    def arrived(self, node: Node) -> None:
        """The list of this node is there, even if it is empty."""
        self.lists.add(node.path)
        if node.items is not None and node.items.part is not None:
            self.records[node.items.part].is_there = True

    def _record(self, node: Node, value: Any, above: Above) -> None:
        records = self.records[str(node.part)]
        if isinstance(value, list):
            raise WorkledgerError(
                f"There is a list at {node.path or 'the top'}, where the format expects a record",
                remedy=f"Write `path: {node.path}{LIST}` in the format if each element is a record.",
            )
        records.is_there = True
        records.add(value, above)


def is_empty(path: Path, spec: FormatSpec) -> bool:
    """Whether the document has no record of any part, so that it fits by the absence of all that could not."""
    return not any(records.count for records in _look(path, spec).records.values())


def _look(path: Path, spec: FormatSpec) -> Visit:
    status = path.stat()
    visit = Visit(spec)
    visit.value(visit.tree, _sample(str(path), status.st_size, status.st_mtime_ns, _rules(spec).lines))
    return visit


def headers(path: Path, spec: FormatSpec) -> dict[str, tuple[str, ...]]:
    """Headers of each part, by the first records of each list. Raises WorkledgerError where a list is not there at all."""
    status = path.stat()
    visit = _look(path, spec)
    missing = visit.missing()
    if missing is not None:
        found = ", ".join(_sample_keys(path, status.st_size, status.st_mtime_ns, _rules(spec).lines)) or "nothing"
        raise WorkledgerError(
            f"The document has no records at {missing.rules.path}, where {spec.name} expects them",
            remedy=f"Check what was downloaded: at the top it has {found}.",
        )
    return {name: records.headers() for name, records in visit.records.items()}


def read(con: duckdb.DuckDBPyConnection, path: Path, spec: FormatSpec, scratch: Path) -> tuple[TextTable, ...]:
    """Records of each part as table ``raw_<part>`` in ``con``; lines of JSON Lines that are not JSON as ``rejected_<part>``.

    Raises WorkledgerError where the document as a whole cannot be read, with the position.
    """
    tables = {name: GrowingTable(con, name, scratch) for name in spec.tables}
    visit = Visit(spec, {name: table.add for name, table in tables.items()})
    rejected = _lines(path, visit) if _rules(spec).lines else _document(path, visit)
    done = [table.finish(spec.tables[name]) for name, table in tables.items()]
    rules = done[0], spec.tables[done[0].name]
    strangers = [name for name in visit.strangers if not any(re.match(p, name) for p in _patterns(rules[1].ignored))]
    done[0] = replace(
        done[0],
        unknown=(*done[0].unknown, *unknown_headers(strangers, rules[1].headers)),
        has_rejected=bool(rejected),
    )
    if rejected:
        _keep_rejected(con, done[0].rejected, rejected)
    return tuple(done)


def _document(path: Path, visit: Visit) -> list[Rejected]:
    with JsonText(path) as text:
        try:
            visit.document(text)
        except RecursionError as error:
            raise WorkledgerError("Values are nested too deeply", remedy="Check what was exported.") from error
    return []


def _lines(path: Path, visit: Visit) -> list[Rejected]:
    """Each line is an element of the list that the format sees; lines that are not JSON are returned."""
    node = visit.tree
    if node.items is None:
        raise WorkledgerError("With `lines: true` a path begins with [*]", remedy="Correct the parts of the format.")
    visit.arrived(node)
    rejected: list[Rejected] = []
    for number, line, value, problem in _parsed_lines(path):
        if problem:
            rejected.append((number, problem, line))
        else:
            visit.value(node.items, value, is_record=True)
    return rejected


def _parsed_lines(path: Path) -> Iterator[tuple[int, str, Any, str]]:
    """Lines that are not blank: number from 1, text, value, problem ('' where there is none)."""
    with path.open("rb") as file:
        for number, data in enumerate(file, start=1):
            data = data.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else data.strip()
            if not data:
                continue
            line = data.decode("utf-8", "replace")
            try:
                yield number, line, parse_line(data.decode("utf-8")), ""
            except UnicodeDecodeError as error:
                yield number, line, None, f"not encoded as UTF-8, byte {error.start + 1}"
            except ValueError as error:
                yield number, line, None, str(error)


def _keep_rejected(con: duckdb.DuckDBPyConnection, table: str, rejected: Sequence[Rejected]) -> None:
    con.execute(f"create or replace table {quoted(table)} (line bigint, reason varchar, value varchar)")
    con.executemany(f"insert into {quoted(table)} values (?, ?, ?)", [list(entry) for entry in rejected])


def _drop(row: Row) -> None:
    """Only the headers are asked for."""


@lru_cache(maxsize=2)
def _sample(path: str, size: int, mtime_ns: int, lines: bool) -> Any:
    """The document with the first elements of its lists; every format that might fit looks at the same one."""
    if lines:
        found: list[Any] = []
        for number, _, value, problem in _parsed_lines(Path(path)):
            if problem and not found:
                raise WorkledgerError(
                    f"This is not JSON Lines: {problem}", where=f"line {number}", remedy="Each line is one value."
                )
            if not problem:
                found.append(value)
            if len(found) == SAMPLE:
                break
        return found
    with JsonText(Path(path)) as text:
        try:
            document = _pruned(text)
        except RecursionError as error:
            raise WorkledgerError("Values are nested too deeply", remedy="Check what was exported.") from error
        text.end()
    return document


def _pruned(text: JsonText) -> Any:
    start = text.peek()
    if start == "{":
        return {key: _pruned(text) for key in text.members()}
    if start != "[":
        return text.value()
    kept: list[Any] = []
    for _ in text.elements():
        value = text.value()
        if len(kept) < SAMPLE:
            kept.append(value)
    return kept


def _sample_keys(path: Path, size: int, mtime_ns: int, lines: bool) -> list[str]:
    document = _sample(str(path), size, mtime_ns, lines)
    if isinstance(document, dict):
        return list(document)[:12]
    return ["a list"] if isinstance(document, list) else []


@lru_cache(maxsize=256)
def _patterns(globs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(translate, globs))


def _is_list_of_records(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(element, dict) for element in value)


def _no_list(node: Node, value: Any) -> WorkledgerError:
    return WorkledgerError(
        f"There is no list at {node.path or 'the top'}: {literal(str(text_of(value))[:60])}",
        remedy="Check what was downloaded, or the path in the format.",
    )


def _no_object(node: Node) -> WorkledgerError:
    wanted = ", ".join(node.keys)
    return WorkledgerError(
        f"There is a list at {node.path or 'the top'}, where an object with {wanted} is expected",
        remedy="Check what was downloaded, or the path in the format.",
    )


def _rules(spec: FormatSpec) -> JsonRead:
    assert isinstance(spec.read, JsonRead), f"{spec.name} is not JSON"
    return spec.read
