"""A preview says what a refresh would make of a file, keeps nothing and gives no notes away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.trial import Declared
from data_contracts.errors import WorkledgerError
from orchestration.cli.main import app
from orchestration.initialise import initialise
from orchestration.preview import preview
from orchestration.workspace import Workspace

TOGGL = (
    "User,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,Duration,Tags,Colour\n"
    "Ada Byron,ada@example.org,,Engine,Design,Salary talk,Yes,2026-01-05,09:00:00,2026-01-05,10:30:00,01:30:00,,red\n"
    "Ada Byron,ada@example.org,,Engine,Design,,Yes,2026-13-05,09:00:00,2026-01-05,10:30:00,01:30:00,,red\n"
)
DECLARED = Declared(zone="Europe/Berlin")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "outside" / "toggl [a].csv"
    path.parent.mkdir()
    path.write_text(TOGGL)
    return path


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == code, done.output
    return done.stdout


def test_it_says_format_account_rows_quarantine_and_warnings(export: Path) -> None:
    found = preview(export, None, DECLARED, personal=True)
    assert (found.format, found.source) == ("toggl_track__detailed", None)
    assert "All 9 headers that it requires are there" in found.why[0]
    (stream,) = found.streams
    assert (stream.rows_read, stream.rows_loaded, stream.rows_quarantined, stream.hours_loaded) == (2, 1, 1, 1.5)
    row = dict(zip(stream.columns, stream.rows[0], strict=True))
    assert (row["_row"], row["person_email"], row["duration_us"]) == (1, "ada@example.org", 5_400_000_000)
    assert {(entry.row, entry.column) for entry in found.quarantine} == {(2, "started_at"), (2, "work_date")}
    assert any("'Colour'" in warning for warning in found.warnings)
    assert any("mode: full" in warning for warning in found.warnings)


def test_notes_are_never_given_and_names_only_to_the_person_at_the_terminal(export: Path) -> None:
    for personal in (True, False):
        text = json.dumps(preview(export, None, DECLARED, personal).as_json(), default=str)
        assert "Salary talk" not in text
        assert ("ada@example.org" in text) is personal
    printed = run("preview", str(export), "--zone", "Europe/Berlin")
    assert "Salary" not in printed and "Ada" not in printed and "hidden: person_email, person_name" in printed
    assert "ada@example.org" in run("preview", str(export), "--zone", "Europe/Berlin", "--personal")


def test_nothing_is_kept(export: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    preview(export, None, DECLARED, personal=False)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_source_of_the_workspace_declares_for_its_files(tmp_path: Path) -> None:
    root = initialise(tmp_path / "ws")
    (root / "workledger.yaml").write_text(
        "zone: Asia/Tokyo\nsources: {mine: {files: ['inbox/mine/*.csv'], mode: full, format: toggl_track__detailed}}\n"
    )
    (root / "inbox" / "mine").mkdir()
    export = root / "inbox" / "mine" / "a.csv"
    export.write_text(TOGGL)
    found = preview(export, Workspace(root), Declared(), personal=True)
    assert (found.source, found.why[0].split(".")[0]) == ("mine", "Source mine in workledger")
    row = dict(zip(found.streams[0].columns, found.streams[0].rows[0], strict=True))
    assert row["started_at"].hour == 0
    assert not any("mode: full" in warning for warning in found.warnings)
    assert not (root / "data").exists()


def test_a_file_that_would_be_rejected_says_why_in_one_paragraph(export: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkledgerError, match=r"needs 'zone'.*--zone"):
        preview(export, None, Declared(), personal=False)
    unknown = tmp_path / "unknown.csv"
    unknown.write_text("a,b\n1,2\n")
    with pytest.raises(WorkledgerError, match="No format recognises"):
        preview(unknown, None, DECLARED, personal=False)
    with pytest.raises(WorkledgerError, match="no such file"):
        preview(tmp_path / "absent.csv", None, DECLARED, personal=False)


def test_formats_are_listed_with_vendor_streams_and_tested_files() -> None:
    known = {entry["name"]: entry for entry in json.loads(run("formats", "--json"))}
    toggl = known["toggl_track__detailed"]
    assert (toggl["vendor"], toggl["streams"], toggl["needs"]) == ("Toggl Track", ["time_entries"], ["zone"])
    assert toggl["tested_files"] == ["broken.csv", "export.csv"]
    assert all(entry["tested_files"] for entry in known.values())
    assert "toggl_track__detailed" in run("formats")


def test_a_template_is_a_header_that_its_format_recognises(tmp_path: Path) -> None:
    path = tmp_path / "hours.csv"
    header = run("template", "time_entries", "--no-explain")
    values = {
        "time_entries_record_id": "r1",
        "date_precision": "day",
        "work_date": "2026-01-05",
        "duration_hours": "7:30",
    }
    path.write_text(header + ",".join(values.get(name, "") for name in header.strip().split(",")) + "\n")
    found = preview(path, None, Declared(), personal=True)
    assert (found.format, found.streams[0].hours_loaded) == ("workledger__time_entries", 7.5)


def test_a_template_explains_its_contract() -> None:
    done = CliRunner().invoke(app, ["template", "time_entries"])
    assert "duration_hours  (optional; hours, 7.5 or 7:30)" in done.stderr
    assert "date_precision  (required; one of instant, day, period)" in done.stderr
    failed = CliRunner().invoke(app, ["template", "timeentries"])
    assert isinstance(failed.exception, WorkledgerError)


def test_a_draft_is_called_one_until_its_guesses_are_checked(tmp_path: Path) -> None:
    root = initialise(tmp_path / "ws")
    export = root / "inbox" / "hours.csv"
    export.write_text("Id,Date,User,Hours\n1,2026-01-05,Ada,7.5\n2,2026-01-06,Ada,8\n")
    printed = run("formats", "new", str(export), "--name", "acme__hours", "-w", str(root))
    assert "Wrote" in printed
    draft = root / "formats" / "acme__hours.yaml"
    found = preview(export, Workspace(root), Declared(), personal=True)
    assert (found.format, found.streams[0].hours_loaded) == ("acme__hours", 15.5)
    assert "acme__hours is a draft" in found.warnings[0]
    draft.write_text("\n".join(line.split("  # guess")[0] for line in draft.read_text().splitlines()))
    assert not any(
        "draft" in warning for warning in preview(export, Workspace(root), Declared(), personal=True).warnings
    )
    refused = CliRunner().invoke(app, ["formats", "new", str(export), "--name", "acme__hours", "-w", str(root)])
    assert "exists already" in str(refused.exception)
