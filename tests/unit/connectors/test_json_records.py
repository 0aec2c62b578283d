"""JSON documents and JSON Lines become text tables: nested lists with what is above them, every leaf as it is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from connectors.format_spec import Headers, Part
from connectors.readers import batches, json_text
from connectors.streams import DeliveryOutcome

if TYPE_CHECKING:
    from tests.unit.connectors.conftest import Bench

Extracted = Callable[..., DeliveryOutcome]
TRACKER: dict[str, Any] = {
    "format": "acme__entries",
    "version": "1.0.0",
    "description": "People with their entries, of a made-up tracker.",
    "read": {"kind": "json"},
    "parts": {
        "people": {
            "path": "data.people[*]",
            "headers": {"required": ["id"], "optional": ["name"]},
            "ignored": ["*secret*"],
        },
        "entries": {
            "path": "data.people[*].months[*].entries[*]",
            "headers": {"required": ["id", "hours", "../month", "../../id"], "optional": ["note", "where.city"]},
        },
    },
    "streams": {
        "time_entries": {
            "from": "entries",
            "key": ['"id"'],
            "columns": {
                "person_source_id": '"../../id"',
                "tags": '"where.city"',
                "note": '"note"',
                "date_precision": "'day'",
                "work_date": "parse_date(\"../month\" || '-01')",
                "duration_us": 'hours_us("hours")',
            },
        }
    },
}


@pytest.fixture
def tracker(bench: Bench) -> Bench:
    bench.document = json.loads(json.dumps(TRACKER))
    return bench


def document(*people: dict[str, Any], **more: Any) -> str:
    return json.dumps({"data": {"people": people}, **more})


def person(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": 7, "months": [{"month": "2026-01", "entries": entries}], **more}


def test_records_in_records_know_what_is_above_them(tracker: Bench, only: Extracted) -> None:
    ada = {"id": 1, "months": [{"month": "2026-01", "entries": [{"id": "a", "hours": 1.5}, {"id": "b", "hours": 2}]}]}
    emile = {
        "id": 2,
        "months": [{"month": "2026-02", "entries": [{"id": "c", "hours": 1, "where": {"city": "Lyon"}}]}, {}],
    }
    outcome = only(document(ada, emile, {"id": 3, "months": None}, {"id": 4}))
    assert (outcome.status, outcome.problem, outcome.drift) == ("mapped", None, ())
    assert tracker.rows(columns="source_record_id, person_source_id, work_date::varchar, tags, duration_us / 36e8") == [
        ("a", "1", "2026-01-01", None, 1.5),
        ("b", "1", "2026-01-01", None, 2.0),
        ("c", "2", "2026-02-01", "Lyon", 1.0),
    ]


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ("1.10", "1.10"),
        ("2.5e2", "250"),
        ("12345678901234567890", "12345678901234567890"),
        ("true", "true"),
        ("null", None),
        ('""', None),
        ('" "', " "),
        ("[]", None),
        ("{}", None),
        ('["a", 1.50]', '["a",1.5]'),
        ('"Gr\\u00fc\\u00dfe"', "Grüße"),
        ('"\\ud83d"', "\ufffd"),
    ],
)
def test_a_leaf_is_a_cell_as_it_is_written(tracker: Bench, only: Extracted, written: str, cell: str | None) -> None:
    only(document(person({"id": "a", "hours": 1, "note": "@"})).replace('"@"', written))
    assert tracker.rows(columns="note") == [(cell,)]


def test_a_field_that_comes_late_is_a_column_and_one_never_mapped_is_kept(tracker: Bench, only: Extracted) -> None:
    first = {"id": "a", "hours": 1, "Hours": 9}
    outcome = only(document(person(first, {"id": "b", "hours": 2, "extra": {"deep": [{"x": 1}]}})))
    assert outcome.drift == (("Hours__2", "new header"), ("extra.deep", "new header"))
    assert tracker.rows(columns="extras") == [('{"Hours__2":"9"}',), ('{"extra.deep":"[{\\"x\\":1}]"}',)]


def test_batches_keep_order_and_take_columns_as_they_come(
    tracker: Bench, only: Extracted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH", 1)
    del tracker.document["parts"]["people"]
    entries = [{}, {"id": "a", "hours": 1}, {}, {"id": "b", "hours": 2, "note": "late"}, {"id": "c", "hours": 3}]
    outcome = only(document({"months": [{"entries": entries}]}, {"id": 1}))
    assert "'../month'" in str(outcome.problem)
    outcome = only(document(person(*entries), {"id": 1}))
    assert (outcome.streams[0].rows_loaded, outcome.streams[0].rows_quarantined) == (3, 2)
    assert tracker.rows(columns="source_record_id, _row, note") == [("a", 2, None), ("b", 4, "late"), ("c", 5, None)]


def test_a_batch_of_empty_rows_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH", 1)
    con = duckdb.connect()
    table = batches.GrowingTable(con, "part", tmp_path)
    for row in ({}, {"a": "1"}, {}, {"b": "2", "A": "3"}):
        table.add(row)
    made = table.finish(Part(headers=Headers(required=("a", "c"))))
    assert (made.columns, made.absent) == (("a", "b", "A__2"), ("c",))
    assert con.execute('select a, b, "A__2" from raw_part').fetchall() == [
        (None, None, None),
        ("1", None, None),
        (None, None, None),
        (None, "2", "3"),
    ]


def test_what_is_ignored_is_nowhere_and_an_unclaimed_list_of_records_is_drift(tracker: Bench, only: Extracted) -> None:
    tracker.document["streams"]["people"] = {
        "from": "people",
        "key": ['"id"'],
        "columns": {"person_name": '"name"', "valid_from_basis": "'observed'"},
    }
    people = person(name="Ada", top_secret={"a": 1}, **{"my secret": 2})
    outcome = only(document(people, users=[{"id": 1}], tags=["x"]))
    assert outcome.drift == (("users", "new header"),)
    assert tracker.rows("people", "person_name, extras") == [("Ada", None)]


def test_an_empty_list_is_a_complete_delivery(only: Extracted, tracker: Bench) -> None:
    (stream,) = only(document()).streams
    assert (stream.rows_read, stream.is_complete) == (0, True)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"errors": ["no access"]}', "no records at data.people[*]"),
        ('{"data": {"people": {"id": 1}}}', "no list at data.people"),
        ('{"data": {"people": [[1]]}}', "a list at data.people[*], where the format expects a record"),
        ('{"data": {"people": [{"id": 1}', "ends too early, the file was cut off (line 1, column 31 (character 31))"),
        ('{"data": {"people": [{"id": "un', "ends too early, the file was cut off (line 1, column 29"),
        ('{"data": {"people": [\n  {"id": tru', "ends too early, the file was cut off (line 2, column 10"),
        ('{"data":\n {"people": [{"id" 1}]}}', "not JSON: expecting ':' delimiter (line 2, column 20 (character 29))"),
        ('{"data": {"people": [{"id": 1},]}}', "not JSON: a value is expected after ','"),
        ('{"data": {"people": [{"id": NaN}]}}', "NaN is no JSON number"),
        ('{"data": {"people": [{"id": 1, "id": 2}]}}', "the key 'id' occurs twice"),
        ('{"data": {}, "data": {}}', "the key 'data' occurs twice"),
        ('{"data": {"people": []}} {}', "something follows the end of the document"),
        ('{"data": {"people": [' + "[" * 100_000, "nested too deeply"),
        ('{"data": ' * 100_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_says_what_and_where(tracker: Bench, only: Extracted, content: str, problem: str) -> None:
    outcome = only(content)
    assert outcome.status == "rejected"
    assert problem in str(outcome.problem)
    assert outcome.remedy


def test_bytes_that_are_not_utf_8_are_refused_with_their_position(tracker: Bench, only: Extracted) -> None:
    content = document(person({"id": "a", "hours": 1, "note": "Gr@n"})).encode().replace(b"@", b"\xfc")
    problem = str(only(content).problem)
    assert "not encoded as UTF-8" in problem
    assert f"position {content.index(0xFC)}" in problem


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_tells_the_encoding(tracker: Bench, only: Extracted, encoding: str) -> None:
    only(document(person({"id": "a", "hours": 1, "note": "Grün"})).replace("\\u00fc", "ü").encode(encoding))
    assert tracker.rows(columns="note") == [("Grün",)]


def test_small_pieces_give_the_same_rows_and_positions(
    tracker: Bench, only: Extracted, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [{"id": f"entry {n}", "hours": n / 4, "note": 'quote " and \\ ü' * n} for n in range(30)]
    text = json.dumps({"data": {"people": [person(*entries), person()]}}, indent=2, ensure_ascii=False)
    broken = text[:-60]
    whole, cut = only(text).streams[0].rows_loaded, only(broken).problem
    rows = tracker.rows(columns="source_record_id, duration_us, note")
    assert len(rows) == 30
    monkeypatch.setattr(json_text, "CHUNK", 7)
    assert only(text + " ").streams[0].rows_loaded == whole == 30
    assert tracker.rows(columns="source_record_id, duration_us, note") == sorted(rows * 2, key=str)
    assert only(broken + " ").problem is not None
    assert str(cut).split("(")[0] == "The JSON ends too early, the file was cut off "


def test_a_header_above_all_records_is_an_error_of_the_format(tracker: Bench, only: Extracted) -> None:
    tracker.document["parts"]["people"]["headers"]["optional"].append("../total")
    assert "no record 1 levels above" in str(only(document(person())).problem)


def test_a_missing_header_is_named(tracker: Bench, only: Extracted) -> None:
    outcome = only(document(person({"id": "a", "hrs": 1})))
    assert "needs the header 'hours'" in str(outcome.problem)
    assert "'hrs'" in str(outcome.remedy)


def as_lines(tracker: Bench) -> None:
    tracker.document["read"]["lines"] = True
    headers = {"required": ["id", "hours", "month"], "optional": ["note"]}
    tracker.document["parts"] = {"entries": {"path": "[*]", "headers": headers}}
    columns = tracker.document["streams"]["time_entries"]["columns"]
    del columns["person_source_id"], columns["tags"]
    columns["work_date"] = "parse_date(\"month\" || '-01')"


def test_a_line_that_is_not_json_is_quarantined_and_the_others_load(tracker: Bench, only: Extracted) -> None:
    as_lines(tracker)
    good = '{"id": "%s", "hours": 1, "month": "2026-01"}'
    outcome = only("\n".join([good % "a", "", '{"id": "b", "hours"', good % "c", '{"id": "d"']))
    (stream,) = outcome.streams
    assert (stream.rows_read, stream.rows_loaded, stream.rows_quarantined) == (4, 2, 2)
    assert tracker.quarantine("line, value, reason") == [
        (3, '{"id": "b", "hours"', "this is not JSON: expecting ':' delimiter at column 20"),
        (5, '{"id": "d"', "this is not JSON: expecting ',' delimiter at column 11"),
    ]


def test_lines_are_not_taken_for_a_document(tracker: Bench, only: Extracted) -> None:
    lines = '{"data": {"people": []}}\n{"data": {"people": []}}\n'
    assert "`lines: true`" in str(only(lines).problem)


def test_a_document_is_not_taken_for_lines(tracker: Bench, only: Extracted) -> None:
    as_lines(tracker)
    assert "not JSON Lines" in str(only('{\n"id": 1\n}').problem)
