"""Run the refresh job in this process, recorded in the workspace's Dagster instance."""

import dagster as dg

from orchestration.dagster.workspace_resource import Watcher
from orchestration.stopwatch import Progress


def run_refresh_job(progress: Progress) -> bool:
    """Run job ``refresh`` on $WORKLEDGER_WORKSPACE with $DAGSTER_HOME; False if the run failed or was blocked."""
    from orchestration.dagster.definitions import defs

    with dg.DagsterInstance.get() as instance:
        result = defs.resolve_job_def("refresh").execute_in_process(
            instance=instance,
            raise_on_error=False,
            resources={"watcher": Watcher(progress)},
            # The caller tells what happened; the run's log is in the UI.
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    return result.success
