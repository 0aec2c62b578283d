"""XML read as a stream into text tables: a row for each element at a part's ``path``, in the order of the file.

``/report/entry`` is every <entry> right below the root <report>; names are without their namespace. Attributes are columns
``@id``, elements with text ``person``, deeper ones ``person/name`` and ``person/@id``; the text of the record itself is ``.``. An
element that repeats within its record is one cell of JSON: a list of texts, or of records with the same names. A declared header
``../@name`` is an attribute of the element around the record, ``../../@name`` of the one around that; nothing else outside the
records is read.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from fnmatch import translate
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.format_spec import FormatSpec, Part, XmlRead
from connectors.readers.batches import GrowingTable
from connectors.readers.text_tables import TextTable, usable_headers
from connectors.readers.xml_stream import local_name, open_xml, parse_xml, root_of
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    import duckdb

FILE_KINDS = ("xml", "gzip")
SAMPLE = 2_000
MOST_DEEP = 50

Row = dict[str, str]


def headers(path: Path, spec: FormatSpec) -> dict[str, tuple[str, ...]]:
    """Columns of each part by its first records. Raises WorkledgerError where the file is no such XML."""
    return {name: _headers(path, spec, part) for name, part in spec.tables.items()}


def _headers(path: Path, spec: FormatSpec, part: Part) -> tuple[str, ...]:
    fields = dict.fromkeys(field for row in islice(_records(path, spec, part), SAMPLE) for field in row)
    return usable_headers(fields) if fields else part.headers.required


def read(con: duckdb.DuckDBPyConnection, path: Path, spec: FormatSpec, scratch: Path) -> tuple[TextTable, ...]:
    """Records of each part as table ``raw_<part>`` in ``con``.

    Raises WorkledgerError where the file is not sound XML (with the line), or unpacks to more than the format allows.
    """
    tables = []
    for name, part in spec.tables.items():
        table = GrowingTable(con, name, scratch)
        for row in _records(path, spec, part):
            table.add(row)
        tables.append(table.finish(part))
    return tuple(tables)


def _records(path: Path, spec: FormatSpec, part: Part) -> Iterator[Row]:
    assert isinstance(spec.read, XmlRead), f"{spec.name} does not read XML"
    steps = [step for step in (part.path or "").split("/") if step]
    ignored = [re.compile(translate(pattern)) for pattern in part.ignored]
    around = [name for name in (*part.headers.required, *part.headers.optional) if name.startswith("../")]
    with open_xml(path, spec.read.most_bytes) as file:
        root = local_name(root_of(file))
    if not steps or root != steps[0]:
        raise WorkledgerError(
            f"This is XML that begins with <{root}>, but {spec.name} reads {part.path}",
            remedy="Name another format, or mend the path of the part.",
        )
    with open_xml(path, spec.read.most_bytes) as file:
        for element in _elements(file, steps):
            row = {**_around(element, around), **_row(element)}
            yield {key: value for key, value in row.items() if not any(one.match(key) for one in ignored)}


def _elements(file: Any, steps: list[str]) -> Iterator[Any]:
    """Elements at the path as they end. What has been passed is freed, so that memory does not grow with the file."""
    way: list[str] = []
    for event, element in parse_xml(file, events=("start", "end")):
        if event == "start":
            way.append(local_name(element))
            if len(way) > MOST_DEEP:
                raise WorkledgerError(
                    f"Elements are nested more than {MOST_DEEP} deep",
                    where=f"line {element.sourceline}",
                    remedy="No export does that: export it again.",
                )
            continue
        if way == steps:
            yield element
        if way[: len(steps)] != steps or len(way) == len(steps):
            _forget(element)
        way.pop()


def _around(element: Any, headers: list[str]) -> Row:
    """What declared headers take from the elements around the record."""
    row: Row = {}
    for header in headers:
        *ups, name = header.split("/")
        outer = next(islice(element.iterancestors(), len(ups) - 1, None), None)
        value = outer.get(name.removeprefix("@")) if outer is not None else None
        if value:
            row[header] = value
    return row


def _row(element: Any) -> Row:
    row: Row = {}
    _collect(element, "", row)
    return row


def _collect(element: Any, prefix: str, row: Row) -> None:
    for key, value in element.attrib.items():
        if value:
            row[f"{prefix}@{key.rsplit('}', 1)[-1]}"] = value
    if text := (element.text or "").strip():
        row[prefix.removesuffix("/") or "."] = text
    times = Counter(map(local_name, element))
    for name, count in times.items():
        children = [child for child in element if local_name(child) == name]
        if count == 1:
            _collect(children[0], f"{prefix}{name}/", row)
        else:
            row[f"{prefix}{name}"] = json.dumps([_cell(child) for child in children], ensure_ascii=False)


def _cell(element: Any) -> str | Row:
    """An element of a list: its text, or its names and texts where it has more."""
    row = _row(element)
    return row.get(".", "") if set(row) <= {"."} else row


def _forget(element: Any) -> None:
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
