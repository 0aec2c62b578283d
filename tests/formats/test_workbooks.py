"""Workbooks as people make them: what cells become as text, which sheet and row count, and files that cannot be opened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import xlsxwriter

from connectors.format_spec import FormatSpec, build_format
from connectors.readers import spreadsheet
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    from tests.formats.conftest import Extract

DOCUMENT: dict[str, Any] = {
    "format": "acme__workbook",
    "version": "1",
    "description": "Tasks in a made-up workbook.",
    "read": {"kind": "spreadsheet"},
    "headers": {"required": ["Id", "What"], "optional": ["More"]},
    "streams": {"tasks": {"key": ['"Id"'], "columns": {"title": '"What"'}}},
}
FORMATS = {
    date: "yyyy-mm-dd",
    datetime: "yyyy-mm-dd hh:mm",
    time: "hh:mm",
}


class Formula(str):
    """A formula whose value is what the workbook last kept."""


def workbook(*sheets: tuple[str, Sequence[Any]]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        styles = {kind: book.add_format({"num_format": style}) for kind, style in FORMATS.items()}
        elapsed = book.add_format({"num_format": "[h]:mm"})
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, Formula):
                        sheet.write_formula(number, column, "=A1", None, str(value))
                    elif type(value) in styles:
                        sheet.write_datetime(number, column, value, styles[type(value)])
                    elif isinstance(value, complex):
                        sheet.write_number(number, column, value.real / 24, elapsed)
                    elif value is not None:
                        sheet.write(number, column, value)
    return target.getvalue()


def spec(**read: Any) -> FormatSpec:
    return build_format({**DOCUMENT, "read": {"kind": "spreadsheet", **read}}, "test")


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., duckdb.DuckDBPyConnection]:
    def loaded(content: bytes, known: FormatSpec | None = None) -> duckdb.DuckDBPyConnection:
        path = tmp_path / "book"
        path.write_bytes(content)
        con = duckdb.connect()
        spreadsheet.read(con, path, known or spec(), tmp_path / "scratch")
        return con

    return loaded


def texts(con: duckdb.DuckDBPyConnection, table: str = "raw_export") -> list[tuple[Any, ...]]:
    return con.execute(f"select * from {table} order by rowid").fetchall()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 1, 31), "2026-01-31"),
        (date(9999, 12, 31), "9999-12-31"),
        (datetime(2026, 1, 31, 9, 15), "2026-01-31 09:15:00"),
        (time(9, 15), "09:15:00"),
        (complex(36), "36:00:00"),
        (complex(2406.5), "2406:30:00"),
        (complex(-1.5), "-01:30:00"),
        (40, "40"),
        (37.5, "37.5"),
        (0.1 + 0.2, "0.3"),
        (1e15, "1000000000000000"),
        (True, "true"),
        ("00042", "00042"),
        ("31.01.2026", "31.01.2026"),
        (Formula("7"), "7"),
        (Formula("text"), "text"),
        ("   ", None),
    ],
    ids=str,
)
def test_a_cell_is_its_text(load: Callable[..., duckdb.DuckDBPyConnection], value: Any, text: str | None) -> None:
    con = load(workbook(("S", [["Id", "What"], ["1", value]])))
    assert texts(con) == [("1", text)]


def test_midnight_is_kept_where_the_column_has_times(load: Callable[..., duckdb.DuckDBPyConnection]) -> None:
    rows = [["Id", "What"], ["1", datetime(2026, 1, 31)], ["2", datetime(2026, 1, 31, 9, 15)], ["3", time(8)]]
    con = load(workbook(("S", rows)))
    assert [what for _, what in texts(con)] == ["2026-01-31 00:00:00", "2026-01-31 09:15:00", "08:00:00"]


def test_padding_is_no_data(load: Callable[..., duckdb.DuckDBPyConnection]) -> None:
    rows = [
        [None, "Id", None, "What", None, " "],
        [],
        [None, "1", None, "a"],
        ["", "", "", ""],
        [None, "2", "x", "b", None, None],
    ]
    con = load(workbook(("S", rows)))
    assert [entry[0] for entry in con.execute("describe raw_export").fetchall()] == ["Id", "column_2", "What"]
    assert texts(con) == [("1", None, "a"), ("2", "x", "b")]


def test_the_header_may_be_below_a_preface(load: Callable[..., duckdb.DuckDBPyConnection]) -> None:
    content = workbook(("S", [["Tasks of the year"], [], ["Id", "and other"], ["Id", "What"], ["1", "a"]]))
    assert texts(load(content, spec(header_within=3))) == [("1", "a")]
    con = load(content, spec(header_within=2))
    assert (con.execute("describe raw_export").fetchone() or ())[0] == "Tasks of the year"


@pytest.mark.parametrize(("sheet", "found"), [(1, "one"), (2, "two"), ("Second", "two")])
def test_a_sheet_is_declared_by_place_or_name(
    load: Callable[..., duckdb.DuckDBPyConnection], sheet: str | int, found: str
) -> None:
    content = workbook(("First", [["Id", "What"], ["1", "one"]]), ("Second", [["Id", "What"], ["1", "two"]]))
    assert texts(load(content, spec(sheet=sheet))) == [("1", found)]


@pytest.mark.parametrize(
    ("sheet", "complaint"), [(3, "no sheet 3.*'First', 'Second'"), ("Secnd", "no sheet 'Secnd'.*'Second'")]
)
def test_a_sheet_that_is_not_there_names_those_that_are(
    load: Callable[..., duckdb.DuckDBPyConnection], sheet: str | int, complaint: str
) -> None:
    content = workbook(("First", [["Id", "What"]]), ("Second", [["Id", "What"]]))
    with pytest.raises(WorkledgerError, match=complaint):
        load(content, spec(sheet=sheet))


def test_parts_may_be_on_sheets_of_their_own(load: Callable[..., duckdb.DuckDBPyConnection]) -> None:
    parts = {
        "tasks": {"sheet": "First", "headers": {"required": ["Id", "What"]}},
        "people": {"sheet": 2, "headers": {"required": ["Who"]}},
    }
    both = {key: value for key, value in DOCUMENT.items() if key != "headers"} | {"parts": parts}
    con = load(workbook(("First", [["Id", "What"], ["1", "a"]]), ("P", [["Who"], ["Ada"]])), build_format(both, "test"))
    assert (texts(con, "raw_tasks"), texts(con, "raw_people")) == ([("1", "a")], [("Ada",)])


def test_a_row_with_an_error_is_kept_aside(load: Callable[..., duckdb.DuckDBPyConnection]) -> None:
    rows = [
        ["Id", "What", "More", "Unused"],
        ["1", Formula("#N/A"), Formula("#DIV/0!"), None],
        ["2", "b", None, Formula("#REF!")],
        ["3", "c"],
    ]
    con = load(workbook(("S", rows)))
    assert texts(con) == [("2", "b", None, "#REF!"), ("3", "c", None, None)]
    ((line, reason, value),) = texts(con, "rejected_export")
    assert (line, reason) == (2, "a formula gave an error: #N/A under What, #DIV/0! under More")
    assert '"Id":"1"' in value


def zipped(**members: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return target.getvalue()


WHOLE = workbook(("S", [["Id", "What"], ["1", "a"]]))
OLE = spreadsheet.OLE + bytes(508)
# The directory says that version 23.5 of the zip format is needed.
DIRECTORY = WHOLE.index(b"PK\x01\x02")
OF_THE_FUTURE = WHOLE[: DIRECTORY + 6] + bytes([235]) + WHOLE[DIRECTORY + 7 :]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (OLE + "Workbook".encode("utf-16-le"), "Excel before 2007"),
        (WHOLE[: len(WHOLE) // 2], "damaged or cut off"),
        (OF_THE_FUTURE, "damaged or cut off"),
        (zipped(export="Id,What"), "zip archive, but no workbook"),
        (workbook(("S", [])), "sheet is empty"),
    ],
    ids=["password", "old", "cut off", "of the future", "other archive", "empty"],
)
def test_a_workbook_that_cannot_be_read_says_why(extracted: Extract, content: bytes, complaint: str) -> None:
    for name in ("hr_roster__workbook", None):
        outcome = extracted(("book.xlsx", content), format=name).only
        assert outcome.status == "rejected"
        assert complaint in str(outcome.problem)
        assert outcome.remedy


def test_what_it_may_unpack_to_is_bounded(extracted: Extract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_BYTES", 1_000)
    outcome = extracted(("book.xlsx", WHOLE), format="hr_roster__workbook").only
    assert "unpacks to" in str(outcome.problem)


def test_a_missing_header_is_named(extracted: Extract) -> None:
    content = workbook(("S", [["Employee Number", "Name", "Mail"], ["E1", "Ada Byron", "ada@example.org"]]))
    outcome = extracted(("book.xlsx", content), format="hr_roster__workbook").only
    assert outcome.status == "rejected"
    assert "'E-mail'" in str(outcome.problem)


def test_a_roster_is_the_same_in_a_workbook_and_in_csv(extracted: Extract) -> None:
    lines = [
        ["Employee Number", "Name", "E-mail", "Valid From", "Valid To", "Weekly Hours", "FTE", "Role"],
        ["E1", "Ada Byron", "ada@example.org", "2026-01-01", "", "37.5", "1", "Designer"],
        ["E2", "Émile Noël", "emile@example.org", "2026-02-01", "2026-12-31", "20", "0.5", "Builder"],
    ]

    def cell(text: str) -> Any:
        if text.startswith("2026"):
            return date.fromisoformat(text)
        return float(text) if text.replace(".", "").isdigit() else text or None

    def rows(name: str, content: bytes) -> list[dict[str, str | None]]:
        found = extracted((name, content)).rows("people")
        return [{key: value for key, value in row.items() if key != "delivery_id"} for row in found]

    csv = "\n".join(",".join(line) for line in lines).encode()
    book = workbook(("Roster", [lines[0], *([cell(text) for text in line] for line in lines[1:])]))
    assert rows("roster.xlsx", book) == rows("roster.csv", csv)
