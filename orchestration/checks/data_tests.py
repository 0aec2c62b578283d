"""Run dbt's data tests as the SQL that dbt compiled them to, over a build's files attached read-only.

dbt itself takes some 20 ms a test whatever there is to look at: it makes its context, its SQL, its events and its result
anew. Hundreds of tests were a quarter of a refresh. Their SQL depends on the project alone, so it is compiled when the
project is parsed, and a test costs its query.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from orchestration.checks.attached import Attached, first_line
from orchestration.checks.expected import data_test_nodes, test_severity, tested_table
from orchestration.checks.failing_rows import sample_of
from orchestration.checks.results import CheckResult, Status
from orchestration.checks.rules import ROW_ADDRESS, node_meta
from orchestration.checks.time_limit import TimeLimit
from orchestration.stopwatch import Progress

#: Of a table that describes no columns, what says where a row is and nothing of whom it tells.
PLAIN_COLUMNS = ("stream", *ROW_ADDRESS, "row_count")


def run_data_tests(
    build: Attached,
    manifest: Mapping[str, Any],
    queries: Mapping[str, str],
    run_id: str,
    seconds: float,
    tell: Progress | None = None,
) -> list[CheckResult]:
    """Run every data test of ``manifest`` by its query (unique id to SQL) over ``build``.

    One result a test, always: what cannot be run, or takes longer than ``seconds``, has errored. ``tell(name, done, total)`` is
    called after each.
    """
    nodes = data_test_nodes(manifest)
    results: list[CheckResult] = []
    with build.connection.cursor() as connection, TimeLimit(seconds, connection.interrupt) as limit:
        for node in nodes:
            results.append(_run(connection, node, manifest, queries.get(node["unique_id"]), run_id, limit))
            if tell is not None:
                tell(node["name"], len(results), len(nodes))
    return results


def _run(
    connection: Any,
    node: Mapping[str, Any],
    manifest: Mapping[str, Any],
    query: str | None,
    run_id: str,
    limit: TimeLimit,
) -> CheckResult:
    import duckdb

    started = time.perf_counter()
    failures: int | None = None
    problem, sample = "", tuple[dict[str, Any], ...]()
    with limit.each() as watched:
        try:
            if query is None:
                raise LookupError("dbt compiled no query for this test")
            failures = _count(connection, query)
            sample = _sample(connection, query, _shown(node, manifest)) if failures else ()
        except (duckdb.Error, LookupError) as error:
            failures, problem = None, watched.problem or first_line(error)
    status: Status = "errored" if problem else "failed" if failures else "passed"
    return CheckResult(
        rule=node["name"],
        table=tested_table(node, manifest),
        severity=test_severity(node),
        status=status,
        run_id=run_id,
        phase="model",
        rows_failed=failures,
        observed="did not run" if failures is None else f"{failures} rows",
        detail=problem or (f"{failures} rows break the rule; none may." if failures else ""),
        sample=sample,
        owner=str(node_meta(node).get("owner", "")),
        seconds=round(time.perf_counter() - started, 4),
    )


def _count(connection: Any, query: str) -> int:
    row = connection.execute(f"select count(*) from ({query}\n) as failing").fetchone()
    return int(row[0])


def _shown(node: Mapping[str, Any], manifest: Mapping[str, Any]) -> set[str]:
    """Columns of the tested table that a sample may show."""
    table = manifest["nodes"].get(node.get("attached_node")) or {}
    described = {name: node_meta(column) for name, column in (table.get("columns") or {}).items()}
    return {name for name, meta in described.items() if meta.get("classification") == "internal"} or set(PLAIN_COLUMNS)


def _sample(connection: Any, query: str, shown: set[str]) -> tuple[dict[str, Any], ...]:
    """A few failing rows, where the test's query has columns that may be shown."""
    columns = [name for name, *_ in connection.execute(f"describe {query}").fetchall() if name in shown]
    return sample_of(connection, f"({query}\n) as failing", columns) if columns else ()
