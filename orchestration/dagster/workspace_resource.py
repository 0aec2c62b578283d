"""What a run needs from outside: the workspace, found when the run starts, and who watches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from orchestration.stopwatch import Progress
from orchestration.workspace import Workspace, find_workspace


class WorkspaceResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Names the workspace folder, by default $WORKLEDGER_WORKSPACE."""

    folder: str

    def open(self) -> Workspace:
        """The workspace. Raises WorkledgerError where the folder is none."""
        return find_workspace(Path(self.folder) if self.folder else None)


@dataclass(frozen=True)
class Watcher:
    """Who is told what a run is doing; nobody, where Dagster runs it by itself."""

    progress: Progress | None = None
