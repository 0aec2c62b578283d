"""Run the refresh job in this process, recorded in the workspace's Dagster instance."""

from __future__ import annotations

import logging

import dagster as dg


def run_refresh_job() -> bool:
    """Run job ``refresh`` on $WORKLEDGER_WORKSPACE with $DAGSTER_HOME; False if the run failed or was blocked."""
    from orchestration.dagster.definitions import defs

    logging.getLogger("dagster").setLevel(logging.WARNING)
    with dg.DagsterInstance.get() as instance:
        return defs.resolve_job_def("refresh").execute_in_process(instance=instance, raise_on_error=False).success
