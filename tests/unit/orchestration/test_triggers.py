"""When a refresh starts by itself: in the workspace's own working hours, and when files have arrived whole."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.dagster.definitions import refresh
from orchestration.dagster.triggers import new_exports, working_hours
from orchestration.dagster.workspace_resource import WorkspaceResource
from orchestration.publication.hold import HOLD, Hold

CONFIG = """\
zone: Asia/Kolkata
sources:
  scripts:
    files: ["inbox/*.csv"]
    format: workledger__time_entries
policy: {working_weekdays: [sun, mon, tue, wed, thu]}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceResource:
    (tmp_path / "workledger.yaml").write_text(CONFIG)
    (tmp_path / "inbox").mkdir()
    return WorkspaceResource(folder=str(tmp_path))


def _tick(workspace: WorkspaceResource, at: datetime) -> Any:
    context = dg.build_schedule_context(scheduled_execution_time=at, resources={"workspace": workspace})
    return working_hours(refresh)(context)


@pytest.mark.parametrize(
    ("at", "runs"),
    [
        (datetime(2026, 11, 17, 5, 0, tzinfo=UTC), True),  # Tuesday, 10:30 in Kolkata
        (datetime(2026, 11, 22, 5, 0, tzinfo=UTC), True),  # Sunday is a working day there
        (datetime(2026, 11, 20, 5, 0, tzinfo=UTC), False),  # Friday is not
        (datetime(2026, 11, 19, 20, 0, tzinfo=UTC), False),  # Thursday in UTC, Friday 01:30 in Kolkata
        (datetime(2026, 11, 17, 17, 0, tzinfo=UTC), False),  # Tuesday, 22:30
    ],
)
def test_the_schedule_keeps_the_workspaces_hours(workspace: WorkspaceResource, at: datetime, runs: bool) -> None:
    assert isinstance(_tick(workspace, at), dg.RunRequest if runs else dg.SkipReason)


@pytest.mark.parametrize(("deliveries", "runs"), [([], False), (["0123456789abcdef"], True)])
def test_a_tick_under_a_hold_does_not_start_what_could_not_publish(
    workspace: WorkspaceResource, deliveries: list[str], runs: bool
) -> None:
    """A hold on deliveries that are excluded by now holds nothing."""
    hold = Hold("b", "a", "wrong rates", "2026-11-16T10:00:00+00:00", tuple(deliveries))
    published = Path(workspace.folder) / "published"
    published.mkdir()
    (published / HOLD).write_text(json.dumps(asdict(hold)))
    told = _tick(workspace, datetime(2026, 11, 17, 5, 0, tzinfo=UTC))
    assert isinstance(told, dg.RunRequest if runs else dg.SkipReason)
    assert runs or "wrong rates" in str(told.skip_message)


def _look(workspace: WorkspaceResource, cursor: str | None) -> object:
    context = dg.build_sensor_context(cursor=cursor, resources={"workspace": workspace})
    return new_exports(refresh)(context)


def test_the_sensor_asks_once_for_a_file_that_has_arrived(workspace: WorkspaceResource) -> None:
    assert isinstance(_look(workspace, None), dg.SkipReason)
    file = Path(workspace.folder) / "inbox" / "october.csv"
    file.write_text("still growing")
    growing = _look(workspace, None)
    assert isinstance(growing, dg.SkipReason) and "still arrive" in (growing.skip_message or "")
    an_hour_ago = time.time() - 3600
    os.utime(file, (an_hour_ago, an_hour_ago))
    asked = _look(workspace, None)
    assert isinstance(asked, dg.SensorResult) and len(asked.run_requests or []) == 1
    assert isinstance(_look(workspace, asked.cursor), dg.SkipReason)
    file.write_text("changed since then")
    os.utime(file, (an_hour_ago, an_hour_ago))
    again = _look(workspace, asked.cursor)
    assert isinstance(again, dg.SensorResult) and again.cursor != asked.cursor
