"""A build starts from empty files unless a model needs what the version before holds; what runs leave is the owner's alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.ledger import open_ledger
from orchestration.dagster_home import dagster_environment
from orchestration.models import builds_on_the_last_version
from orchestration.publication.lock import refresh_lock
from orchestration.workspace import Workspace


def manifest(*materialized: str) -> dict[str, Any]:
    nodes = {str(number): {"config": {"materialized": kind}} for number, kind in enumerate(materialized)}
    return {"nodes": {**nodes, "test": {"config": None}}}


@pytest.mark.parametrize("kind", ["incremental", "snapshot"])
def test_only_a_model_that_adds_to_itself_needs_the_last_version(kind: str) -> None:
    assert not builds_on_the_last_version(manifest("table", "view", "seed", "test"))
    assert builds_on_the_last_version(manifest("table", kind))


@pytest.mark.parametrize("first", ["lock", "ledger", "dagster"])
def test_whoever_makes_the_data_folder_keeps_it_private(tmp_path: Path, first: str) -> None:
    workspace = Workspace(tmp_path)
    if first == "lock":
        with refresh_lock(workspace.lock, "run"):
            pass
    elif first == "ledger":
        with open_ledger(workspace.data / "ledger.db"):
            pass
    else:
        dagster_environment(workspace)
    assert workspace.data.stat().st_mode & 0o777 == 0o700
