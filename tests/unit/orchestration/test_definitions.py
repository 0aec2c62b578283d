"""Dagster loads without a workspace, a warehouse or credentials, and shows the way of a row."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from data_contracts.load import stream_names

SHOW = """
import dagster as dg
from orchestration.dagster.definitions import defs
dg.Definitions.validate_loadable(defs)
graph = defs.resolve_asset_graph()
for key in graph.get_all_asset_keys():
    print("asset", graph.get(key).group_name, "/".join(key.path))
for check in graph.asset_check_keys:
    print("check", check.name)
print("job", defs.resolve_job_def("refresh").name)
"""


def _definitions(tmp_path: Path) -> list[list[str]]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SHOW], capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    return [line.split(" ") for line in done.stdout.splitlines()]


def test_definitions_load_from_package_files_alone(tmp_path: Path) -> None:
    shown = _definitions(tmp_path)
    assets = {words[2]: words[1] for words in shown if words[0] == "asset"}
    assert {f"streams/{name}" for name in stream_names()} <= set(assets)
    assert assets["marts/mart_utilisation__team_week"] == "6_marts"
    assert set(assets.values()) >= {
        "1_streams",
        "2_staging",
        "3_intermediate",
        "4_core",
        "5_gaps",
        "6_marts",
        "7_published",
    }
    assert "time_entries__date_precision__accepted" in {words[1] for words in shown if words[0] == "check"}
    assert ["job", "refresh"] in shown
