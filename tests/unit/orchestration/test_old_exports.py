"""Exports go by age; what was made of them stays, and says that it can no longer be read again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.intake import let_old_bytes_go, store_of, take_in, what_counts
from orchestration.verification import verify
from orchestration.workspace import Workspace

CONFIG = """\
sources:
  tracker: {files: ["inbox/*.csv"], format: acme__hours}
"""
FORMAT = """\
format: acme__hours
version: 1.0.0
description: Hours of a made-up tracker.
read: {kind: delimited}
headers: {required: [Id, Who, Day, Hours]}
streams:
  time_entries:
    from: select * from export
    key: ['"Id"']
    columns:
      person_email: '"Who"'
      date_precision: "'day'"
      work_date: parse_date("Day")
      duration_us: parse_hours("Hours")
"""
FIRST, LATER = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC)
LONG_AGO = datetime(2026, 2, 1, tzinfo=UTC)


def take(workspace: Workspace, at: datetime) -> list[str | None]:
    return [delivered.problem for delivered in take_in(workspace, at, lambda *_: None)]


def write(workspace: Workspace, name: str, hours: str) -> None:
    (workspace.inbox / name).write_text(f"Id,Who,Day,Hours\n{name},ada@example.org,2026-01-02,{hours}\n")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two exports of January, the second of which came again in March, and one of which a row could not be read."""
    workspace = Workspace(tmp_path)
    for folder in (workspace.inbox, workspace.formats):
        folder.mkdir()
    workspace.config.write_text(CONFIG)
    (workspace.formats / "acme__hours.yaml").write_text(FORMAT)
    for name, hours in (("old.csv", "1"), ("again.csv", "2"), ("torn.csv", "many")):
        write(workspace, name, hours)
    assert take(workspace, FIRST) == [None, None, None]
    (workspace.inbox / "again.csv").rename(workspace.inbox / "and_again.csv")
    take(workspace, LATER)
    return workspace


def kept(workspace: Workspace) -> int:
    return len(list((workspace.data / "deliveries").glob("*/*")))


def test_what_came_long_ago_and_not_since_goes(workspace: Workspace) -> None:
    before = what_counts(workspace)
    assert let_old_bytes_go(workspace, LONG_AGO, LATER) == 2
    assert kept(workspace) == 1
    assert what_counts(workspace) == before
    assert verify(workspace).findings == ()
    assert let_old_bytes_go(workspace, LONG_AGO, LATER) == 0
    assert let_old_bytes_go(workspace, LATER + timedelta(days=1), LATER) == 1


def test_a_format_that_changed_reads_again_what_is_there_and_says_what_is_not(workspace: Workspace) -> None:
    let_old_bytes_go(workspace, LONG_AGO, LATER)
    path = workspace.formats / "acme__hours.yaml"
    path.write_text(FORMAT.replace("1.0.0", "1.1.0"))
    take(workspace, LATER + timedelta(days=1))
    counting = what_counts(workspace)
    assert sorted(row["format_version"] for row in counting.delivery_streams) == ["1.0.0", "1.0.0", "1.1.0", "1.1.0"]
    said = {row["file_name"]: row["detail"] for row in counting.problems if row["rule"] == "unreachable"}
    assert set(said) == {"inbox/old.csv", "inbox/torn.csv"}
    assert "old" in said["inbox/old.csv"]


def test_an_old_export_that_comes_again_is_known_and_not_kept(workspace: Workspace) -> None:
    let_old_bytes_go(workspace, LONG_AGO, LATER)
    write(workspace, "old.csv", "1")
    take(workspace, LATER + timedelta(days=1))
    assert kept(workspace) == 1
    assert not any(store_of(workspace).scratch.iterdir())
    assert verify(workspace).findings == ()
