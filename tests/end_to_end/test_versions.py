"""The life of a version, through the command line: proven, compared with the one before, kept or let go."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import refresh_here, run_cli

OLD = ("20250101T000000Z-aaaaaaaa", "20250102T000000Z-bbbbbbbb", "20250103T000000Z-cccccccc")
Refreshed = tuple[Path, dict[str, Any]]


def _json(*arguments: str) -> Any:
    return json.loads(run_cli(*arguments, "--json").stdout)


def _raise_one_entry_by_an_hour(workspace: Path) -> str:
    """A month is exported again, with one entry an hour longer; returns the name of the new file."""
    (month,) = (workspace / "inbox" / "scripts").glob("time_entries_2026-09-01*")
    lines = month.read_text().splitlines()
    cells = lines[1].split(",")
    hours = lines[0].split(",").index("duration_hours")
    cells[hours] = str(float(cells[hours]) + 1)
    again = month.with_name(month.name.partition("_exported")[0] + "_exported_2026-11-19.csv")
    again.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n")
    return again.name


@pytest.fixture(scope="module")
def later(refreshed: Refreshed, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], str]:
    """A copy of the refreshed workspace with three older versions, one pinned, refreshed again; its report and the new file."""
    workspace = Path(shutil.copytree(refreshed[0], tmp_path_factory.mktemp("later") / "org", symlinks=True))
    versions = workspace / "published" / "versions"
    for name in OLD:
        copied = Path(shutil.copytree(versions / refreshed[1]["version"], versions / name))
        manifest = copied / "manifest.json"
        manifest.chmod(0o644)
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "version": name}))
    run_cli("pin", OLD[1], "-w", str(workspace), "--reason", "annual accounts")
    config = workspace / "workledger.yaml"
    text = config.read_text()
    assert text.count("\npolicy:\n") == 1
    config.write_text(text.replace("\npolicy:\n", "\npolicy:\n  keep_versions: 2\n"))
    file = _raise_one_entry_by_an_hour(workspace)
    return workspace, asdict(refresh_here(workspace)), file


def test_old_versions_go_and_a_pinned_one_stays_as_does_one_that_readers_may_be_on_their_way_to(
    refreshed: Refreshed, later: tuple[Path, dict[str, Any], str]
) -> None:
    workspace, report, _ = later
    assert report["published"] is True
    # The last of the old ones was followed by one of this very hour.
    assert list(report["removed_versions"]) == [OLD[0]]
    assert report["retention_problem"] is None
    listed = {entry["version"]: entry["is_pinned"] for entry in _json("versions", "-w", str(workspace))}
    assert listed == {report["version"]: False, refreshed[1]["version"]: False, OLD[1]: True, OLD[2]: False}
    assert "annual accounts" in run_cli("versions", "-w", str(workspace)).stdout


def test_both_versions_and_the_workspace_are_proven(
    refreshed: Refreshed, later: tuple[Path, dict[str, Any], str]
) -> None:
    workspace, report, _ = later
    for version in (report["version"], refreshed[1]["version"]):
        proof = _json("verify", version, "-w", str(workspace))
        assert (proof["version"], proof["findings"]) == (version, [])
        assert proof["verified"]["row_counts"] == proof["verified"]["contracts"] > 30
        assert proof["verified"]["stream_files"] > 40


def test_the_diff_names_the_hour_the_period_and_the_delivery(
    refreshed: Refreshed, later: tuple[Path, dict[str, Any], str]
) -> None:
    workspace, report, file = later
    diff = _json("diff", refreshed[1]["version"], report["version"], "-w", str(workspace))
    assert [(entry["source"], entry["file_name"]) for entry in diff["deliveries_new"]] == [("scripts", file)]
    assert (diff["deliveries_gone"], diff["columns"]) == ([], {})
    activities = [row for row in diff["changed"] if row["table"] == "core.fct_activities"]
    assert [(row["grain"], row["source"], row["rows_gone"], row["rows_new"]) for row in activities] == [
        ("month", "scripts", 1, 1),
        ("week", "scripts", 1, 1),
    ]
    for row in activities:
        was, now = row["totals"]["logged_hours"]
        assert now - was == pytest.approx(1)
    (week,) = [row["period"] for row in activities if row["grain"] == "week"]
    by_team = [row for row in diff["changed"] if row["table"] == "marts.mart_utilisation__team_week"]
    assert {row["period"] for row in by_team if "counted_hours" in row["totals"]} <= {week}
    default = run_cli("diff", "-w", str(workspace)).stdout
    assert file in default
