"""XES logs as files: packed, damaged, hostile, empty; and real logs, whose figures their publishers state."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectors.format_spec import FormatSpec, build_format, load_formats
from connectors.readers import event_log
from connectors.recognise import recognise
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    from tests.formats.conftest import Extract

EVENT = (
    '<event><string key="concept:name" value="Check"/><date key="time:timestamp" value="2026-01-05T09:00:00Z"/></event>'
)
TRACE = f'<trace><string key="concept:name" value="1"/>{EVENT}</trace>'
LOG = f"<log>{TRACE}</log>".encode()
PACKED = gzip.compress(LOG, mtime=0)
SPEC = load_formats(None)["event_log__xes"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "log"


def rows(path: Path, content: bytes, spec: FormatSpec = SPEC) -> list[dict[str, str]]:
    path.write_bytes(content)
    with event_log.events_of(path, spec) as events:
        return list(events)


def test_a_packed_log_is_the_log(extracted: Extract) -> None:
    plain = extracted(("log.xes", LOG))
    packed = extracted(("log.xes.gz", PACKED))
    assert packed.only.format == "event_log__xes"
    kept = [{k: v for k, v in row.items() if k != "delivery_id"} for row in packed.rows("process_events")]
    assert kept == [{k: v for k, v in row.items() if k != "delivery_id"} for row in plain.rows("process_events")]
    assert len(kept) == 1


def test_a_log_without_events_is_complete_and_empty(extracted: Extract) -> None:
    outcome = extracted(("log.xes", b"<log/>"), format="event_log__xes").only
    assert (outcome.status, outcome.problem) == ("mapped", None)
    assert [(stream.rows_read, stream.is_complete) for stream in outcome.streams] == [(0, True)]


def test_a_log_without_the_names_of_activities_is_rejected_and_says_so(extracted: Extract) -> None:
    outcome = extracted(("log.xes", LOG.replace(b'<string key="concept:name" value="Check"/>', b""))).only
    assert outcome.status == "rejected"
    assert "'concept:name'" in str(outcome.problem)


def test_what_it_may_unpack_to_is_bounded(file: Path) -> None:
    bound = build_format(
        {
            **SPEC.model_dump(by_alias=True, exclude_none=True, exclude={"parts"}),
            "read": {"kind": "event_log", "most_bytes": 10_000},
        },
        "test",
    )
    assert len(rows(file, PACKED, bound)) == 1
    with pytest.raises(WorkledgerError, match="unpacks to more than 10,000 bytes"):
        rows(file, gzip.compress(b"<log>" + b" " * 20_000 + b"</log>"), bound)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (LOG[:-20], "not sound XML.*line 1"),
        (b"<log><trace></log>", "not sound XML"),
        (PACKED[:-12], "gzip archive is damaged"),
        (PACKED[:40] + b"x" * 40, "gzip archive is damaged|not sound XML"),
        (gzip.compress(b"Case ID,Activity", mtime=0), "not sound XML"),
        (b"<?xml version='1.0'?><project/>", "begins with <project>"),
    ],
    ids=["cut off", "not closed", "cut off and packed", "overwritten", "packed text", "other XML"],
)
def test_a_damaged_or_foreign_file_says_what_is_wrong(file: Path, content: bytes, complaint: str) -> None:
    with pytest.raises(WorkledgerError, match=complaint):
        rows(file, content)


def test_no_entity_is_resolved(file: Path) -> None:
    (file.parent / "secret").write_text("secret")
    for entity in ('"bomb"', f'SYSTEM "{file.parent}/secret"'):
        hostile = f"<!DOCTYPE log [<!ENTITY e {entity}>]>{LOG.decode().replace('Check', '&e;')}"
        with pytest.raises(WorkledgerError, match="document type"):
            rows(file, hostile.encode())


@pytest.mark.parametrize(
    ("event", "found"),
    [
        ('<string key="a" value="1"/><string key="a" value="1"/><string key="a" value="2"/>', {"a": "1", "a__2": "2"}),
        ('<list key="l"><values><int key="n" value="1"/></values></list>', {"l/n": "1"}),
        ('<string key="e" value=""/><!-- no --><?pi?>', {}),
        ('<string key="(case)_Team" value="A"/>', {"case:Team": "A"}),
        ('<string key="(case)_concept:name" value="other"/>', {"(case)_concept:name": "other"}),
    ],
)
def test_attributes_are_columns(file: Path, event: str, found: dict[str, str]) -> None:
    (row,) = rows(file, LOG.replace(b"<event>", b"<event>" + event.encode()))
    usual = {"case:concept:name": "1", "concept:name": "Check", "time:timestamp": "2026-01-05T09:00:00Z"}
    assert row == {**usual, **found}


def test_keys_that_differ_in_letter_case_are_two_columns(extracted: Extract) -> None:
    content = LOG.replace(b"<event>", b'<event><string key="cost" value="1"/><string key="Cost" value="2"/>')
    (row,) = extracted(("log.xes", content)).rows("process_events")
    assert row["extras"] == '{"cost":"1","Cost__2":"2"}'


def test_events_keep_the_order_of_the_log_across_batches(extracted: Extract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.readers.batches.BATCH", 3)
    events = "".join(EVENT.replace("Check", f"Step {number}") for number in range(10))
    late = EVENT.replace("Check", "Last").replace("<date", '<string key="org:role" value="Clerk"/><date')
    done = extracted(
        ("log.xes", f'<log><trace><string key="concept:name" value="1"/>{events}{late}</trace></log>'.encode())
    )
    found = [(row["activity_name"], row["person_source_id"]) for row in done.rows("process_events")]
    assert found == [*((f"Step {number}", None) for number in range(10)), ("Last", "Clerk")]


def test_an_instant_without_offset_needs_a_zone(extracted: Extract) -> None:
    content = LOG.replace(b"09:00:00Z", b"09:00:00")
    assert extracted(("log.xes", content)).only.streams[0].rows_quarantined == 1
    (row,) = extracted(("log.xes", content), zone="Europe/Berlin").rows("process_events")
    assert row["occurred_at"] == "2026-01-05 08:00:00+00"


def test_another_spelling_of_instants_can_be_declared(extracted: Extract) -> None:
    content = LOG.replace(b"2026-01-05T09:00:00Z", b"05.01.2026 09:00")
    (row,) = extracted(("log.xes", content), zone="Europe/Berlin", timestamp_format="%d.%m.%Y %H:%M").rows(
        "process_events"
    )
    assert row["occurred_at"] == "2026-01-05 08:00:00+00"
    assert "|2026-01-05 08:00:00+00|" in str(row["source_record_id"])


def test_the_same_event_has_the_same_id_however_its_instant_is_written(extracted: Extract) -> None:
    def ids(content: bytes) -> list[str | None]:
        return [row["source_record_id"] for row in extracted(("log.xes", content)).rows("process_events")]

    assert ids(LOG) == ids(LOG.replace(b"09:00:00Z", b"10:00:00.000+01:00"))


@pytest.mark.parametrize(
    ("log", "cases", "events"),
    [
        ("travel_expenses/DomesticDeclarations.xes.gz", 10_357, 55_628),
        ("helpdesk.xes.gz", 4_580, 21_348),
        ("running-example.xes", 6, 42),
    ],
)
def test_a_real_log_has_the_figures_its_publisher_states(
    examples: Path, extracted: Extract, log: str, cases: int, events: int
) -> None:
    done = extracted((Path(log).name, (examples / "event_logs" / log).read_bytes()))
    (stream,) = done.only.streams
    assert (done.only.format, done.only.drift) == ("event_log__xes", ())
    assert (stream.rows_read, stream.rows_loaded, stream.rows_quarantined) == (events, events, 0)
    found = done.rows("process_events")
    assert (len({row["case_id"] for row in found}), len({row["source_record_id"] for row in found})) == (cases, events)
    if "Domestic" in log:
        assert all(row["amount"] for row in found), "the amount of a case is on every event"
        assert {row["person_source_id"] for row in found if row["is_automated"]} == {"SYSTEM"}


def test_a_real_interval_log_gives_a_start_and_a_completion_a_row(examples: Path, extracted: Extract) -> None:
    content = (examples / "event_logs" / "interval_event_log.csv").read_bytes()
    done = extracted(("intervals.csv", content))
    (stream,) = done.only.streams
    assert (done.only.format, stream.rows_read, stream.rows_loaded) == ("disco__intervals", 8_109, 8_109)
    found = done.rows("process_events")
    assert [sum(row["lifecycle"] == name for row in found) for name in ("start", "complete")] == [8_109, 8_109]
    assert len({row["instance_id"] for row in found}) <= 8_109
    assert len({row["source_record_id"] for row in found}) == 2 * 8_109


def test_csv_and_xes_of_one_real_log_are_the_same_events(examples: Path, extracted: Extract, tmp_path: Path) -> None:
    folder = examples / "event_logs"
    assert recognise(folder / "running-example.csv", load_formats(None), None).name == "event_log__csv"
    of_csv, of_xes = (
        {row["source_record_id"] for row in extracted((name, (folder / name).read_bytes())).rows("process_events")}
        for name in ("running-example.csv", "running-example.xes")
    )
    assert of_csv == of_xes
