"""Parquet, XML and zip archives: the same entries in any kind of file are the same rows; damaged and hostile ones are refused."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from connectors.format_spec import build_format
from connectors.readers import archive, calendar, xml_records
from connectors.readers import parquet as parquet_reader
from connectors.recognise import recognise
from connectors.streams import DeliveryOutcome
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    from tests.unit.connectors.conftest import Bench

CSV = "Id,Who,Day,Hours,Note\n1,ada@example.org,2026-01-05,1.5,\n2,émile@example.org,2026-01-06,2,fix\n"
XML = """<?xml version="1.0" encoding="utf-8"?>
<report xmlns="urn:acme"><entries>
  <entry Id="1"><Who>ada@example.org</Who><Day>2026-01-05</Day><Hours>1.5</Hours></entry>
  <entry Id="2"><Who>émile@example.org</Who><Day>2026-01-06</Day><Hours>2</Hours><Note>fix</Note></entry>
</entries></report>"""
ROWS = [("1", "ada@example.org", "2026-01-05", None, 1.5), ("2", "émile@example.org", "2026-01-06", "fix", 2.0)]
LOADED = "source_record_id, person_email, work_date::varchar, note, duration_us / 36e8"
HEADERS: dict[str, Any] = {"required": ["Id", "Who", "Day", "Hours"], "optional": ["Note"]}

Extracted = Callable[..., DeliveryOutcome]


def parquet_bytes(columns: dict[str, Any]) -> bytes:
    target = io.BytesIO()
    parquet.write_table(pa.table(columns), target)
    return target.getvalue()


def zipped(**members: str | bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "."), content)
    return target.getvalue()


def typed() -> bytes:
    return parquet_bytes(
        {
            "Id": [1, 2],
            "Who": ["ada@example.org", "émile@example.org"],
            "Day": [date(2026, 1, 5), date(2026, 1, 6)],
            "Hours": [Decimal("1.5"), Decimal("2.0")],
            "Note": ["", "fix"],
        }
    )


KINDS: dict[str, tuple[dict[str, Any], str | bytes]] = {
    "delimited": ({"read": {"kind": "delimited"}, "headers": HEADERS}, CSV),
    "parquet": ({"read": {"kind": "parquet"}, "headers": HEADERS}, typed()),
    "xml": (
        {
            "read": {"kind": "xml"},
            "parts": {
                "export": {
                    "path": "/report/entries/entry",
                    "headers": {
                        "required": ["Id", "Who", "Day", "Hours"],
                        "optional": ["Note"],
                        "renamed": {"Id": ["@Id"]},
                    },
                }
            },
        },
        XML,
    ),
    "archive": (
        {
            "read": {"kind": "archive", "members": {"kind": "delimited"}},
            "parts": {"export": {"member": "*.csv", "headers": HEADERS}},
        },
        zipped(**{"export/entries.csv": CSV, "readme.txt": "hello"}),
    ),
}
KINDS["xml, gzipped"] = (KINDS["xml"][0], gzip.compress(XML.encode(), mtime=0))
KINDS["archive of Parquet"] = (
    {
        "read": {"kind": "archive", "members": {"kind": "parquet"}},
        "parts": {"export": {"member": "entries.parquet", "headers": HEADERS}},
    },
    zipped(entries__parquet=typed()),
)


def reshape(bench: Bench, kind: str) -> str | bytes:
    """The format reads that kind; returns its export."""
    shape, content = KINDS[kind]
    for key in ("read", "headers", "parts"):
        bench.document.pop(key, None)
    bench.document.update(shape)
    return content


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_entries_are_the_same_rows(bench: Bench, only: Extracted, kind: str) -> None:
    outcome = only(reshape(bench, kind))
    assert (outcome.status, outcome.problem, outcome.drift) == ("mapped", None, ())
    (account,) = outcome.streams
    assert (account.rows_read, account.rows_loaded, account.rows_quarantined) == (2, 2, 0)
    assert bench.rows(columns=LOADED) == ROWS


@pytest.mark.parametrize("kind", KINDS)
def test_recognised_by_what_it_holds(bench: Bench, kind: str) -> None:
    content = reshape(bench, kind)
    spec = build_format(bench.document, "test")
    assert recognise(bench.write("export.csv", content), {spec.name: spec}, None) == spec


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "delimited"])
def test_a_cut_off_file_is_refused_whole(bench: Bench, only: Extracted, kind: str) -> None:
    content = reshape(bench, kind)
    raw = content.encode() if isinstance(content, str) else content
    outcome = only(raw[: len(raw) * 2 // 3])
    assert (outcome.status, outcome.streams) == ("rejected", ())
    assert outcome.problem and "Traceback" not in outcome.problem
    assert bench.rows() == []


@pytest.mark.parametrize("kind", ["parquet", "xml", "archive"])
def test_a_row_that_does_not_convert_is_kept_aside(bench: Bench, only: Extracted, kind: str) -> None:
    content = reshape(bench, kind)
    broken: str | bytes
    if kind == "parquet":
        broken = parquet_bytes({"Id": ["1"], "Who": ["a@example.org"], "Day": ["2026-13-05"], "Hours": ["1"]})
    elif kind == "archive":
        broken = zipped(entries__csv=CSV.replace("2026-01-05", "2026-13-05"))
    else:
        broken = str(content).replace("2026-01-05", "2026-13-05")
    (account,) = only(broken).streams
    assert account.rows_quarantined == 1
    assert bench.quarantine("_row, column_name, value") == [(1, "work_date", "2026-13-05")]


def _cells(tmp_path: Path, values: Any) -> list[Any]:
    import duckdb

    file = tmp_path / "file.parquet"
    file.write_bytes(parquet_bytes({"cell": values}))
    document = {
        "format": "a__b",
        "version": "1",
        "description": "",
        "read": {"kind": "parquet"},
        "headers": {"required": ["cell"]},
        "streams": {},
    }
    with duckdb.connect() as con:
        parquet_reader.read(con, file, build_format(document, "test"), tmp_path)
        return [row[0] for row in con.execute("select cell from raw_export").fetchall()]


BERLIN = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        ([date(2026, 1, 31), None], ["2026-01-31", None]),
        ([datetime(2026, 1, 31, 9, 30)], ["2026-01-31 09:30:00"]),
        ([datetime(2026, 1, 31, 9, 30, tzinfo=BERLIN)], ["2026-01-31T08:30:00Z"]),
        ([datetime(2026, 1, 31, 9, 30, 0, 250_000, tzinfo=UTC)], ["2026-01-31T09:30:00.25Z"]),
        ([1.5, 2.0, None], ["1.5", "2.0", None]),
        ([True, False], ["true", "false"]),
        ([[1, 2], []], ["[1,2]", "[]"]),
        ([{"a": "x"}], ['{"a":"x"}']),
        (pa.array(["", "x"]).dictionary_encode(), [None, "x"]),
    ],
)
def test_a_typed_value_is_the_text_of_a_csv(tmp_path: Path, values: Any, cells: list[Any]) -> None:
    assert _cells(tmp_path, values) == cells


def _records(tmp_path: Path, xml: str, **part: Any) -> list[dict[str, str]]:
    file = tmp_path / "file.xml"
    file.write_text(xml, encoding="utf-8")
    rules = {"path": "/r/e", "headers": {"required": []}, **part}
    document = {
        "format": "a__b",
        "version": "1",
        "description": "",
        "read": {"kind": "xml", "most_bytes": 10_000},
        "parts": {"e": rules},
        "streams": {},
    }
    spec = build_format(document, "test")
    return list(xml_records._records(file, spec, spec.tables["e"]))


def test_elements_and_attributes_become_columns(tmp_path: Path) -> None:
    entry = (
        "<e id='1'>text<who kind='p'><name>Ada</name></who><tag>a</tag><tag>b</tag><x n='1'/><x n='2'>t</x><no/></e>"
    )
    assert _records(tmp_path, f"<r><other><e/></other>{entry}</r>") == [
        {
            "@id": "1",
            ".": "text",
            "who/@kind": "p",
            "who/name": "Ada",
            "tag": '["a", "b"]',
            "x": '[{"@n": "1"}, {"@n": "2", ".": "t"}]',
        }
    ]


def test_a_record_may_take_attributes_of_what_is_around_it(tmp_path: Path) -> None:
    xml = "<r week='9'><p id='7'><e id='1'/><e id='2'/></p><p id='8'><e id='3'/></p></r>"
    found = _records(tmp_path, xml, path="/r/p/e", headers={"required": ["@id", "../@id"], "optional": ["../../@week"]})
    assert [tuple(row.values()) for row in found] == [("7", "9", "1"), ("7", "9", "2"), ("8", "9", "3")]


def test_what_is_ignored_is_not_read(tmp_path: Path) -> None:
    assert _records(tmp_path, "<r><e id='1'><note>private</note></e></r>", ignored=["note*"]) == [{"@id": "1"}]


@pytest.mark.parametrize(
    ("xml", "what"),
    [
        ('<!DOCTYPE r [<!ENTITY e "bomb">]><r><e>&e;</e></r>', "document type"),
        ('<!DOCTYPE r SYSTEM "file:///etc/passwd"><r><e/></r>', "document type"),
        ("<other><e/></other>", "begins with <other>"),
        ("<r><e></r>", "not sound XML"),
        ("<r>" + "<e>" * 60 + "</e>" * 60 + "</r>", "nested more than"),
        ("<r>" + "<e/>" * 3000 + "</r>", "unpacks to more than"),
    ],
)
def test_hostile_xml_is_refused(tmp_path: Path, xml: str, what: str) -> None:
    with pytest.raises(WorkledgerError, match=what):
        _records(tmp_path, xml)


def _archive(tmp_path: Path, content: bytes, most: int = 10_000) -> dict[str, tuple[str, ...]]:
    file = tmp_path / "file.zip"
    file.write_bytes(content)
    document = {
        "format": "a__b",
        "version": "1",
        "description": "",
        "read": {"kind": "archive", "members": {"kind": "delimited"}, "most_bytes": most},
        "parts": {"export": {"member": "*.csv", "headers": HEADERS}},
        "streams": {},
    }
    return archive.headers(file, build_format(document, "test"))


def test_an_archive_is_unpacked_within_its_bounds_and_nowhere_else(tmp_path: Path) -> None:
    slip = zipped(**{"../../slip.csv": CSV})
    assert _archive(tmp_path, slip) == {"export": ("Id", "Who", "Day", "Hours", "Note")}
    assert not list(tmp_path.parent.glob("slip*"))
    with pytest.raises(WorkledgerError, match="unpacks to more"):
        _archive(tmp_path, zipped(bomb__csv=CSV + "x" * 1_000_000))


@pytest.mark.parametrize(
    ("members", "what"),
    [
        ({"readme__txt": "hello"}, "No file in the archive fits"),
        ({"one__csv": CSV, "two__csv": CSV}, "More than one file"),
        ({"one__csv": b"\x89PNG\r\n\x1a\n"}, "one.csv in the archive"),
    ],
)
def test_an_archive_of_other_files_says_what_it_holds(tmp_path: Path, members: dict[str, Any], what: str) -> None:
    with pytest.raises(WorkledgerError) as caught:
        _archive(tmp_path, zipped(**members))
    assert what in str(caught.value)


def test_an_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped(one__csv=CSV))
    # The flag that says "encrypted", in the member's own header and in the directory.
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    with pytest.raises(WorkledgerError, match="has a password"):
        _archive(tmp_path, bytes(content))


def _calendar(tmp_path: Path, *events: str) -> list[dict[str, str | None]]:
    file = tmp_path / "file.ics"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x"]
    for number, event in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{number}", *event.split("\n"), "END:VEVENT"]
    file.write_bytes("\r\n".join([*lines, "END:VCALENDAR", ""]).encode())
    return list(calendar._rows(calendar._parse(file, 1 << 20)))


def test_a_series_goes_as_far_as_the_file_speaks(tmp_path: Path) -> None:
    """Weekly at 9:30 in Berlin: the last one before the time stamp is on the 30th, when summer time has begun."""
    series = "DTSTAMP:20260331T000000Z\nDTSTART;TZID=Europe/Berlin:20260316T093000\nDURATION:PT30M\nRRULE:FREQ=WEEKLY"
    found = _calendar(tmp_path, series, "DTSTAMP:20260101T000000Z\nDTSTART:20260318T100000")
    assert [(row["start"], row["end"], row["time_basis"]) for row in found] == [
        ("2026-03-16T08:30:00Z", "2026-03-16T09:00:00Z", "instant"),
        ("2026-03-18T10:00:00", "2026-03-18T10:00:00", "local"),
        ("2026-03-23T08:30:00Z", "2026-03-23T09:00:00Z", "instant"),
        ("2026-03-30T07:30:00Z", "2026-03-30T08:00:00Z", "instant"),
    ]


def test_who_declined_or_is_a_room_did_not_take_part(tmp_path: Path) -> None:
    who = "ORGANIZER:mailto:a@x.org\nATTENDEE;PARTSTAT=DECLINED:mailto:a@x.org\nATTENDEE;PARTSTAT=TENTATIVE:mailto:b@x.org"
    more = "ATTENDEE;PARTSTAT=ACCEPTED;CUTYPE=ROOM:mailto:r@x.org\nATTENDEE;PARTSTAT=ACCEPTED;CN=C:mailto:C@x.org"
    (row,) = _calendar(tmp_path, f"DTSTART:20260105T100000Z\n{who}\n{more}")
    assert json.loads(str(row["participants"])) == [{"email": "c@x.org", "position": 4, "name": "C"}]


def test_a_series_that_never_ends_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = "DTSTAMP:20260331T000000Z\nDTSTART:20260101T000000Z"
    with pytest.raises(WorkledgerError, match="repeats secondly"):
        _calendar(tmp_path, f"{start}\nRRULE:FREQ=SECONDLY")
    monkeypatch.setattr(calendar, "MOST_OCCURRENCES", 50)
    with pytest.raises(WorkledgerError, match="more than 50 occurrences"):
        _calendar(tmp_path, f"{start}\nRRULE:FREQ=DAILY")


def test_a_series_is_not_followed_for_thousands_of_years(tmp_path: Path) -> None:
    series = "DTSTART:20260101T000000Z\nRRULE:FREQ=WEEKLY\nLAST-MODIFIED:40520220T080000Z"
    with pytest.raises(WorkledgerError, match=r"year 4052 \(event 0\)"):
        _calendar(tmp_path, series)


@pytest.mark.parametrize(
    "event",
    [
        "DTSTART:2026-01-05",
        "DTSTART:20260105T100000Z\nRRULE:FREQ=SOMETIMES",
        "DTSTART:20261305T100000Z",
        "DTSTART;VALUE=,DATE:20260105",
        f"DTSTART;TZID=Europe/{'Berlin' * 50}:20260105T100000",
    ],
)
def test_an_event_that_cannot_be_read_is_told(tmp_path: Path, event: str) -> None:
    with pytest.raises(WorkledgerError, match="cannot be read"):
        _calendar(tmp_path, event)
