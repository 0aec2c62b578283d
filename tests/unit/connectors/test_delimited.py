"""Delimited text as it comes: marks, encodings, line ends, preface rows, ragged and broken lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from connectors.readers.text_tables import usable_headers
from connectors.streams import DeliveryOutcome

if TYPE_CHECKING:
    from tests.unit.connectors.conftest import Bench

HEAD = "Id,Who,Day,Hours,Note\n"
ROW = "1,ann@x.test,2026-01-05,1.5,fine\n"
Extracted = Callable[..., DeliveryOutcome]


def loaded(outcome: DeliveryOutcome) -> tuple[int, int, int]:
    """Rows read, loaded, quarantined of the one stream."""
    assert outcome.status == "mapped", (outcome.problem, outcome.remedy)
    (stream,) = outcome.streams
    return stream.rows_read, stream.rows_loaded, stream.rows_quarantined


@pytest.mark.parametrize(
    "content",
    [
        HEAD + ROW,
        "\ufeff" + HEAD + ROW,
        (HEAD + ROW).replace("\n", "\r\n"),
        (HEAD + ROW).replace("\n", "\r"),
        HEAD.replace("\n", "\r\n") + ROW,
        (HEAD + ROW).rstrip("\n"),
        HEAD + ROW + "\n\n",
        HEAD.replace("Who", " Who ") + ROW,
        HEAD.replace("Who", "Person") + ROW,
        '"Id","Who","Day","Hours","Note"\n"1","ann@x.test","2026-01-05","1.5","fine"\n',
    ],
)
def test_the_same_row_in_many_spellings(only: Extracted, bench: Bench, content: str) -> None:
    assert loaded(only(content)) == (1, 1, 0)
    assert bench.rows(columns="person_email, duration_us, note") == [("ann@x.test", 5_400_000_000, "fine")]


def test_quotes_line_ends_and_backslashes_inside_cells_survive(only: Extracted, bench: Bench) -> None:
    note = 'said "no"\n\\path\\, 🔥'
    only(HEAD + '1,a,2026-01-05,1,"' + note.replace('"', '""') + '"\n')
    assert bench.rows(columns="note") == [(note,)]


def test_empty_cells_are_null_quoted_or_not(only: Extracted, bench: Bench) -> None:
    only(HEAD + '1,"",2026-01-05,,\n')
    assert bench.rows(columns="person_email, duration_us, note") == [(None, None, None)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2,short\n", "missing columns"),
        ("2,b,2026-01-05,1,n,too,many\n", "too many columns"),
        ('2,b,2026-01-05,1,"bad" quote\n', "quote"),
        ("2,b,2026-01-0", "missing columns"),
        ('2,b,2026-01-05,1,"cut', "quote"),
    ],
)
def test_a_line_that_is_no_row_is_quarantined(only: Extracted, bench: Bench, line: str, reason: str) -> None:
    outcome = only(HEAD + ROW + line)
    assert loaded(outcome) == (2, 1, 1)
    assert not outcome.streams[0].is_complete
    ((found_line, value, found_reason),) = bench.quarantine("line, value, reason")
    assert (found_line, value) == (3, line.rstrip("\n"))
    assert reason in found_reason


def test_what_one_file_left_is_not_taken_for_the_next_ones(bench: Bench) -> None:
    bench.write("a.csv", HEAD + ROW + "2,short\n")
    bench.write("b.csv", HEAD + ROW)
    assert [loaded(outcome) for outcome in bench.run()] == [(2, 1, 1), (1, 1, 0)]


def test_padding_fills_short_rows_and_keeps_cells_beyond_the_header(only: Extracted, bench: Bench) -> None:
    bench.document["read"]["ragged"] = "pad"
    assert loaded(only(HEAD + '1,a,2026-01-05\n2,b,2026-01-05,1,"two\nlines",beyond\n')) == (2, 2, 0)
    assert bench.rows(columns="source_record_id, note, extras") == [
        ("1", None, None),
        ("2", "two\nlines", '{"_cell_6":"beyond"}'),
    ]


def test_preface_rows_above_the_header_are_skipped(only: Extracted, bench: Bench) -> None:
    bench.document["read"]["header_within"] = 5
    assert loaded(only("Report of January\n\nfrom,to\n" + HEAD + ROW)) == (1, 1, 0)


def test_another_delimiter(only: Extracted, bench: Bench) -> None:
    bench.document["read"]["delimiter"] = ";"
    assert loaded(only((HEAD + ROW).replace(",", ";"))) == (1, 1, 0)


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-16", "cp850"])
def test_declared_encodings_are_decoded(only: Extracted, bench: Bench, encoding: str) -> None:
    bench.document["read"]["encodings"] = [encoding]
    only((HEAD + ROW.replace("fine", "Größe")).encode(encoding))
    assert bench.rows(columns="note") == [("Größe",)]


def test_encodings_are_tried_in_order_over_the_whole_file(only: Extracted, bench: Bench) -> None:
    bench.document["read"]["encodings"] = ["utf-8", "windows-1252"]
    plain = HEAD + "".join(f"{number},a,2026-01-05,1,fine\n" for number in range(50_000))
    assert len(plain) > 1 << 20, "the odd byte must lie beyond what is read to find the header"
    outcome = only(plain.encode() + "last,z,2026-01-05,1,Größe\n".encode("windows-1252"))
    assert loaded(outcome) == (50_001, 50_001, 0)
    assert bench.rows(columns="source_record_id, note")[-1] == ("last", "Größe")


def test_a_wrong_encoding_names_the_byte(only: Extracted) -> None:
    content = (HEAD + ROW + ROW.replace("fine", "Größe")).encode("windows-1252")
    outcome = only(content)
    assert outcome.status == "rejected"
    assert f"position {content.index(0xF6)}" in str(outcome.problem)
    assert "encodings" in str(outcome.remedy)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "empty (0 bytes)"),
        ("\n\n", "no header"),
        ("PK\x03\x04rest", "workbook or zip"),
        ('{"a": 1}', "JSON"),
        ("<?xml version='1.0'?><log/>", "XML"),
        ("Id,Who,Dya,Hours\n1,a,2026-01-05,1\n", "needs the header 'Day'"),
    ],
)
def test_files_that_are_something_else_are_rejected(
    only: Extracted, bench: Bench, content: str, complaint: str
) -> None:
    outcome = only(content)
    assert outcome.status == "rejected"
    assert complaint in str(outcome.problem)
    assert outcome.remedy
    assert bench.rows() == []


def test_a_missing_header_names_its_nearest(only: Extracted) -> None:
    assert "'Dya'" in str(only("Id,Who,Dya,Hours\n1,a,2026-01-05,1\n").remedy)


def test_a_header_alone_is_an_empty_export(only: Extracted) -> None:
    outcome = only(HEAD)
    assert loaded(outcome) == (0, 0, 0)
    assert outcome.streams[0].is_complete


def test_new_headers_are_drift_and_kept(only: Extracted, bench: Bench) -> None:
    outcome = only("Id,Who,Day,Hours,Mood,Rate (EUR)\n1,a,2026-01-05,1,good,5\n2,b,2026-01-05,1,,\n")
    assert outcome.drift == (("Mood", "new header"),)
    assert [row["column_name"] for row in bench.ledger("drift") if row["delivery_id"] == outcome.delivery_id] == [
        "Mood"
    ]
    assert bench.rows(columns="source_record_id, extras") == [("1", '{"Mood":"good","Rate (EUR)":"5"}'), ("2", None)]


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (["Log Work", "Log Work", "log work"], ("Log Work", "Log Work__2", "log work__3")),
        (["  A  b ", "", "_row"], ("A b", "column_2", "_row__2")),
    ],
)
def test_headers_become_usable_names(cells: list[Any], names: tuple[str, ...]) -> None:
    assert usable_headers(cells) == names
