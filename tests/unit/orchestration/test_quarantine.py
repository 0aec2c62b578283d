"""What cannot be read stays in sight until it is read, replaced or given up by a person."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.streams import extract
from data_contracts.errors import WorkledgerError
from orchestration.cli.main import app
from orchestration.disclosure import HIDDEN
from orchestration.initialise import initialise
from orchestration.intake import sources_of, store_of
from orchestration.quarantine import list_quarantine, retry_quarantine
from orchestration.workspace import Workspace

FORMAT = """\
format: acme__hours
version: 1.0.0
description: Hours of a made-up tracker.
read: {kind: delimited}
headers: {required: [Id, Who, Note, Day, Hours]}
streams:
  time_entries:
    key: ['"Id"']
    columns:
      person_email: '"Who"'
      note: '"Note"'
      date_precision: "'day'"
      work_date: parse_date("Day")
      duration_us: parse_hours("Hours")
"""
ROWS = """\
Id,Who,Note,Day,Hours
1,ada@example.org,quiet,2026-01-05,1
2,ada@example.org,quiet,05.01.2026,eight
3,ada@example.org,cut"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = initialise(tmp_path / "ws")
    (root / "workledger.yaml").write_text("sources: {acme: {files: ['inbox/*.csv'], format: acme__hours}}\n")
    (root / "formats" / "acme__hours.yaml").write_text(FORMAT)
    (root / "inbox" / "a.csv").write_text(ROWS)
    take_in(Workspace(root))
    return Workspace(root)


def take_in(workspace: Workspace, hours: int = 0) -> None:
    moment = datetime(2026, 2, 1, tzinfo=UTC) + timedelta(hours=hours)
    list(extract(sources_of(workspace), store_of(workspace), moment))


def mend_format(workspace: Workspace) -> None:
    mended = FORMAT.replace('parse_date("Day")', "parse_date(\"Day\", ['%Y-%m-%d', '%d.%m.%Y'])")
    mended = mended.replace(
        'parse_hours("Hours")', "case when \"Hours\" = 'eight' then hours_us('8') else parse_hours(\"Hours\") end"
    )
    (workspace.formats / "acme__hours.yaml").write_text(mended)


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_rows_are_listed_with_place_value_and_reason(workspace: Workspace) -> None:
    (file,) = list_quarantine(workspace, personal=True)
    assert (file.source, file.file_name, file.rows_quarantined, file.is_present) == ("acme", "a.csv", 2, True)
    entries = {(entry.row or entry.line, entry.column): (entry.value, entry.reason) for entry in file.entries}
    assert entries[2, "work_date"] == ("05.01.2026", 'parse_date("Day") does not give a date')
    assert entries[2, "duration_us"][0] == "eight"
    (line,) = [key for key in entries if key[1] is None]
    assert "cut" in str(entries[line][0])


def test_personal_and_private_text_stays_out_of_a_pipe(workspace: Workspace) -> None:
    printed = run("quarantine", "-w", str(workspace.root)) + run("quarantine", "-w", str(workspace.root), "--json")
    assert "05.01.2026" in printed and HIDDEN in printed
    assert "ada@" not in printed and "quiet" not in printed
    assert "In quarantine: 2 rows of 1 files" in printed


def test_retry_reads_kept_bytes_again_after_a_mended_format(workspace: Workspace) -> None:
    (workspace.inbox / "a.csv").unlink()
    (unchanged,) = retry_quarantine(workspace)
    assert (unchanged.was_mapped_again, unchanged.after) == (False, 2)
    mend_format(workspace)
    printed = run("quarantine", "retry", "-w", str(workspace.root))
    assert "a.csv: 2 rows in quarantine before, 1 row now" in printed
    (file,) = list_quarantine(workspace)
    assert [entry.column for entry in file.entries] == [None]


def test_a_rejected_file_is_listed_and_retried_after_its_format_is_mended(workspace: Workspace) -> None:
    (workspace.inbox / "b.csv").write_text("Id,Person,Note,Day,Hours\n9,ada@example.org,,2026-01-06,2\n")
    take_in(workspace, hours=1)
    rejected = next(file for file in list_quarantine(workspace) if file.file_name == "b.csv")
    assert "'Who'" in str(rejected.problem)
    assert rejected.remedy
    renamed = FORMAT.replace("headers: {", "headers: {renamed: {Who: [Person]}, ")
    (workspace.formats / "acme__hours.yaml").write_text(renamed)
    tried = {entry.file_name: (entry.before, entry.after) for entry in retry_quarantine(workspace)}
    assert tried == {"a.csv": (2, 2), "b.csv": (None, 0)}
    assert [file.file_name for file in list_quarantine(workspace)] == ["a.csv"]


def test_a_mended_export_replaces_and_the_old_rows_stay_listed(workspace: Workspace) -> None:
    (workspace.inbox / "a.csv").write_text(
        ROWS.replace("05.01.2026,eight", "2026-01-05,8").replace("cut", "cut,2026-01-07,1")
    )
    take_in(workspace, hours=1)
    assert "1 more files had been in quarantine" in run("quarantine", "-w", str(workspace.root))
    (old,) = json.loads(run("quarantine", "-w", str(workspace.root), "--all", "--json"))
    assert (old["is_present"], old["rows_quarantined"]) == (False, 2)


def test_a_lost_quarantine_file_is_said_loudly(workspace: Workspace) -> None:
    for path in (workspace.data / "quarantine").glob("*.parquet"):
        path.unlink()
    (file,) = list_quarantine(workspace)
    assert "2 rows are in quarantine, but the file that holds them is gone" in str(file.problem)


def test_an_unknown_source_is_named_with_its_nearest(workspace: Workspace) -> None:
    with pytest.raises(WorkledgerError, match="Did you mean 'acme'"):
        list_quarantine(workspace, "acne")


def test_an_empty_quarantine_says_so(tmp_path: Path) -> None:
    root = initialise(tmp_path / "ws")
    assert "In quarantine: 0 rows" in run("quarantine", "-w", str(root))
    assert "Nothing is in quarantine" in run("quarantine", "retry", "-w", str(root))
