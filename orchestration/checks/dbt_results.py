"""What dbt said, as CheckResults: every data test by its name, every model by ``<model>__built``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orchestration.checks.expected import built_rule, relation_name, tested_table
from orchestration.checks.results import CheckResult, Severity, Status
from orchestration.checks.rules import node_meta

STATUSES: dict[str, Status] = {
    "pass": "passed",
    "success": "passed",
    "warn": "failed",
    "fail": "failed",
    "error": "errored",
    "runtime error": "errored",
    "partial success": "errored",
    "skipped": "skipped",
    "no-op": "skipped",
}
BUILT = ("model", "seed", "snapshot")


def dbt_check_results(results: Iterable[Any], manifest: Mapping[str, Any], run_id: str) -> list[CheckResult]:
    """CheckResults from the results of one ``dbtRunner`` invocation (``invocation.result.results``).

    A unit test that passes is left out: it checks code, not this run's data. An unknown status counts as
    errored.
    """
    found = [_result(result, manifest, run_id) for result in results]
    return [result for result in found if result is not None]


def _result(result: Any, manifest: Mapping[str, Any], run_id: str) -> CheckResult | None:
    unique_id = str(result.node.unique_id)
    kind = str(getattr(result.node.resource_type, "value", result.node.resource_type))
    status = STATUSES.get(str(getattr(result.status, "value", result.status)).lower(), "errored")
    if kind in BUILT:
        node = manifest["nodes"][unique_id]
        return _check(result, built_rule(node["name"]), relation_name(node), "blocks", status, run_id, node)
    if kind == "test":
        node = manifest["nodes"][unique_id]
        severity: Severity = "warns" if str(node["config"].get("severity", "error")).lower() == "warn" else "blocks"
        return _check(result, node["name"], tested_table(node, manifest), severity, status, run_id, node)
    if kind == "unit_test" and status != "passed":
        return _check(result, str(result.node.name), "", "blocks", status, run_id, {})
    return None


def _check(
    result: Any,
    rule: str,
    table: str,
    severity: Severity,
    status: Status,
    run_id: str,
    node: Mapping[str, Any],
) -> CheckResult:
    failures = getattr(result, "failures", None)
    return CheckResult(
        rule=rule,
        table=table,
        severity=severity,
        status=status,
        run_id=run_id,
        phase="model",
        rows_failed=int(failures) if failures is not None and status in ("passed", "failed") else None,
        observed=_observed(failures, status),
        detail="" if status == "passed" else str(result.message or "").strip(),
        owner=str(node_meta(node).get("owner", "")),
        seconds=round(float(getattr(result, "execution_time", 0.0) or 0.0), 4),
    )


def _observed(failures: Any, status: Status) -> str:
    if status in ("errored", "skipped"):
        return "did not run" if status == "errored" else "skipped"
    return "" if failures is None else f"{int(failures)} rows"
