"""What every shipped format must do, whatever it reads. New formats join by a folder in fixtures/."""

from __future__ import annotations

import csv
import io
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectors.format_spec import DelimitedRead, load_formats
from connectors.recognise import matches
from data_contracts.load import load_stream

if TYPE_CHECKING:
    from tests.formats.conftest import Case, Extract

FORMATS = load_formats(None)


def test_it_is_recognised_by_itself_and_by_no_other(case: Case, tmp_path: Path) -> None:
    path = tmp_path / f"export{case.suffix}"
    path.write_bytes(case.export)
    assert matches(path, FORMATS[case.format])
    assert [spec.name for spec in FORMATS.values() if not spec.declared_only and matches(path, spec)] == [
        case.expected.get("recognised_as", case.format)
    ]


def test_the_accounting_closes_and_is_as_expected(case: Case, extracted: Extract) -> None:
    outcome = extracted((f"export{case.suffix}", case.export), **case.given).only
    assert (outcome.status, outcome.format, outcome.problem, outcome.drift) == ("mapped", case.format, None, ())
    assert {stream.stream for stream in outcome.streams} == set(case.expected["streams"])
    for stream in outcome.streams:
        expected = case.expected["streams"][stream.stream]
        accounted = stream.rows_loaded + stream.rows_merged + stream.rows_quarantined + stream.rows_filtered
        assert stream.rows_read == accounted == expected["rows"]
        assert stream.rows_loaded == expected["loaded"]
        assert stream.rows_quarantined == 0
        assert dict(stream.filtered_by) == expected.get("filtered", {})
        assert stream.us_loaded == expected.get("us_loaded")
        assert stream.is_complete


def test_values_are_as_expected(case: Case, extracted: Extract) -> None:
    done = extracted((f"export{case.suffix}", case.export), **case.given)
    assert case.expected["values"], "a case without values proves nothing"
    for stream, expected_rows in case.expected["values"].items():
        by_row = {row["_row"]: row for row in done.rows(stream)}
        for expected in expected_rows:
            found = by_row[str(expected["_row"])]
            for name, value in expected.items():
                assert found[name] == (None if value is None else str(value)), (stream, expected["_row"], name)


def test_reading_again_gives_identical_rows(case: Case, extracted: Extract) -> None:
    first = extracted((f"a{case.suffix}", case.export), **case.given)
    again = extracted((f"b{case.suffix}", case.export), **case.given)
    for stream in case.expected["streams"]:
        assert first.rows(stream) == again.rows(stream)
        assert first.rows(stream)
    assert first.only.delivery_id == again.only.delivery_id


def test_declared_parts_equal_the_whole(case: Case, extracted: Extract) -> None:
    if FORMATS[case.format].read.kind != "delimited":
        pytest.skip("an export of another kind is not cut by rows")
    given = {**case.given, "format": case.format}
    parts = [(f"part-{number}.csv", part) for number, part in enumerate(_parts(case))]
    assert len(parts) == 2
    whole, apart = extracted(("export.csv", case.export), **given), extracted(*parts, **given)
    assert [outcome.problem for outcome in whole.outcomes + apart.outcomes] == [None] * 3
    for stream in case.expected["streams"]:
        assert whole.rows(stream)
        one, other = (sorted(map(_without_place, done.rows(stream)), key=repr) for done in (whole, apart))
        assert one == other


def test_what_is_private_is_in_no_message(
    case: Case, extracted: Extract, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    contents = {"whole": case.export, "broken": case.broken, "cut": case.export[:-20]}
    files = [(f"{name}{case.suffix}", content) for name, content in contents.items()]
    done = extracted(*files, **{**case.given, "format": case.format})
    private = {
        str(row[column.name])
        for stream in case.expected["streams"]
        for column in load_stream(stream).columns
        if column.classification == "private"
        for row in done.rows(stream)
        if row[column.name] and len(str(row[column.name])) > 3
    }
    told = caplog.text + "".join(capfd.readouterr()) + "".join(str(outcome.problem) for outcome in done.outcomes)
    assert [text for text in private if text in told] == []


def test_bad_rows_are_quarantined_and_good_ones_load(case: Case, extracted: Extract) -> None:
    done = extracted((f"broken{case.suffix}", case.broken), **{**case.given, "format": case.format})
    assert (done.only.status, done.only.problem) == ("mapped", None)
    expected = sorted((tuple(pair) for pair in case.expected["broken"]["quarantined"]), key=repr)
    assert sorted(done.quarantine(), key=repr) == expected
    assert sum(stream.rows_loaded for stream in done.only.streams) == case.expected["broken"]["loaded"]
    assert not any(stream.is_complete for stream in done.only.streams if stream.rows_quarantined)


def test_an_empty_export_is_complete_and_empty(case: Case, extracted: Extract) -> None:
    spec = FORMATS[case.format]
    if spec.read.kind != "delimited":
        pytest.skip("what an empty export is depends on the kind of file")
    text, encoding = _text(case)
    header = text.splitlines(keepends=True)[0]
    outcome = extracted(("export.csv", header.encode(encoding)), **{**case.given, "format": case.format}).only
    assert outcome.status == "mapped"
    assert [(stream.rows_read, stream.is_complete) for stream in outcome.streams] == [(0, True)] * len(outcome.streams)


def test_a_missing_header_rejects_the_file_and_names_it(case: Case, extracted: Extract) -> None:
    spec = FORMATS[case.format]
    if spec.read.kind != "delimited":
        pytest.skip("headers of other kinds are tested with their reader")
    text, encoding = _text(case)
    ((_, part),) = spec.tables.items()
    delimiter = spec.read.delimiter
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    spellings = {header: {header, *part.headers.renamed.get(header, ())} for header in part.headers.required}
    for header, names in spellings.items():
        changed = io.StringIO()
        csv.writer(changed, delimiter=delimiter).writerows(
            [["Changed" if cell in names else cell for cell in rows[0]], *rows[1:]]
        )
        content = changed.getvalue().encode(encoding)
        outcome = extracted(("export.csv", content), **{**case.given, "format": case.format}).only
        assert outcome.status == "rejected"
        assert repr(header) in str(outcome.problem)
        assert outcome.remedy


def _without_place(row: dict[str, str | None]) -> dict[str, str | None]:
    """What a row became, wherever it stood: exact duplicates are numbered within their file."""
    kept = {name: value for name, value in row.items() if name not in ("delivery_id", "_row")}
    return {**kept, "source_record_id": re.sub(r"#\d+$", "", str(row["source_record_id"]))}


def _parts(case: Case) -> list[bytes]:
    """The export as two files with half of the rows each."""
    text, encoding = _text(case)
    delimiter = _reading(case).delimiter
    header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    half = (len(rows) + 1) // 2
    parts = []
    for part in (rows[:half], rows[half:]):
        written = io.StringIO()
        csv.writer(written, delimiter=delimiter).writerows([header, *part])
        parts.append(written.getvalue().encode(encoding))
    return parts


def _reading(case: Case) -> DelimitedRead:
    read = FORMATS[case.format].read
    assert isinstance(read, DelimitedRead)
    return read


def _text(case: Case) -> tuple[str, str]:
    for encoding in ("utf-8-sig", *_reading(case).encodings):
        try:
            return case.export.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise AssertionError("the fixture is in none of the format's encodings")
