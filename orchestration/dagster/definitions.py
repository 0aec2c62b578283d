"""What Dagster loads. Needs no workspace, no warehouse and no credentials."""

from __future__ import annotations

import dagster as dg

from orchestration.dagster.assets import refresh_assets
from orchestration.dagster.triggers import new_exports, working_hours
from orchestration.dagster.workspace_resource import Watcher, WorkspaceResource

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.assets(refresh_assets),
    executor_def=dg.in_process_executor,
    description="The whole way of a row: deliveries, streams, models, checks, gate, version.",
    # Runs queue here; the workspace's own lock protects against the command line.
    tags={"workledger/writes": "warehouse"},
)

defs = dg.Definitions(
    assets=[refresh_assets],
    jobs=[refresh],
    schedules=[working_hours(refresh)],
    sensors=[new_exports(refresh)],
    resources={"workspace": WorkspaceResource(folder=dg.EnvVar("WORKLEDGER_WORKSPACE")), "watcher": Watcher()},
    executor=dg.in_process_executor,
)
