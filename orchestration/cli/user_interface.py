"""The command that opens the Dagster UI on a workspace."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli import render
from orchestration.cli.app import WorkspaceOption, app
from orchestration.workspace import find_workspace


@app.command()
def ui(
    workspace: WorkspaceOption = None,
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 3000,
) -> None:
    """Open the Dagster UI: assets, checks, runs, the schedule and the sensor."""
    from orchestration.dagster_home import dagster_command, dagster_environment

    found = find_workspace(workspace)
    render.out.print(
        f"Dagster for {found.root}: http://127.0.0.1:{port}  (stop with Ctrl-C; up in about 20 s)", markup=False
    )
    import os

    command = dagster_command(port)
    os.execvpe(command[0], command, {**os.environ, **dagster_environment(found)})
