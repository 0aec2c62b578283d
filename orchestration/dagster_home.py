"""Where Dagster keeps its runs for a workspace, and how it is started there. Imports no dagster."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from orchestration.workspace import ENVIRONMENT, Workspace

INSTANCE = """\
# Written by workledger. Runs that would write at the same time queue: one at a time.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
event_log_storage:
  module: orchestration.dagster.event_log
  class: PooledSqliteEventLog
  config:
    base_dir: {history}
"""


def dagster_environment(workspace: Workspace) -> dict[str, str]:
    """Environment for Dagster on this workspace; writes its instance file on first use."""
    home = workspace.dagster_home
    workspace.data.mkdir(mode=0o700, exist_ok=True)
    home.mkdir(exist_ok=True)
    instance = home / "dagster.yaml"
    text = INSTANCE.format(history=json.dumps(str(home / "history")))
    if not instance.is_file() or instance.read_text() != text:
        instance.write_text(text)
    return {
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        # Dagster warns its users of its own command's successor, which is another package.
        "PYTHONWARNINGS": "ignore",
        ENVIRONMENT: str(workspace.root),
    }


def dagster_command(port: int) -> list[str]:
    """The command that serves UI, daemon, schedule and sensor on this machine only."""
    dagster = str(Path(sys.executable).with_name("dagster"))
    module = "orchestration.dagster.definitions"
    return [dagster, "dev", "-m", module, "-h", "127.0.0.1", "-p", str(port), "--log-level", "warning"]
