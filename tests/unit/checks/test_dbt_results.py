"""What dbt said of its models becomes CheckResults; what dbt did not build is not taken for a pass."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from orchestration.checks.dbt_results import dbt_check_results


@dataclass
class RunResult:
    """The fields of dbt's RunResult that are read."""

    node: Any
    status: str
    message: str | None = None
    execution_time: float = 0.25


def ran(unique_id: str, kind: str, status: str, **more: Any) -> RunResult:
    node = SimpleNamespace(unique_id=unique_id, resource_type=kind, name=unique_id.split(".")[2])
    return RunResult(node, status, **more)


MODEL = "model.workledger.stg_time_entries"


@pytest.mark.parametrize(
    ("dbt_status", "status"),
    [("success", "passed"), ("error", "errored"), ("skipped", "skipped"), ("something new in dbt", "errored")],
)
def test_a_model_answers_for_itself(manifest: dict[str, Any], dbt_status: str, status: str) -> None:
    (found,) = dbt_check_results([ran(MODEL, "model", dbt_status, message="said")], manifest, "run")
    assert (found.rule, found.table) == ("stg_time_entries__built", "staging.stg_time_entries")
    assert (found.status, found.severity, found.run_id, found.phase) == (status, "blocks", "run", "model")
    assert found.detail == ("" if status == "passed" else "said")


def test_results_of_the_real_dbt_enums_are_understood(manifest: dict[str, Any]) -> None:
    from dbt.artifacts.schemas.results import NodeStatus
    from dbt.node_types import NodeType

    node = SimpleNamespace(unique_id=MODEL, resource_type=NodeType.Model, name="x")
    statuses = [
        dbt_check_results([RunResult(node, status)], manifest, "run")[0].status  # type: ignore[arg-type]
        for status in (NodeStatus.Success, NodeStatus.Error, NodeStatus.Skipped)
    ]
    assert statuses == ["passed", "errored", "skipped"]
