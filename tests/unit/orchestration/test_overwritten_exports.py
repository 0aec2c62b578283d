"""A file overwritten under the name that declares its moment: the last content is the later export, whatever its hash."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from orchestration.fingerprint import fingerprint
from orchestration.intake import take_in, what_counts
from orchestration.workspace import Workspace

CONFIG = """\
sources:
  scripts:
    files: ["inbox/*.csv"]
    format: workledger__time_entries
    mode: full
    file_name: 'hours_(?P<extracted_at>\\d{4}-\\d{2}-\\d{2})'
"""
HEADER = "time_entries_record_id,person_email,date_precision,work_date,duration_hours\n"
FIRST, SECOND = (f"{HEADER}1,ada@example.org,day,2026-11-02,{hours}\n" for hours in (7, 8))


def deliver(workspace: Workspace, content: str, hour: int) -> None:
    (workspace.inbox / "hours_2026-11-20.csv").write_text(content)
    list(take_in(workspace, datetime(2026, 11, 20, hour, tzinfo=UTC), lambda *_: None))


def in_order(workspace: Workspace) -> list[str]:
    """Delivery ids as the models put them in order."""
    rows = what_counts(workspace).delivery_streams
    return [row["delivery_id"] for row in sorted(rows, key=lambda row: (row["extracted_at"], row["sha256"]))]


@pytest.mark.parametrize("contents", [(FIRST, SECOND), (SECOND, FIRST)])
def test_the_content_that_lay_there_last_is_the_later_export(tmp_path: Path, contents: tuple[str, str]) -> None:
    workspace = Workspace(tmp_path)
    workspace.inbox.mkdir()
    workspace.config.write_text(CONFIG)
    deliver(workspace, contents[0], 9)
    (before,) = in_order(workspace)
    deliver(workspace, contents[1], 11)
    assert in_order(workspace)[0] == before
    marks = {_mark(workspace)}
    deliver(workspace, contents[0], 13)
    assert in_order(workspace)[-1] == before
    marks.add(_mark(workspace))
    assert len(marks) == 2, "a refresh would find nothing new"


def _mark(workspace: Workspace) -> str:
    return fingerprint(workspace, what_counts(workspace), date(2026, 11, 20), "code")
