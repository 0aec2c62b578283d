"""How a file that no format knows is probably read: its kind, delimiter, encoding, where its header is; and its first rows."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from connectors.format_spec import FormatSpec, XmlRead
from connectors.readers.registry import reader_of
from connectors.readers.text_tables import usable_headers
from connectors.readers.xml_stream import local_name, open_xml, parse_xml, root_of
from connectors.recognise import file_kind, headers_of
from connectors.sql_text import quoted
from data_contracts.errors import WorkledgerError

HEAD = 1 << 20
MOST_JSON = 64 << 20
ROWS = 2_000
DELIMITERS = (",", ";", "\t", "|")
PART = "records"


@dataclass(frozen=True)
class DraftReading:
    """``read`` of the drafted format. ``path``: where the records of JSON are. ``header``: names that find it below a preface."""

    read: dict[str, Any]
    path: str | None = None
    header: tuple[str, ...] = ()

    @property
    def part(self) -> str | None:
        """Name of the one part, where the format has to name it."""
        return PART if self.path else None

    @property
    def read_yaml(self) -> str:
        """``read`` on one line."""
        return str(yaml.safe_dump(self.read, default_flow_style=True, sort_keys=False, width=10_000)).strip()

    def wrap_headers(self, lines: list[str]) -> list[str]:
        """The header rules where the format has them: at the top, or in the part."""
        if self.path is None:
            return ["headers:", *(f"  {line}" for line in lines)]
        return [
            "parts:",
            f"  {PART}:",
            f"    path: '{self.path}'  # guess",
            "    headers:",
            *(f"      {line}" for line in lines),
        ]

    def spec(self, headers: tuple[str, ...]) -> FormatSpec:
        """A format that reads the file and maps nothing."""
        rules: dict[str, Any] = {"required": list(headers)}
        where = {"headers": rules} if self.path is None else {"parts": {PART: {"path": self.path, "headers": rules}}}
        return FormatSpec.model_validate(
            {"format": "draft__draft", "version": "0", "description": "", "read": self.read, "streams": {}, **where}
        )


def draft_reading(path: Path) -> DraftReading:
    """Looks at the bytes. Raises WorkledgerError for kinds that have no columns to look at."""
    kind = file_kind(path)
    if kind == "text":
        return _delimited(path)
    if kind == "zip":
        return DraftReading({"kind": "spreadsheet"})
    if kind == "json":
        return _json(path)
    if kind == "parquet":
        return DraftReading({"kind": "parquet"})
    if kind in ("xml", "gzip"):
        return _xml(path)
    raise WorkledgerError(
        "A format cannot be drafted from this kind of file",
        where=str(path),
        remedy="Export it as CSV, XLSX, JSON, XML or Parquet.",
    )


def sample_rows(path: Path, reading: DraftReading, scratch: Path) -> dict[str, list[str | None]]:
    """Columns with the values of the first rows."""
    import duckdb

    found = headers_of(path, reading.spec(reading.header))
    spec = reading.spec(next(iter(found.values())))
    with duckdb.connect() as con:
        (table,) = reader_of(spec).read(con, path, spec, scratch)
        rows = con.execute(
            f"select {', '.join(map(quoted, table.columns))} from {quoted(table.raw)} limit {ROWS}"
        ).fetchall()
    return {name: [row[place] for row in rows] for place, name in enumerate(table.columns)}


def _delimited(path: Path) -> DraftReading:
    with path.open("rb") as file:
        head = file.read(HEAD)
    encoding = next(name for name in ("utf-8-sig", "windows-1252", "latin-1") if _decodes(head, name))
    lines = head.decode(encoding, errors="ignore").splitlines()[:200]
    delimiter, width = max(((sign, _width(lines, sign)) for sign in DELIMITERS), key=lambda entry: entry[1])
    rows = enumerate(csv.reader(lines, delimiter=delimiter))
    above, header = next(((at, cells) for at, cells in rows if len(cells) >= width), (0, []))
    read: dict[str, Any] = {"kind": "delimited"}
    read |= {"delimiter": delimiter} if delimiter != "," else {}
    read |= {"encodings": ["utf-8", encoding]} if encoding != "utf-8-sig" else {}
    read |= {"header_within": above + 1} if above else {}
    return DraftReading(read, header=usable_headers(header) if above else ())


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        head[: len(head) - 3 if len(head) == HEAD else None].decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _width(lines: list[str], delimiter: str) -> int:
    """The number of cells that most rows have."""
    counts = Counter(len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells)
    return counts.most_common(1)[0][0] if counts else 0


def _xml(path: Path) -> DraftReading:
    """The records are the elements that repeat; of several kinds those with most in them, of as many the outer ones."""
    rules = XmlRead(kind="xml")
    counts: Counter[str] = Counter()
    leaves: Counter[str] = Counter()
    way: list[str] = []
    with open_xml(path, rules.most_bytes) as file:
        if local_name(root_of(file)) == "log":
            raise WorkledgerError(
                "This looks like an event log",
                where=str(path),
                remedy="XES is read by event_log__xes: write a format that says `extends: event_log__xes`.",
            )
    with open_xml(path, rules.most_bytes) as file:
        for event, element in parse_xml(file, events=("start", "end")):
            if event == "start":
                way.append(local_name(element))
                continue
            place = "/" + "/".join(way)
            counts[place] += 1
            for depth in range(1, len(way) + 1):
                leaves["/" + "/".join(way[:depth])] += 1 + len(element.attrib)
            way.pop()
            element.clear()
    repeated = [place for place, count in counts.items() if count > 1]
    if not repeated:
        raise WorkledgerError("No element of the file repeats: it has no records", where=str(path))
    return DraftReading({"kind": "xml"}, path=max(repeated, key=lambda place: (leaves[place], -place.count("/"))))


def _json(path: Path) -> DraftReading:
    if path.stat().st_size > MOST_JSON:
        raise WorkledgerError(
            f"The file is too large to draft from ({path.stat().st_size:,} bytes)", remedy="Give a shorter one."
        )
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    try:
        document, lines = json.loads(text), False
    except ValueError:
        try:
            document, lines = [json.loads(line) for line in text.splitlines() if line.strip()], True
        except ValueError as error:
            raise WorkledgerError(
                f"The file is not valid JSON: {error}", where=str(path), remedy="Export it again."
            ) from None
    found = max(_lists(document, ""), key=lambda entry: entry[1], default=None)
    if found is None:
        raise WorkledgerError(
            "The file holds no list of records", where=str(path), remedy="Give a file that holds some."
        )
    return DraftReading({"kind": "json", **({"lines": True} if lines else {})}, path=found[0])


def _lists(value: Any, way: str) -> Iterator[tuple[str, int]]:
    """Lists of records outside other records: path and length."""
    if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
        yield f"{way}[*]" if way else "$[*]", len(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _lists(inner, f"{way}.{key}".lstrip("."))
