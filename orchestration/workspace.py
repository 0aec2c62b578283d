"""A workspace: the user's folder, where its parts lie and how it is found."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    from orchestration.settings import Settings

CONFIG = "workledger.yaml"
ENVIRONMENT = "WORKLEDGER_WORKSPACE"


@dataclass(frozen=True)
class Workspace:
    """A folder with a ``workledger.yaml``; all paths below it are derived here and nowhere else."""

    root: Path

    @cached_property
    def settings(self) -> Settings:
        """The checked settings. Raises WorkledgerError."""
        # Imported here: building the settings model costs more than a command that only finds a workspace may take.
        from orchestration.settings import load_settings

        return load_settings(self.config)

    @property
    def config(self) -> Path:
        return self.root / CONFIG

    @property
    def formats(self) -> Path:
        return self.root / "formats"

    @property
    def reference(self) -> Path:
        return self.root / "reference"

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def builds(self) -> Path:
        return self.data / "builds"

    @property
    def annotations(self) -> Path:
        return self.data / "annotations"

    @property
    def closes(self) -> Path:
        return self.data / "closes"

    @property
    def releases(self) -> Path:
        return self.data / "releases"

    @property
    def erasures(self) -> Path:
        return self.data / "erasures"

    @property
    def gap_spells(self) -> Path:
        return self.data / "gap_spells.parquet"

    @property
    def lock(self) -> Path:
        return self.data / "refresh.lock"

    @property
    def key_salt(self) -> Path:
        return self.data / "person_key_salt"

    @property
    def dagster_home(self) -> Path:
        return self.data / "dagster"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def analyst_file(self) -> Path:
        """The current version's file for analysts."""
        return self.published / "current" / "analyst.duckdb"


def find_workspace(named: Path | None, start: Path | None = None) -> Workspace:
    """The workspace that is meant: named, else $WORKLEDGER_WORKSPACE, else the nearest parent with a config.

    Raises WorkledgerError where there is none.
    """
    if named is None and (from_environment := os.environ.get(ENVIRONMENT)):
        named = Path(from_environment)
    if named is not None:
        root = named.expanduser().resolve()
        if root.is_file():
            raise WorkledgerError(
                "A workspace is a folder, and this is a file",
                where=str(root),
                remedy=f"Name the folder: {root.parent}" if root.name == CONFIG else "Name the workspace's folder.",
            )
        if not (root / CONFIG).is_file():
            raise WorkledgerError(
                f"There is no {CONFIG} in this folder",
                where=str(root),
                remedy=f"Make a workspace with: workledger init {named}",
            )
        return Workspace(root)
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / CONFIG).is_file():
            return Workspace(folder)
    raise WorkledgerError(
        f"No {CONFIG} in this folder or above it",
        where=str(here),
        remedy="Name the workspace with -w FOLDER, or make one with: workledger init FOLDER",
    )
