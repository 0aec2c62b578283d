"""What killed steps left behind, which nothing reads and which may hold the person. See erase.py."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from connectors.durable import WRITING, fsync_path
from orchestration.closes import UNFINISHED as UNFINISHED_CLOSE
from orchestration.publication.publish import INCOMING
from orchestration.publication.retention import GOING, PINNED
from orchestration.publication.versions import versions_folder
from orchestration.releases import UNFINISHED as UNFINISHED_RELEASE
from orchestration.workspace import Workspace


def remove_leftovers(workspace: Workspace) -> None:
    """Remove what the same step done again would remove or write anew. Call it under the refresh lock: nobody works on them."""
    for path in sorted(_leftovers(workspace)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        fsync_path(path.parent)


def _leftovers(workspace: Workspace) -> Iterator[Path]:
    """A version that was going or coming, a release that was not made, the rows of a month whose close was never decided, and
    what was to take the name of a file.
    """
    versions = versions_folder(workspace.published)
    yield from versions.glob(f"{GOING}*")
    yield from versions.glob(f"{INCOMING}*")
    yield from workspace.releases.glob(f"{UNFINISHED_RELEASE}*")
    yield from workspace.closes.glob(f"*{UNFINISHED_CLOSE}")
    for folder in (
        workspace.data,
        workspace.erasures,
        workspace.closes,
        workspace.annotations,
        workspace.published,
        workspace.published / PINNED,
    ):
        yield from folder.glob(f".*{WRITING}")
    yield from (rows for rows in workspace.closes.glob("*.parquet") if not rows.with_suffix(".json").exists())
