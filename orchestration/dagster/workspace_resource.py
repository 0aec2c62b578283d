"""The workspace as a Dagster resource: found when a run starts, never when definitions load."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from orchestration.workspace import Workspace, find_workspace


class WorkspaceResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Names the workspace folder, by default $WORKLEDGER_WORKSPACE."""

    folder: str

    def open(self) -> Workspace:
        """The workspace. Raises WorkledgerError where the folder is none."""
        return find_workspace(Path(self.folder) if self.folder else None)
