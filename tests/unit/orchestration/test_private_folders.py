"""What runs leave is the owner's alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.ledger import open_ledger
from orchestration.dagster_home import dagster_environment
from orchestration.publication.lock import refresh_lock
from orchestration.workspace import Workspace


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
