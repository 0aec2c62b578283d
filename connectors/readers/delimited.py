"""Delimited text: CSV and its relatives.

The header is read by Python, strictly; rows by DuckDB with everything spelled out and nothing guessed. Text that is not UTF-8 is
decoded strictly into a UTF-8 copy. Lines that are not rows are kept aside with their record number and reason. Empty cells are
NULL, quoted or not.
"""

from __future__ import annotations

import csv
import io
import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.format_spec import DelimitedRead, FormatSpec, Headers
from connectors.readers.text_tables import TextTable, known_names, missing_headers, unknown_headers, usable_headers
from connectors.sql_text import literal, quoted
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    import duckdb

HEAD_BYTES = 1 << 20
CHUNK = 1 << 20
LONGEST_LINE = 8 << 20
FILE_KINDS = ("text",)
UTF8 = "utf-8"


class EncodingError(WorkledgerError):
    """The text is in none of the encodings that the format declares."""


@dataclass(frozen=True)
class Header:
    """Where the header is: its names, the physical lines above it, and the encoding that reads the file's beginning."""

    names: tuple[str, ...]
    lines_above: int
    encoding: str


def find_header(path: Path, rules: DelimitedRead, expected: Headers) -> Header:
    """The header of a file: its first record, or within the first ``header_within`` the first that has all required names.

    Raises WorkledgerError for an empty file, text in none of the encodings, or a header that cannot be parsed.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise WorkledgerError("The file is empty (0 bytes)", remedy="Export it again.")
    encoding = _encoding_of(head, rules.encodings)
    text = _decode_start(head, encoding)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=rules.delimiter, quotechar=rules.quote)
    best: Header | None = None
    above = 0
    try:
        for _, cells in zip(range(rules.header_within), rows, strict=False):
            header = Header(usable_headers(cells), above, encoding)
            if cells and not missing_headers(header.names, expected):
                return header
            best = best or (header if cells else None)
            above = rows.line_num
    except csv.Error as error:
        raise WorkledgerError(
            f"The header cannot be parsed: {error}", remedy="Check the delimiter and quotes."
        ) from error
    if best is None:
        raise WorkledgerError("The file has no header", remedy="Export it again with column headers.")
    return best


def headers(path: Path, spec: FormatSpec) -> dict[str, tuple[str, ...]]:
    """Headers of the one part, as they are in the file."""
    ((part, rules),) = spec.tables.items()
    return {part: find_header(path, _rules(spec), rules.headers).names}


def preface(path: Path, spec: FormatSpec) -> str:
    """The lines above the header."""
    ((_, rules),) = spec.tables.items()
    header = find_header(path, _rules(spec), rules.headers)
    with path.open("rb") as file:
        text = _decode_start(file.read(HEAD_BYTES), header.encoding)
    return "\n".join(text.splitlines()[: header.lines_above])


def read(con: duckdb.DuckDBPyConnection, path: Path, spec: FormatSpec, scratch: Path) -> tuple[TextTable, ...]:
    """Rows of the file as table ``raw_<part>`` in ``con``; ``scratch`` is a folder for a decoded copy.

    Raises WorkledgerError where the file as a whole cannot be read.
    """
    ((part, rules),) = spec.tables.items()
    reading = _rules(spec)
    header = find_header(path, reading, rules.headers)
    names = known_names(header.names, rules.headers)
    _refuse_endless_lines(path)
    utf8 = _as_utf8(path, header.encoding, reading.encodings, scratch)
    try:
        columns = _load(con, utf8, path, names, header.lines_above, reading, part, scratch)
        rejected = _keep_rejected(con, path, part)
    finally:
        if utf8 != path:
            utf8.unlink(missing_ok=True)
    return (
        TextTable(
            name=part,
            columns=columns,
            absent=tuple(name for name in rules.headers.optional if name not in columns),
            unknown=unknown_headers(header.names, rules.headers),
            spelled=tuple(zip(header.names, names, strict=True)),
            has_rejected=rejected,
        ),
    )


def _refuse_endless_lines(path: Path) -> None:
    """A line that does not fit DuckDB's buffer vanishes without a trace. One so long is found without reading the file."""
    if path.stat().st_size < LONGEST_LINE:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        for start in range(0, len(text) - LONGEST_LINE + 1, LONGEST_LINE):
            end = start + LONGEST_LINE
            if text.find(b"\n", start, end) < 0 and text.find(b"\r", start, end) < 0:
                raise WorkledgerError(
                    f"A line is longer than {LONGEST_LINE >> 20} MiB",
                    where=f"around byte {start:,}",
                    remedy="No export has such lines: check what the file is, or export it again.",
                )


def _rules(spec: FormatSpec) -> DelimitedRead:
    assert isinstance(spec.read, DelimitedRead), f"{spec.name} is not delimited text"
    return spec.read


def _load(
    con: duckdb.DuckDBPyConnection,
    file: Path,
    original: Path,
    names: tuple[str, ...],
    above: int,
    rules: DelimitedRead,
    part: str,
    scratch: Path,
) -> tuple[str, ...]:
    import duckdb

    try:
        _copy_in(con, file, names, above, rules, part)
    except duckdb.Error as error:
        if isinstance(error, duckdb.InterruptException):
            raise
        # Mixed line ends stop DuckDB's strict parser: read a copy that has one kind.
        copy = scratch / f"{original.name}.lines"
        _forget_rejected(con)
        try:
            _decode(file, UTF8, copy, one_line_end=True)
            _copy_in(con, copy, names, above, rules, part)
        except duckdb.Error as second:
            raise WorkledgerError(
                f"The file cannot be read as delimited text: {str(second).splitlines()[0]}",
                remedy="Check delimiter and quotes, or export it again.",
            ) from second
        finally:
            copy.unlink(missing_ok=True)
    if rules.ragged == "pad" and (widest := _widest(con)) > len(names):
        names = usable_headers([*names, *(f"_cell_{n}" for n in range(len(names) + 1, widest + 1))])
        _forget_rejected(con)
        _copy_in(con, file, names, above, rules, part)
    return names


def _copy_in(
    con: duckdb.DuckDBPyConnection,
    file: Path,
    names: tuple[str, ...],
    above: int,
    rules: DelimitedRead,
    part: str,
) -> None:
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    pad = ", null_padding = true, parallel = false" if rules.ragged == "pad" else ""
    con.execute(
        f"create or replace table {quoted('raw_' + part)} as select * from read_csv({literal(file)},"
        f" auto_detect = false, header = true, skip = {above}, delim = {literal(rules.delimiter)},"
        f" quote = {literal(rules.quote)}, escape = {literal(rules.quote)}, columns = {{{columns}}},"
        f" compression = 'none', store_rejects = true{pad})"
    )


def _widest(con: duckdb.DuckDBPyConnection) -> int:
    row = con.execute(
        "select coalesce(max(cast(regexp_extract(error_message, 'Found: ([0-9]+)', 1) as integer)), 0)"
        " from reject_errors where error_type = 'TOO MANY COLUMNS'"
    ).fetchone()
    return int(row[0]) if row else 0


def _keep_rejected(con: duckdb.DuckDBPyConnection, path: Path, part: str) -> bool:
    """Moves what DuckDB rejected to ``rejected_<part>``, one row a line. Raises where the text is not UTF-8 after all."""
    count, badly_encoded = con.execute(
        "select count(*), count(*) filter (where error_type = 'INVALID ENCODING') from reject_errors"
    ).fetchone() or (0, 0)
    if badly_encoded:
        _forget_rejected(con)
        raise _wrong_encoding(path, (UTF8,))
    if count:
        con.execute(
            f"create or replace table {quoted('rejected_' + part)} as select cast(line as bigint) as line,"
            " any_value(lower(error_type) || ': ' || error_message) as reason, any_value(csv_line) as value"
            " from reject_errors group by line order by line"
        )
        _forget_rejected(con)
    return bool(count)


def _forget_rejected(con: duckdb.DuckDBPyConnection) -> None:
    """DuckDB appends to these tables, so what one file left must not be taken for the next one's."""
    con.execute("drop table if exists reject_errors; drop table if exists reject_scans")


def _encoding_of(head: bytes, encodings: Sequence[str]) -> str:
    """The first encoding that reads the beginning of the file; a byte order mark decides for itself."""
    encodings = ("utf-16",) if head.startswith((b"\xff\xfe", b"\xfe\xff")) else encodings
    for encoding in encodings:
        try:
            _decode_start(head, encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    position = _first_bad_byte(io.BytesIO(head), encodings[0])
    raise _encoding_error(position, encodings)


def _decode_start(head: bytes, encoding: str) -> str:
    import codecs

    name = "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
    return codecs.getincrementaldecoder(name)("strict").decode(head, final=len(head) < HEAD_BYTES)


def _as_utf8(path: Path, encoding: str, encodings: Sequence[str], scratch: Path) -> Path:
    """The file itself where it is declared as UTF-8 only, else a strictly decoded copy by the first encoding that fits it all."""
    if encoding.lower() in ("utf-8", "utf8") and len(encodings) == 1:
        return path
    order = [encoding, *encodings[encodings.index(encoding) + 1 :]] if encoding in encodings else [encoding]
    for candidate in order:
        if candidate.lower() in ("utf-8", "utf8"):
            with path.open("rb") as file:
                if _first_bad_byte(file, candidate) is None:
                    return path
            continue
        copy = scratch / f"{path.name}.utf8"
        try:
            _decode(path, candidate, copy)
        except UnicodeDecodeError:
            copy.unlink(missing_ok=True)
            continue
        return copy
    raise _wrong_encoding(path, encodings)


def _decode(path: Path, encoding: str, copy: Path, *, one_line_end: bool = False) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    newline = None if one_line_end else ""
    with (
        path.open(encoding=encoding, errors="strict", newline=newline) as source,
        copy.open("w", encoding=UTF8, newline="") as target,
    ):
        while text := source.read(CHUNK):
            target.write(text)


def _first_bad_byte(file: io.BufferedIOBase, encoding: str) -> int | None:
    import codecs

    decoder = codecs.getincrementaldecoder(encoding)("strict")
    position = 0
    while True:
        chunk = file.read(CHUNK)
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return position - pending + error.start
        if not chunk:
            return None
        position += len(chunk)


def _wrong_encoding(path: Path, encodings: Sequence[str]) -> EncodingError:
    with path.open("rb") as file:
        return _encoding_error(_first_bad_byte(file, encodings[0]), encodings)


def _encoding_error(position: int | None, encodings: Sequence[str]) -> EncodingError:
    return EncodingError(
        f"The file is not encoded as {' or '.join(encodings)}",
        where=f"first unreadable byte at position {position}" if position is not None else "",
        remedy="Export it as UTF-8, or name its encoding in the format (`encodings: [utf-8, windows-1252]`).",
    )
