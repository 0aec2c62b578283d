"""Gap models as checks: a gap that blocks stops publication, one that warns travels with the version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.checks.expected import ExpectedCheck, gap_nodes, relation_name
from orchestration.checks.results import CheckResult, json_value
from orchestration.checks.rules import node_meta

SAMPLE_ROWS = 5
SAMPLE_COLUMNS = ("source", "person_key", "start_date", "end_date", "hours_at_stake", "owner", "detail", "remedy")


@dataclass(frozen=True)
class KnownGap:
    """How many gaps of one rule and severity a version has. ``hours`` is None where no gap could say."""

    rule: str
    severity: str
    gaps: int
    hours: float | None


def gap_results(
    state: Path, manifest: Mapping[str, Any], expected: Iterable[ExpectedCheck], run_id: str
) -> tuple[list[CheckResult], list[KnownGap]]:
    """One result a gap model and the counts by rule and severity, read from the build.

    A gap fails its check where its own severity is ``blocks``; where policy overrides the rule, every gap
    of it counts by policy's severity. A model that cannot be read gives an errored result.
    """
    import duckdb

    overridden = {check.rule for check in expected if check.is_overridden}
    results: list[CheckResult] = []
    known: list[KnownGap] = []
    with duckdb.connect(str(state), read_only=True) as connection:
        for node in gap_nodes(manifest):
            try:
                counts = _counts(connection, node)
            except duckdb.Error as error:
                results.append(_check(node, run_id, None, str(error).strip().splitlines()[0]))
                continue
            known += counts
            every = node["name"] in overridden
            counting = sum(gap.gaps for gap in counts if every or gap.severity == "blocks")
            sample = _sample(connection, node, every) if counting else ()
            results.append(_check(node, run_id, counting, "", sum(gap.gaps for gap in counts), sample))
    return results, known


def _sample(connection: Any, node: Mapping[str, Any], every: bool) -> tuple[dict[str, Any], ...]:
    """The gaps with most at stake among those that count: where, whose, and what to do."""
    where = "" if every else "where severity = 'blocks'"
    cursor = connection.execute(
        f'select {", ".join(SAMPLE_COLUMNS)} from "{node["schema"]}"."{node["alias"]}" {where}'
        f" order by hours_at_stake desc nulls last, gap_key limit {SAMPLE_ROWS}"
    )
    return tuple(
        {name: json_value(value) for name, value in zip(SAMPLE_COLUMNS, row, strict=True) if value is not None}
        for row in cursor.fetchall()
    )


def _counts(connection: Any, node: Mapping[str, Any]) -> list[KnownGap]:
    rows = connection.execute(
        f'select severity, count(*), sum(hours_at_stake)::double from "{node["schema"]}"."{node["alias"]}"'
        " group by all order by all"
    ).fetchall()
    return [KnownGap(node["name"].removeprefix("gap_"), severity, count, hours) for severity, count, hours in rows]


def _check(
    node: Mapping[str, Any],
    run_id: str,
    failed: int | None,
    problem: str,
    gaps: int = 0,
    sample: tuple[dict[str, Any], ...] = (),
) -> CheckResult:
    return CheckResult(
        rule=node["name"],
        table=relation_name(node),
        severity="blocks",
        status="errored" if failed is None else "failed" if failed else "passed",
        run_id=run_id,
        phase="model",
        rows_failed=failed,
        observed="did not run" if failed is None else f"{gaps} gaps, {failed} count",
        detail=str(sample[0].get("detail", "")) if sample else problem,
        sample=sample,
        owner=str(node_meta(node).get("owner", "")),
    )
