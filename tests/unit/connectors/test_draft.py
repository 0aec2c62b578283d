"""A draft is a format that loads and reads its file, says what it guessed, and asks where the data cannot tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from pyarrow import parquet

from connectors.column_profile import profile
from connectors.column_roles import guess_roles, guess_stream
from connectors.draft import draft_format
from connectors.format_spec import build_format
from connectors.ledger import DeliveryStream
from connectors.trial import Declared, trial
from data_contracts.errors import WorkledgerError

FIXTURES = Path(__file__).parents[2] / "formats" / "fixtures"


def tried(
    tmp_path: Path, file: Path, stream: str | None = None, **options: str
) -> tuple[dict[str, Any], DeliveryStream]:
    """The drafted document, and what the engine makes of the file by it."""
    text = draft_format(file, "acme__draft", stream)
    folder = tmp_path / "formats"
    folder.mkdir(exist_ok=True)
    (folder / "acme__draft.yaml").write_text(text)
    document = yaml.safe_load(text)
    spec = build_format(document, "draft")
    declared = Declared(zone="Europe/Berlin", options=options)
    with trial(file, {spec.name: spec}, declared, folder) as done:
        return document, done.outcome.streams[0]


@pytest.mark.parametrize(
    ("fixture", "us_loaded"),
    [
        ("toggl_track__detailed/export.csv", 24_300_000_000),
        ("redmine__rest_time_entries/export.json", None),
        ("watson__frames/export.json", None),
    ],
)
def test_drafts_of_known_exports_read_every_row(tmp_path: Path, fixture: str, us_loaded: int | None) -> None:
    document, stream = tried(tmp_path, FIXTURES / fixture)
    assert (stream.stream, stream.rows_quarantined) == ("time_entries", 0)
    assert stream.rows_loaded == stream.rows_read > 0
    if us_loaded is not None:
        assert stream.us_loaded == us_loaded
    assert document["version"] == "0.1.0"


def write(tmp_path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "hours.csv"
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def test_an_order_that_values_prove_becomes_a_default(tmp_path: Path) -> None:
    path = write(tmp_path, "Date;User;Hours", "02.01.2026;Jörg;7,5", "31.01.2026;Jörg;0,25", encoding="windows-1252")
    document, stream = tried(tmp_path, path)
    assert document["read"] == {"kind": "delimited", "delimiter": ";", "encodings": ["utf-8", "windows-1252"]}
    assert document["options"]["date_format"]["default"] == "%d.%m.%Y"
    assert stream.us_loaded == int(7.75 * 3_600_000_000)


def test_an_order_that_is_open_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, "Date,User,Hours", "02/01/2026,Ada,7.5", "03/04/2026,Ada,1")
    document, _ = tried(tmp_path, path, date_format="%d/%m/%Y")
    asked = document["options"]["date_format"]
    assert asked["required"] is True and "default" not in asked
    assert "%d/%m/%Y" in asked["description"] and "%m/%d/%Y" in asked["description"]
    with pytest.raises(WorkledgerError, match="needs 'date_format'"):
        tried(tmp_path, path)


def test_a_preface_is_found_and_every_guess_is_marked(tmp_path: Path) -> None:
    path = write(
        tmp_path, "Timesheet of January", "", "Id,Date,User,Minutes", "1,2026-01-05,Ada,90", "2,2026-01-06,Ada,30"
    )
    text = draft_format(path, "acme__draft")
    document, stream = tried(tmp_path, path)
    assert document["read"]["header_within"] == 3
    assert document["streams"]["time_entries"]["key"] == ['"Id"']
    assert stream.us_loaded == 2 * 3_600_000_000
    columns = text.split("    columns:\n")[1].strip().splitlines()
    assert columns and all("# guess: " in line for line in columns)


def test_what_no_stream_needs_is_kept_and_what_is_missing_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "Colour,Note", "red,x")
    with pytest.raises(WorkledgerError, match="Say it with --stream"):
        draft_format(path, "acme__draft")
    text = draft_format(path, "acme__draft", "absences")
    assert "# start_date: required, and nothing in the file looks like it" in text
    with pytest.raises(WorkledgerError, match="Required columns are not mapped"):
        build_format(yaml.safe_load(text), "draft")


def test_a_kind_without_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(WorkledgerError, match="Export it as CSV"):
        draft_format(path, "acme__draft")


@pytest.mark.parametrize(
    ("values", "kind", "date_format"),
    [
        (["2026-01-05"], "date", None),
        (["2026-01-05 10:00"], "timestamp", None),
        (["2026-01-05T10:00:00Z"], "instant", None),
        (["05/Jan/26 10:17 PM"], "timestamp", "%d/%b/%y %I:%M %p"),
        (["01/02/2026 9:15", "13/02/2026 9:15"], "timestamp", "%d/%m/%Y %H:%M"),
        (["02/13/26"], "date", "%m/%d/%y"),
        (["2026/01/05"], "date", "%Y/%m/%d"),
        (["13/02/2026", "02/13/2026"], "date", None),
        (["1:30", "-0:15:00"], "duration", None),
        (["7,5", "8"], "decimal", None),
        (["ada@example.org"], "email", None),
        ([None, " "], "empty", None),
    ],
)
def test_values_show_what_a_column_is(values: list[str | None], kind: str, date_format: str | None) -> None:
    found = profile("x", values)
    assert (found.kind, found.date_format) == (kind, date_format)


def test_headers_show_what_they_mean() -> None:
    assert guess_roles(
        ["Start_Time", "userEmail", "Task"], ["started_at", "person_email", "task_name", "activity_name"]
    ) == {
        "started_at": "Start_Time",
        "person_email": "userEmail",
        "task_name": "Task",
        "activity_name": "Task",
    }
    assert guess_stream(["Case ID", "Activity", "Timestamp"]) == "process_events"
    assert guess_stream(["Issue key", "Status", "Created"]) == "tasks"
    assert guess_stream(["Nothing", "Known"]) is None


@pytest.mark.parametrize("kind", ["csv", "parquet", "xml"])
def test_any_kind_of_table_is_drafted_alike(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"hours.{kind}"
    if kind == "csv":
        file.write_text("Who,Day,Hours\nada@example.org,2026-01-05,1.5\nbo@example.org,2026-01-06,2\n")
    elif kind == "parquet":
        columns = {
            "Who": ["ada@example.org", "bo@example.org"],
            "Day": ["2026-01-05", "2026-01-06"],
            "Hours": [1.5, 2.0],
        }
        parquet.write_table(pa.table(columns), file)
    else:
        rows = [("ada@example.org", "2026-01-05", "1.5"), ("bo@example.org", "2026-01-06", "2")]
        cells = "".join(
            f"<row><Who>{who}</Who><Day>{day}</Day><Hours>{hours}</Hours></row>" for who, day, hours in rows
        )
        file.write_text(f"<data><made>2026</made><rows>{cells}</rows></data>")
    document, stream = tried(tmp_path, file, "time_entries")
    (headers,) = [document.get("headers") or document["parts"]["records"]["headers"]]
    assert headers["required"] == ["Who", "Day", "Hours"]
    assert (stream.rows_loaded, stream.us_loaded) == (2, 12_600_000_000)


def test_an_event_log_is_not_drafted(tmp_path: Path) -> None:
    (tmp_path / "log.xes").write_text("<log><trace><event/><event/></trace></log>")
    with pytest.raises(WorkledgerError, match="looks like an event log"):
        draft_format(tmp_path / "log.xes", "acme__draft", None)
