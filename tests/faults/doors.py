"""``python -m tests.faults.doors cli|dagster WORKSPACE [die]``: a refresh with stand-ins for the models, through either door.

With ``die`` it is killed when all checks have spoken and nothing is published yet.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.faults.plain_models import use_plain_models


def main(door: str, folder: str, *more: str) -> int:
    """Refresh. Returns 1 where Dagster's run failed."""
    from orchestration import refresh

    use_plain_models()
    if more:
        refresh.decide = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment,attr-defined]
    if door == "cli":
        from orchestration.cli.main import main as command_line

        sys.argv = ["workledger", "refresh", "-w", folder]
        command_line()
        return 0
    from orchestration.dagster.run import run_refresh_job
    from orchestration.dagster_home import dagster_environment
    from orchestration.workspace import Workspace

    os.environ.update(dagster_environment(Workspace(Path(folder))))
    return int(not run_refresh_job(lambda *_: None))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
