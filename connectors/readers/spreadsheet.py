"""Workbooks (XLSX), every cell as text: what a formula last gave, dates as 2026-01-31, instants with their time, numbers plain.

A column of dates loses the midnight that Excel keeps beside them; where one cell of it has a time, all keep theirs. Times
without a day and elapsed hours (36:00) are h:mm:ss. The header is the first row that holds anything, or below a preface the first
with all required names. Columns without header and content, and rows without content, are padding. A row is kept aside where
a formula under a header that the format uses gave an error (#N/A): an error is not an empty cell.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.format_spec import FormatSpec, Headers, SpreadsheetRead
from connectors.nearest import did_you_mean
from connectors.readers.text_tables import TextTable, known_names, missing_headers, unknown_headers, usable_headers
from connectors.sql_text import literal, quoted
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    import duckdb

FILE_KINDS = ("zip", "xls")
MOST_BYTES = 1 << 30
OLE = b"\xd0\xcf\x11\xe0"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
}
LINE = "_sheet_line"
MOMENT = "'[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?'"

Columns = list[list[str | None]]


@dataclass(frozen=True)
class Cells:
    """What a sheet holds: text by column, and cells with an error as (row, column) → text. Rows and columns count from 0 at the
    first that hold anything: the workbook does not say how much is empty before."""

    columns: Columns
    errors: dict[tuple[int, int], str]

    @property
    def height(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def row(self, number: int) -> list[str]:
        """Cells of a row, empty ones as ''."""
        return [column[number] or "" for column in self.columns]


def headers(path: Path, spec: FormatSpec) -> dict[str, tuple[str, ...]]:
    """Headers of each part, each on its sheet."""
    book = _open(path)
    found = {}
    for name, part in spec.tables.items():
        cells = _cells(book, _sheet(book, _rules(spec), part.sheet))
        names = usable_headers(cells.row(_header_row(cells, _rules(spec), part.headers)))
        found[name] = tuple(names[position] for position in _filled(cells, names))
    return found


def preface(path: Path, spec: FormatSpec) -> str:
    """The rows above the header of the first part, a line each, their filled cells joined by ', '."""
    part = next(iter(spec.tables.values()))
    cells = _cells(_open(path), _sheet(_open(path), _rules(spec), part.sheet))
    above = range(_header_row(cells, _rules(spec), part.headers))
    return "\n".join(", ".join(filter(None, map(str.strip, cells.row(number)))) for number in above)


def read(con: duckdb.DuckDBPyConnection, path: Path, spec: FormatSpec, scratch: Path) -> tuple[TextTable, ...]:
    """Rows below the header as table ``raw_<part>`` in ``con``; rows with errors as ``rejected_<part>``.

    Raises WorkledgerError where the file cannot be opened (a password, damage, no workbook) or has no such sheet.
    """
    book = _open(path)
    tables = []
    for name, part in spec.tables.items():
        cells = _cells(book, _sheet(book, _rules(spec), part.sheet))
        tables.append(_load(con, name, cells, _rules(spec), part.headers, scratch))
    return tuple(tables)


def _rules(spec: FormatSpec) -> SpreadsheetRead:
    assert isinstance(spec.read, SpreadsheetRead), f"{spec.name} does not read workbooks"
    return spec.read


def _open(path: Path) -> Any:
    import fastexcel

    data = path.read_bytes()
    if data.startswith(OLE):
        raise _not_readable(
            "is protected by a password" if ENCRYPTED in data else "has the format of Excel before 2007"
        )
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise WorkledgerError("The workbook is damaged or cut off", remedy="Save or download it again.") from error
    if unpacked > MOST_BYTES:
        raise WorkledgerError(
            f"The workbook unpacks to {unpacked:,} bytes, more than {MOST_BYTES:,}", remedy="Export it as CSV."
        )
    try:
        return fastexcel.read_excel(data)
    except fastexcel.FastExcelError as error:
        raise WorkledgerError(
            "The file is a zip archive, but no workbook that can be read",
            remedy="Save it as .xlsx, unpack the archive, or write a format that reads `kind: archive`.",
        ) from error


def _not_readable(why: str) -> WorkledgerError:
    remedy = "Open it in a spreadsheet program and save it as .xlsx without a password."
    return WorkledgerError(f"The workbook {why}", remedy=remedy)


def _sheet(book: Any, rules: SpreadsheetRead, own: str | int | None) -> str:
    names: list[str] = book.sheet_names
    wanted = rules.sheet if own is None else own
    if isinstance(wanted, int):
        if not 1 <= wanted <= len(names):
            raise WorkledgerError(
                f"The workbook has no sheet {wanted}", remedy=f"Its sheets are {', '.join(map(repr, names))}."
            )
        return names[wanted - 1]
    if wanted not in names:
        raise WorkledgerError(f"The workbook has no sheet {wanted!r}", remedy=did_you_mean(wanted, names))
    return wanted


def _cells(book: Any, sheet: str) -> Cells:
    import fastexcel

    try:
        batch, problems = book.load_sheet(sheet, header_row=None, dtypes="string").to_arrow_with_errors()
    except fastexcel.FastExcelError as error:
        raise WorkledgerError(
            f"Sheet {sheet!r} cannot be read: {str(error).splitlines()[0]}", remedy="Save or download it again."
        ) from error
    columns: Columns = [column.to_pylist() for column in batch.columns]
    errors = {}
    for problem in problems.errors if problems is not None else ():
        kind = re.search(r"Error\((\w+)\)", problem.detail)
        row, column = problem.offset_position
        errors[row, column] = ERRORS.get(kind[1], kind[1]) if kind else problem.detail
        columns[column][row] = errors[row, column]
    return Cells(columns, errors)


def _header_row(cells: Cells, rules: SpreadsheetRead, expected: Headers) -> int:
    filled = (number for number in range(cells.height) if any(cell.strip() for cell in cells.row(number)))
    first = next(filled, None)
    if first is None:
        raise WorkledgerError("The sheet is empty", remedy="Check which sheet holds the table.")
    for number in (first, *islice(filled, rules.header_within - 1)):
        if not missing_headers(usable_headers(cells.row(number)), expected):
            return number
    return first


def _filled(cells: Cells, names: Sequence[str]) -> list[int]:
    """Positions of the columns that have a header, or anything below: those without are called column_<n>."""
    blank = [name == f"column_{position}" for position, name in enumerate(names, start=1)]
    return [
        position
        for position in range(len(names))
        if not blank[position] or any(cell and cell.strip() for cell in cells.columns[position])
    ]


def _load(
    con: duckdb.DuckDBPyConnection, part: str, cells: Cells, rules: SpreadsheetRead, expected: Headers, scratch: Path
) -> TextTable:
    header = _header_row(cells, rules, expected)
    every = usable_headers(cells.row(header))
    kept = _filled(cells, every)
    found = tuple(every[position] for position in kept)
    names = known_names(found, expected)
    used = {*expected.required, *expected.optional}
    under = {position: name for position, name in zip(kept, names, strict=True) if name in used}
    wrong: dict[int, list[str]] = {}
    for (row, column), text in sorted(cells.errors.items()):
        if row > header and column in under:
            wrong.setdefault(row + 1, []).append(f"{text} under {under[column]}")
    _copy_in(con, part, cells, header, dict(zip(kept, names, strict=True)), wrong, scratch)
    return TextTable(
        name=part,
        columns=names,
        absent=tuple(name for name in expected.optional if name not in names),
        unknown=unknown_headers(found, expected),
        spelled=tuple(zip(found, names, strict=True)),
        has_rejected=bool(wrong),
    )


def _copy_in(
    con: duckdb.DuckDBPyConnection,
    part: str,
    cells: Cells,
    header: int,
    names: dict[int, str],
    wrong: dict[int, list[str]],
    scratch: Path,
) -> None:
    """Rows below the header as formats want to see them; those whose lines (from 1) are ``wrong`` go aside."""
    import pyarrow as pa
    import pyarrow.parquet

    below = range(header + 1, cells.height)
    lines = pa.array([number + 1 for number in below], pa.int64())
    arrays = [pa.array([cells.columns[position][number] for number in below], pa.string()) for position in names]
    scratch.mkdir(parents=True, exist_ok=True)
    file = scratch / f"{part}.cells"
    pyarrow.parquet.write_table(pa.Table.from_arrays([lines, *arrays], names=[LINE, *names.values()]), file)
    sheet = f"(select * from read_parquet({literal(file)}))"
    timed = [f"coalesce(bool_or({_is_moment(name)} and not {_is_midnight(name)}), false)" for name in names.values()]
    has_time = con.execute(f"select {', '.join(timed)} from {sheet}").fetchone() or ()
    texts = [
        f"{_text(name, bool(time))} as {quoted(name)}" for name, time in zip(names.values(), has_time, strict=True)
    ]
    is_row = " or ".join(f"trim({quoted(name)}) <> ''" for name in names.values())
    is_wrong = f"list_contains({list(wrong)}::bigint[], {LINE})"
    con.execute(
        f"create or replace table {quoted('raw_' + part)} as select {', '.join(texts)} from {sheet}"
        f" where ({is_row}) and not {is_wrong} order by {LINE}"
    )
    if wrong:
        rejected = quoted("rejected_" + part)
        con.execute(
            f"create or replace table {rejected} as select {LINE} as line, null::varchar as reason,"
            f" cast(to_json(cells) as varchar) as value from (select {LINE}, {', '.join(texts)} from {sheet}) as cells"
            f" where {is_wrong}"
        )
        reasons = [[f"a formula gave an error: {', '.join(errors)}", line] for line, errors in wrong.items()]
        con.executemany(f"update {rejected} set reason = ? where line = ?", reasons)
    file.unlink()


def _is_moment(name: str) -> str:
    return f"(regexp_full_match({quoted(name)}, {MOMENT}) and not {_is_elapsed(name)})"


def _is_elapsed(name: str) -> str:
    """Days 0 and on of Excel's calendar, by which it writes times without a day; 1904 where a workbook counts from there."""
    return f"({quoted(name)} < '1901' or starts_with({quoted(name)}, '1904'))"


def _is_midnight(name: str) -> str:
    return f"{quoted(name)} like '% 00:00:00'"


def _text(name: str, has_time: bool) -> str:
    cell = quoted(name)
    start = (
        f"case when {cell} >= '1904' then timestamp '1904-01-01' when {cell} >= '1900-03' then timestamp '1899-12-30'"
        " else timestamp '1899-12-31' end"  # Excel's calendar has a 29 February 1900, which is not counted here.
    )
    seconds = f"date_diff('second', {start}, cast({cell} as timestamp))"
    clock = (
        f"case when {seconds} < 0 then '-' else '' end || format('{{:02d}}:{{:02d}}:{{:02d}}',"
        f" abs({seconds}) // 3600, abs({seconds}) // 60 % 60, abs({seconds}) % 60)"
    )
    return (
        f"case when trim({cell}) = '' then null when not regexp_full_match({cell}, {MOMENT}) then {cell}"
        f" when {_is_elapsed(name)} then {clock} else {cell if has_time else f'left({cell}, 10)'} end"
    )
