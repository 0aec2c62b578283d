"""The typed model of a format file, and the formats that are known.

A format says how to recognise an export, how to read it, and one scalar SQL expression per contract column. Shipped formats
are in formats/, the canonical CSV of each stream is derived from its contract (canonical.py), a company's own are in its
workspace; its own win over a shipped one of the same name.

>>> load_formats(None)["toggl_track__detailed"].streams["time_entries"].key
'occurrence'
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from connectors.nearest import did_you_mean
from data_contracts.errors import WorkledgerError
from data_contracts.load import StreamContract, load_stream, stream_names

SHIPPED = Path(__file__).parent / "formats"
ONLY_PART = "export"


class Strict(BaseModel):
    """A mapping in a format file: unknown keys are errors, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class DelimitedRead(Strict):
    """How to read delimited text.

    ``encodings`` are tried in order, strictly. ``header_within`` = n looks for the header among the first n records (preface
    rows above it are skipped). ``ragged: pad`` fills short rows with NULL and keeps cells beyond the header as ``_cell_<n>``.
    """

    kind: Literal["delimited"]
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str = Field(default='"', min_length=1, max_length=1)
    encodings: tuple[str, ...] = ("utf-8",)
    header_within: int = Field(default=1, ge=1, le=100)
    ragged: Literal["quarantine", "pad"] = "quarantine"


class JsonRead(Strict):
    """How to read JSON: one document, or with ``lines`` a value a line, which parts see as a list."""

    kind: Literal["json"]
    lines: bool = False


class SpreadsheetRead(Strict):
    """How to read a workbook (XLSX). ``sheet`` is a name or a position from 1; a part may name its own.

    ``header_within`` = n looks for the header among the first n rows that hold anything (preface rows above it are skipped).
    """

    kind: Literal["spreadsheet"]
    sheet: str | int = 1
    header_within: int = Field(default=1, ge=1, le=100)


class EventLogRead(Strict):
    """How to read an XES event log, plain or gzipped; ``most_bytes`` bounds what it may unpack to."""

    kind: Literal["event_log"]
    most_bytes: int = Field(default=2 << 30, ge=1)


class XmlRead(Strict):
    """How to read XML, plain or gzipped; ``most_bytes`` bounds what it may unpack to. Each part has a ``path``."""

    kind: Literal["xml"]
    most_bytes: int = Field(default=2 << 30, ge=1)


class ParquetRead(Strict):
    """How to read Parquet: there is nothing to say."""

    kind: Literal["parquet"]


class DatabaseRead(Strict):
    """How to read a database: one ``query`` that gives all rows, or those changed from ``{since}`` on. Where, the source says."""

    kind: Literal["database"]
    query: str = Field(min_length=1)


class CalendarRead(Strict):
    """How to read iCalendar; a file of more than ``most_bytes`` is refused."""

    kind: Literal["calendar"]
    most_bytes: int = Field(default=64 << 20, ge=1)


OneFile = Annotated[
    DelimitedRead | JsonRead | SpreadsheetRead | EventLogRead | XmlRead | ParquetRead | CalendarRead,
    Field(discriminator="kind"),
]


class ArchiveRead(Strict):
    """How to read a zip archive of files that belong together: each part names its ``member``, all are read as ``members`` says.

    ``most_bytes`` bounds what the members may unpack to together.
    """

    kind: Literal["archive"]
    members: OneFile
    most_bytes: int = Field(default=2 << 30, ge=1)


Read = Annotated[
    DelimitedRead
    | JsonRead
    | SpreadsheetRead
    | EventLogRead
    | XmlRead
    | ParquetRead
    | DatabaseRead
    | CalendarRead
    | ArchiveRead,
    Field(discriminator="kind"),
]
READS: Mapping[str, type[BaseModel]] = {
    "delimited": DelimitedRead,
    "json": JsonRead,
    "spreadsheet": SpreadsheetRead,
    "event_log": EventLogRead,
    "xml": XmlRead,
    "parquet": ParquetRead,
    "database": DatabaseRead,
    "calendar": CalendarRead,
    "archive": ArchiveRead,
}


class Headers(Strict):
    """Column headers of one table of the export.

    ``renamed`` lists other spellings of a header (known name: [spellings]). ``known`` are shell patterns of headers that no
    expression uses: they go to extras without counting as drift.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    renamed: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    known: tuple[str, ...] = ()


class Preface(Strict):
    """What the rows above the header say of the export.

    ``pattern`` is a regular expression over them (cells of a workbook joined by ', ') with the optional groups ``coverage_from``,
    ``coverage_to`` and ``extracted_at``; the formats are those of strptime.
    """

    pattern: str
    date_format: str = "%Y-%m-%d"
    moment_format: str = "%Y-%m-%d %H:%M"

    @field_validator("pattern")
    @classmethod
    def _is_a_pattern(cls, pattern: str) -> str:
        try:
            groups = set(re.compile(pattern).groupindex)
        except re.error as error:
            raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
        if not groups or groups - {"coverage_from", "coverage_to", "extracted_at"}:
            raise ValueError("give it some of the groups coverage_from, coverage_to, extracted_at, and no others")
        return pattern


class Part(Strict):
    """One table of the export, under the name that ``from`` uses.

    For JSON and XML, ``path`` is where its records are (readers/json_records.py, readers/xml_records.py) and ``ignored`` are
    shell patterns of fields that are left out at reading, such as free text that nobody needs. For a workbook, ``sheet`` is the
    part's own; for an archive, ``member`` is a shell pattern that one file in it fits.
    """

    headers: Headers
    sheet: str | int | None = None
    path: str | None = None
    member: str | None = None
    ignored: tuple[str, ...] = ()


class Option(Strict):
    """A value the source must or may set, read as option('name')."""

    description: str
    required: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()


class Merge(Strict):
    """Rows with the same key become one record: the first or last row. ``constant`` columns must agree within the key."""

    keep: Literal["first", "last"] = "first"
    constant: tuple[str, ...] = ()


class StreamMapping(Strict):
    """How rows of one stream are made.

    ``source`` (written ``from``) is a part's name or one SELECT over parts that keeps ``_row`` of the primary ``table``.
    ``key`` is a list of expressions joined by '|', or ``occurrence``: rows without an id, numbered among their exact duplicates.
    """

    source: str | None = Field(default=None, alias="from")
    table: str | None = None
    key: tuple[str, ...] | Literal["occurrence"]
    columns: Mapping[str, str]
    modified_at: str | None = None
    deleted: str | None = None
    filters: Mapping[str, str] = Field(default_factory=dict)
    expands: bool = False
    merge: Merge | None = None


class FormatSpec(Strict):
    """One export format. ``headers`` is short for a single part; ``declared_only``: no header tells it from another format."""

    name: str = Field(alias="format", pattern=r"^[a-z][a-z0-9_]*__[a-z][a-z0-9_]*$")
    version: str
    description: str
    declared_only: bool = False
    read: Read
    headers: Headers | None = None
    preface: Preface | None = None
    parts: Mapping[str, Part] = Field(default_factory=dict)
    options: Mapping[str, Option] = Field(default_factory=dict)
    streams: Mapping[str, StreamMapping]

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> FormatSpec:
        if (self.headers is None) == (not self.parts):
            raise ValueError("give either headers (one table) or parts (several)")
        parts = self.tables.values()
        within = self.read.members if isinstance(self.read, ArchiveRead) else self.read
        if isinstance(within, JsonRead | XmlRead) and any(part.path is None for part in parts):
            raise ValueError("give parts with the path of their records: the file may hold several lists")
        if self.preface and getattr(self.read, "header_within", 1) == 1:
            raise ValueError("a preface is above a header: read delimited text or a workbook with header_within")
        if isinstance(self.read, ArchiveRead) and any(part.member is None for part in parts):
            raise ValueError("give parts with the member of the archive that each is")
        return self

    @property
    def tables(self) -> dict[str, Part]:
        """Parts by name; a format with plain ``headers`` has one, named ``export``."""
        return {ONLY_PART: Part(headers=self.headers)} if self.headers else dict(self.parts)

    def primary_table(self, stream: str) -> str:
        """The part whose rows the stream's accounting counts."""
        mapping = self.streams[stream]
        if mapping.table:
            return mapping.table
        if mapping.source in self.tables:
            return str(mapping.source)
        return next(iter(self.tables))

    @property
    def fingerprint(self) -> str:
        """Hash of everything the format says: another one means that deliveries are mapped again."""
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()[:16]


def load_formats(own: Path | None) -> dict[str, FormatSpec]:
    """Every known format by name: shipped, canonical, then the workspace's own.

    Raises WorkledgerError for a file that does not fit the model, naming the key and the nearest known one.
    """
    formats = dict(_shipped())
    if own and own.is_dir():
        formats.update({spec.name: spec for spec in map(load_format, sorted(own.glob("*.yaml")))})
    return formats


@cache
def _shipped() -> Mapping[str, FormatSpec]:
    from connectors.canonical import canonical_format

    specs = [load_format(path) for path in sorted(SHIPPED.glob("*.yaml"))]
    specs += [canonical_format(name) for name in stream_names()]
    return {spec.name: spec for spec in specs}


def load_format(path: Path) -> FormatSpec:
    """One format file. Raises WorkledgerError where it is not YAML, does not fit, or maps columns that no contract has."""
    document = _document(path)
    if isinstance(document, dict) and document.get("format") != path.stem:
        raise WorkledgerError(
            f"The format calls itself {document.get('format')!r}",
            where=str(path),
            remedy=f"Write `format: {path.stem}`, or rename the file: both are one name.",
        )
    return build_format(_with_base(document, path, (path,)), str(path))


def _document(path: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    except yaml.YAMLError as error:
        raise WorkledgerError(f"The format is not valid YAML: {error}", where=str(path)) from error


def _with_base(document: Any, path: Path, seen: tuple[Path, ...]) -> Any:
    """``extends: <format>`` takes what is not given from that format: of the same folder, else a shipped one."""
    if not isinstance(document, dict) or "extends" not in document:
        return document
    name = str(document["extends"])
    base = next(
        (file for folder in (path.parent, SHIPPED) if (file := folder / f"{name}.yaml").is_file() and file not in seen),
        None,
    )
    if base is None:
        known = {file.stem for folder in (path.parent, SHIPPED) for file in folder.glob("*.yaml")} - {
            one.stem for one in seen
        }
        raise WorkledgerError(
            f"There is no format {name!r} to extend", where=str(path), remedy=did_you_mean(name, known)
        )
    inherited = _with_base(_document(base), base, (*seen, base))
    return _merged(inherited, {key: value for key, value in document.items() if key != "extends"})


def _merged(base: Any, own: Any) -> Any:
    """Mappings key by key, a null takes the key away; everything else is replaced, and so is ``read`` of another kind."""
    if not (isinstance(base, dict) and isinstance(own, dict)) or own.get("kind", base.get("kind")) != base.get("kind"):
        return own
    merged = {**base, **{key: _merged(base.get(key), value) for key, value in own.items()}}
    return {key: value for key, value in merged.items() if value is not None}


def build_format(document: Any, where: str) -> FormatSpec:
    """The format that a parsed YAML document describes; ``where`` names it in errors."""
    try:
        spec = FormatSpec.model_validate(document)
    except ValidationError as error:
        raise _readable(error, where) from error
    for stream, mapping in spec.streams.items():
        _check_stream(spec, stream, mapping, where)
    return spec


def _check_stream(spec: FormatSpec, stream: str, mapping: StreamMapping, where: str) -> None:
    place = f"{where}, streams.{stream}"
    if stream not in stream_names():
        raise WorkledgerError(
            f"There is no stream {stream!r}", where=where, remedy=did_you_mean(stream, stream_names())
        )
    contract = load_stream(stream)
    _check_columns(contract, mapping, place)
    if mapping.table and mapping.table not in spec.tables:
        raise WorkledgerError(
            f"There is no part {mapping.table!r}",
            where=place,
            remedy=did_you_mean(mapping.table, spec.tables),
        )


def _check_columns(contract: StreamContract, mapping: StreamMapping, place: str) -> None:
    known = [column.name for column in contract.own_columns]
    for column in [*mapping.columns, *(mapping.merge.constant if mapping.merge else ())]:
        if column not in known:
            raise WorkledgerError(
                f"Stream {contract.name} has no column {column!r}",
                where=place,
                remedy=did_you_mean(column, known),
            )
    missing = [column.name for column in contract.own_columns if column.required and column.name not in mapping.columns]
    if missing:
        raise WorkledgerError(
            f"Required columns are not mapped: {', '.join(missing)}",
            where=place,
            remedy="Add an expression for each.",
        )


def _readable(error: ValidationError, where: str) -> WorkledgerError:
    """The first complaint of pydantic in words: the key, what is wrong, the nearest known key."""
    first = error.errors(include_url=False)[0]
    steps = [str(step) for step in first["loc"] if not str(step).startswith("tuple[")]
    kind = steps.pop(1) if steps[:1] == ["read"] and len(steps) > 1 and steps[1] in READS else "delimited"
    place = f"{where}, {'.'.join(steps)}" if steps else where
    if first["type"] == "extra_forbidden":
        return WorkledgerError(
            f"Unknown key {steps[-1]!r}", where=place, remedy=did_you_mean(steps[-1], _keys_at(steps[:-1], kind))
        )
    return WorkledgerError(f"The format does not fit: {first['msg']}", where=place, remedy="See connectors/formats.")


def _keys_at(steps: list[str], kind: str) -> list[str]:
    """Keys that are allowed at a place in the document, given the way to it and the kind of export."""
    model: type[BaseModel] = FormatSpec
    ways: dict[str, type[BaseModel]] = {
        "read": READS[kind],
        "headers": Headers,
        "preface": Preface,
        "parts": Part,
        "options": Option,
        "streams": StreamMapping,
        "merge": Merge,
    }
    for step in steps:
        model = ways.get(step, model)
    return [entry.alias or name for name, entry in model.model_fields.items()]
