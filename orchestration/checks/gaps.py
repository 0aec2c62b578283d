"""Gap models as checks: a gap that blocks stops publication, one that warns travels with the version."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.sql_text import literal
from orchestration.checks.expected import ExpectedCheck, gap_nodes, relation_name
from orchestration.checks.results import CheckResult, json_value
from orchestration.checks.rules import node_meta

SAMPLE_ROWS = 5
SAMPLE_COLUMNS = ("source", "person_key", "start_date", "end_date", "hours_at_stake", "owner", "detail", "remedy")


@dataclass(frozen=True)
class KnownGap:
    """How many gaps of one rule and severity a version has, accepted ones apart. ``hours`` is None where no gap could say."""

    rule: str
    severity: str
    gaps: int
    hours: float | None
    accepted: int = 0


def gap_results(
    state: Path,
    manifest: Mapping[str, Any],
    expected: Iterable[ExpectedCheck],
    run_id: str,
    analyst: Path | None = None,
) -> tuple[list[CheckResult], list[KnownGap]]:
    """One result a gap model and the counts by rule and severity, read from the build.

    A gap fails its check where its own severity is ``blocks``; where policy overrides the rule, every gap
    of it counts by policy's severity. What ``core.fct_gaps`` in ``analyst`` calls accepted does not count. A model that cannot be
    read gives an errored result.
    """
    import duckdb

    overridden = {check.rule for check in expected if check.is_overridden}
    results: list[CheckResult] = []
    known: list[KnownGap] = []
    with duckdb.connect(str(state), read_only=True) as connection:
        _attach_told(connection, analyst)
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
            results.append(_check(node, run_id, counting, "", counts, sample))
    return results, known


def _attach_told(connection: Any, analyst: Path | None) -> None:
    """Put what the list of gaps makes of each into ``told``; nothing where it was not built, so that all of them count."""
    import duckdb

    connection.execute("create temp table told(gap_key varchar, severity varchar, is_accepted boolean)")
    if analyst is None or not analyst.is_file():
        return
    connection.execute(f"attach {literal(analyst)} as analyst (read_only)")
    with contextlib.suppress(duckdb.CatalogException, duckdb.BinderException):
        connection.execute("insert into told select gap_key, severity, is_accepted from analyst.core.fct_gaps")


def _sample(connection: Any, node: Mapping[str, Any], every: bool) -> tuple[dict[str, Any], ...]:
    """The gaps with most at stake among those that count: where, whose, and what to do."""
    where = "where not is_accepted" + ("" if every else " and told_severity = 'blocks'")
    cursor = connection.execute(
        f"select {', '.join(SAMPLE_COLUMNS)} from {_told(node)} {where}"
        f" order by hours_at_stake desc nulls last, gap_key limit {SAMPLE_ROWS}"
    )
    return tuple(
        {name: json_value(value) for name, value in zip(SAMPLE_COLUMNS, row, strict=True) if value is not None}
        for row in cursor.fetchall()
    )


def _counts(connection: Any, node: Mapping[str, Any]) -> list[KnownGap]:
    rows = connection.execute(
        "select told_severity, count(*) filter (where not is_accepted),"
        " sum(hours_at_stake) filter (where not is_accepted)::double,"
        f" count(*) filter (where is_accepted) from {_told(node)} group by told_severity order by told_severity"
    ).fetchall()
    rule = node["name"].removeprefix("gap_")
    return [KnownGap(rule, severity, count, hours, accepted) for severity, count, hours, accepted in rows]


def _told(node: Mapping[str, Any]) -> str:
    """The gaps of a model, each with the severity that counts and whether it is accepted."""
    return (
        "(select found.*, coalesce(told.severity, found.severity) as told_severity,"
        " coalesce(told.is_accepted, false) as is_accepted"
        f' from "{node["schema"]}"."{node["alias"]}" as found left join told on found.gap_key = told.gap_key)'
    )


def _check(
    node: Mapping[str, Any],
    run_id: str,
    failed: int | None,
    problem: str,
    gaps: Sequence[KnownGap] = (),
    sample: tuple[dict[str, Any], ...] = (),
) -> CheckResult:
    accepted = sum(gap.accepted for gap in gaps)
    told = f"{sum(gap.gaps for gap in gaps)} gaps, {failed} count" + (f", {accepted} accepted" if accepted else "")
    return CheckResult(
        rule=node["name"],
        table=relation_name(node),
        severity="blocks",
        status="errored" if failed is None else "failed" if failed else "passed",
        run_id=run_id,
        phase="model",
        rows_failed=failed,
        observed="did not run" if failed is None else told,
        detail=str(sample[0].get("detail", "")) if sample else problem,
        sample=sample,
        owner=str(node_meta(node).get("owner", "")),
    )
