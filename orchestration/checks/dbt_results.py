"""What dbt said of each model, as CheckResults by ``<model>__built``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orchestration.checks.expected import built_rule, relation_name
from orchestration.checks.results import CheckResult, Status
from orchestration.checks.rules import node_meta

STATUSES: dict[str, Status] = {
    "success": "passed",
    "error": "errored",
    "runtime error": "errored",
    "partial success": "errored",
    "skipped": "skipped",
    "no-op": "skipped",
}
OBSERVED: dict[Status, str] = {"errored": "did not run", "skipped": "skipped"}


def dbt_check_results(results: Iterable[Any], manifest: Mapping[str, Any], run_id: str) -> list[CheckResult]:
    """CheckResults from the results of one ``dbtRunner`` invocation that built models and seeds (``invocation.result.results``).

    An unknown status counts as errored.
    """
    return [_result(result, manifest["nodes"][str(result.node.unique_id)], run_id) for result in results]


def _result(result: Any, node: Mapping[str, Any], run_id: str) -> CheckResult:
    status = STATUSES.get(str(getattr(result.status, "value", result.status)).lower(), "errored")
    return CheckResult(
        rule=built_rule(node["name"]),
        table=relation_name(node),
        severity="blocks",
        status=status,
        run_id=run_id,
        phase="model",
        observed=OBSERVED.get(status, ""),
        detail="" if status == "passed" else str(result.message or "").strip(),
        owner=str(node_meta(node).get("owner", "")),
        seconds=round(float(getattr(result, "execution_time", 0.0) or 0.0), 4),
    )
