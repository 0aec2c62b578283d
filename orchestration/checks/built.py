"""What became of each model, as CheckResults by ``<model>__built``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orchestration.build import BuildStatus, BuiltModel
from orchestration.checks.expected import built_rule, relation_name
from orchestration.checks.results import CheckResult
from orchestration.checks.rules import node_meta

OBSERVED: Mapping[BuildStatus, str] = {"passed": "", "errored": "did not run", "skipped": "skipped"}


def built_results(results: Iterable[BuiltModel], manifest: Mapping[str, Any], run_id: str) -> list[CheckResult]:
    """One result a model or seed that was to be built; its node in dbt's ``manifest`` names the table and the owner."""
    return [_result(result, manifest["nodes"][result.model.unique_id], run_id) for result in results]


def _result(result: BuiltModel, node: Mapping[str, Any], run_id: str) -> CheckResult:
    return CheckResult(
        rule=built_rule(node["name"]),
        table=relation_name(node),
        severity="blocks",
        status=result.status,
        run_id=run_id,
        phase="model",
        observed=OBSERVED[result.status],
        detail=result.problem,
        owner=str(node_meta(node).get("owner", "")),
        seconds=round(result.seconds, 4),
    )
