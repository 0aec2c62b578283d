"""What dbt said becomes CheckResults; what dbt did not run is not taken for a pass."""

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
    failures: int | None = None
    message: str | None = None
    execution_time: float = 0.25


def ran(unique_id: str, kind: str, status: str, **more: Any) -> RunResult:
    node = SimpleNamespace(unique_id=unique_id, resource_type=kind, name=unique_id.split(".")[2])
    return RunResult(node, status, **more)


TEST = "test.workledger.mart_utilisation__team_week__grain.0123456789"
MODEL = "model.workledger.stg_time_entries"


@pytest.mark.parametrize(
    ("dbt_status", "status"),
    [
        ("pass", "passed"),
        ("warn", "failed"),
        ("fail", "failed"),
        ("error", "errored"),
        ("skipped", "skipped"),
        ("something new in dbt", "errored"),
    ],
)
def test_statuses_of_a_test(manifest: dict[str, Any], dbt_status: str, status: str) -> None:
    (found,) = dbt_check_results([ran(TEST, "test", dbt_status, failures=2)], manifest, "run")
    assert (found.rule, found.status) == ("mart_utilisation__team_week__grain", status)
    assert (found.table, found.severity) == ("marts.mart_utilisation__team_week", "blocks")
    assert (found.owner, found.run_id, found.phase) == ("data engineering", "run", "model")


def test_failures_are_counted_only_where_the_test_ran(manifest: dict[str, Any]) -> None:
    failed, skipped = dbt_check_results(
        [
            ran(TEST, "test", "fail", failures=3, message="Got 3 results"),
            ran(TEST, "test", "skipped", failures=0),
        ],
        manifest,
        "run",
    )
    assert (failed.rows_failed, failed.observed, failed.detail) == (3, "3 rows", "Got 3 results")
    assert (skipped.rows_failed, skipped.observed) == (None, "skipped")


@pytest.mark.parametrize(
    ("dbt_status", "status"), [("success", "passed"), ("error", "errored"), ("skipped", "skipped")]
)
def test_a_model_answers_for_itself(manifest: dict[str, Any], dbt_status: str, status: str) -> None:
    (found,) = dbt_check_results([ran(MODEL, "model", dbt_status)], manifest, "run")
    assert (found.rule, found.status, found.severity) == ("stg_time_entries__built", status, "blocks")


def test_unit_tests_speak_only_when_they_fail(manifest: dict[str, Any]) -> None:
    unit = "unit_test.workledger.a_period_is_split"
    assert dbt_check_results([ran(unit, "unit_test", "pass")], manifest, "run") == []
    assert [r.status for r in dbt_check_results([ran(unit, "unit_test", "fail")], manifest, "run")] == ["failed"]


def test_results_of_the_real_dbt_enums_are_understood(manifest: dict[str, Any]) -> None:
    from dbt.artifacts.schemas.results import NodeStatus
    from dbt.node_types import NodeType

    node = SimpleNamespace(unique_id=TEST, resource_type=NodeType.Test, name="x")
    statuses = [
        dbt_check_results([RunResult(node, status)], manifest, "run")[0].status  # type: ignore[arg-type]
        for status in (
            NodeStatus.Pass,
            NodeStatus.Fail,
            NodeStatus.Warn,
            NodeStatus.Error,
            NodeStatus.Skipped,
        )
    ]
    assert statuses == ["passed", "failed", "failed", "errored", "skipped"]
