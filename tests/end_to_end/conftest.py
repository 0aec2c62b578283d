"""A workspace of the sample organisation, refreshed once for all end-to-end tests."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orchestration.events import RefreshReport
from orchestration.refresh import refresh
from orchestration.workspace import Workspace


def run_cli(*arguments: str, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own; fails the test on another exit code than ``expect``."""
    command = [str(Path(sys.executable).with_name("workledger")), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    if expect is not None:
        assert done.returncode == expect, f"{command}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done


def refresh_here(workspace: Path, *, force: bool = False) -> RefreshReport:
    """Refresh in this process, which has imported by now what a new one would import for seconds."""
    *_, report = refresh(Workspace(workspace), as_of=date(2026, 11, 20), force=force)
    assert isinstance(report, RefreshReport)
    return report


def last_json(text: str) -> Any:
    """What a ``--json`` command printed."""
    return json.loads(text)


@pytest.fixture(scope="session")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The workspace of a small sample organisation after its first refresh, and the refresh's report. To look at, not to change:
    all processes that run tests share it."""
    from connectors.sample_org.write import write_sample_organisation

    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, report = shared / "sample" / "org", shared / "sample" / "report.json"
    with (shared / "sample.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not report.is_file():
            write_sample_organisation(folder, people=75, months=4, seed=11, until=date(2026, 11, 20))
            report.write_text(run_cli("refresh", "-w", str(folder), "--as-of", "2026-11-20", "--json").stdout)
    return folder, last_json(report.read_text())
