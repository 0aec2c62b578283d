"""Rules as Great Expectations suites, run as SQL over a build's DuckDB files.

Each table is seen through a view beside the attached files. Great Expectations is imported on the first run only: that import
costs seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from connectors.sql_text import quoted
from orchestration.checks.attached import Attached, first_line
from orchestration.checks.failing_rows import describe_failure
from orchestration.checks.gx_import import import_great_expectations
from orchestration.checks.gx_memory import remembered
from orchestration.checks.plain_rules import PLAIN, plain_outcome
from orchestration.checks.results import CheckResult
from orchestration.checks.rules import Rule, TableRules
from orchestration.checks.time_limit import TimeLimit

# Figures of a rule cost a query each, and more bookkeeping than its verdict: only a rule that fails is asked for them.
VERDICT = {"result_format": "BOOLEAN_ONLY"}
FIGURES = {"result_format": "BASIC", "partial_unexpected_count": 0}


def run_suites(build: Attached, tables: Sequence[TableRules], run_id: str, seconds: float) -> list[CheckResult]:
    """Run every rule of ``tables`` over ``build``.

    One result a rule, always: a file, table or column that is not there, or a table that takes longer than ``seconds``, gives
    errored results, never a missing one.
    """
    wanted = [table for table in tables if table.rules]
    if not wanted:
        return []
    with build.connection.cursor() as connection, TimeLimit(seconds, connection.interrupt) as limit:
        problems = [build.problems.get(table.catalog) or _make_view(connection, table) for table in wanted]
        results = [
            _errored(table, rule, run_id, problem)
            for table, problem in zip(wanted, problems, strict=True)
            if problem
            for rule in table.rules
        ]
        present = [table for table, problem in zip(wanted, problems, strict=True) if not problem]
        results += [
            _plain(connection, table, rule, run_id, limit)
            for table in present
            for rule in table.rules
            if rule.kind in PLAIN
        ]
        with_suite = [table for table in present if _expected_of(table)]
        return results + (_validate(connection, with_suite, run_id, seconds) if with_suite else [])


def _expectation(rule: Rule) -> Any:
    import great_expectations.expectations as gxe

    meta = {"rule": rule.rule}
    if rule.kind == "accepted":
        return gxe.ExpectColumnValuesToBeInSet(column=rule.column, value_set=list(rule.accepted), meta=meta)
    return gxe.ExpectColumnValuesToBeBetween(
        column=rule.column, min_value=rule.minimum, max_value=rule.maximum, meta=meta
    )


def _make_view(connection: Any, table: TableRules) -> str:
    """Make the view a suite reads; the reason where it cannot be made."""
    import duckdb

    relation = ".".join(quoted(part) for part in (table.catalog, table.schema, table.table))
    try:
        connection.execute(f"create or replace view {quoted(_view(table))} as select * from {relation}")
    except duckdb.Error as error:
        return first_line(error)
    return ""


def _validate(connection: Any, tables: Sequence[TableRules], run_id: str, seconds: float) -> list[CheckResult]:
    results: list[CheckResult] = []
    cursor = connection.cursor()
    with _datasource(cursor) as datasource, remembered(), TimeLimit(seconds, cursor.interrupt) as limit:
        for table in tables:
            with limit.each() as watched:
                found = _validate_table(cursor, datasource, table, run_id)
            if watched.was_stopped:
                found = [_errored(table, rule, run_id, watched.problem) for rule in _expected_of(table)]
            results += found
    return results


@contextmanager
def _datasource(cursor: Any) -> Iterator[Any]:
    gx = import_great_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from sqlalchemy.pool import StaticPool

    from orchestration.checks import gx_dialect

    gx_dialect.register()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    # An ephemeral context writes all its settings as YAML, into memory, for every table that it hears of: an eighth of its time.
    context.variables.save = lambda: None
    datasource = context.data_sources.add_sql(
        "build",
        connection_string=f"{gx_dialect.NAME}:///:memory:",
        create_temp_table=False,
        kwargs={"poolclass": StaticPool, "connect_args": {"over": cursor}},
    )
    try:
        yield datasource
    finally:
        datasource.get_execution_engine().close()
        datasource.get_engine().dispose()


def _validate_table(connection: Any, datasource: Any, table: TableRules, run_id: str) -> list[CheckResult]:
    started = time.perf_counter()
    rules = _expected_of(table)
    try:
        asset = datasource.add_table_asset(_view(table), table_name=_view(table))
        batch = asset.add_batch_definition_whole_table("whole").get_batch()
        outcomes = _outcomes(batch, rules, VERDICT)
        outcomes |= _outcomes(batch, [rule for rule in rules if _has_failed(outcomes.get(rule.rule))], FIGURES)
        rows = _count(connection, table)
    except Exception as error:
        return [_errored(table, rule, run_id, first_line(error)) for rule in rules]
    seconds = (time.perf_counter() - started) / len(rules)
    return [_result(connection, table, rule, outcomes.get(rule.rule), rows, run_id, seconds) for rule in rules]


def _outcomes(batch: Any, rules: Sequence[Rule], result_format: Mapping[str, Any]) -> dict[str, Any]:
    """What Great Expectations returned of each rule, by the rule's id."""
    if not rules:
        return {}
    gx = import_great_expectations()
    suite = gx.ExpectationSuite(name="rules", expectations=[_expectation(rule) for rule in rules])
    outcomes = batch.validate(suite, result_format=dict(result_format)).results
    return {outcome.expectation_config.meta["rule"]: outcome for outcome in outcomes}


def _has_failed(outcome: Any) -> bool:
    return outcome is not None and not outcome.success and not _exception(outcome.exception_info)


def _count(connection: Any, table: TableRules) -> int:
    (count,) = connection.execute(f"select count(*) from {quoted(_view(table))}").fetchone()
    return int(count)


def _plain(connection: Any, table: TableRules, rule: Rule, run_id: str, limit: TimeLimit) -> CheckResult:
    import duckdb

    started = time.perf_counter()
    with limit.each() as watched:
        try:
            outcome = plain_outcome(connection, _view(table), table, rule)
        except duckdb.Error as error:
            return _errored(table, rule, run_id, watched.problem or first_line(error))
    return CheckResult(
        rule=rule.rule,
        table=table.name,
        severity=rule.severity,
        status="failed" if outcome.detail else "passed",
        run_id=run_id,
        phase=table.phase,
        rows_failed=outcome.rows_failed,
        observed=outcome.observed,
        detail=outcome.detail,
        owner=rule.owner,
        seconds=round(time.perf_counter() - started, 4),
    )


def _expected_of(table: TableRules) -> list[Rule]:
    return [rule for rule in table.rules if rule.kind not in PLAIN]


def _result(
    connection: Any, table: TableRules, rule: Rule, outcome: Any, rows: int, run_id: str, seconds: float
) -> CheckResult:
    if outcome is None:
        return _errored(table, rule, run_id, "Great Expectations returned no outcome for this rule")
    problem = _exception(outcome.exception_info)
    if problem:
        return _errored(table, rule, run_id, problem)
    failed, looked_at = (0, rows) if outcome.success else _counted(outcome.result)
    detail, sample = ("", ()) if outcome.success else describe_failure(connection, _view(table), table, rule)
    return CheckResult(
        rule=rule.rule,
        table=table.name,
        severity=rule.severity,
        status="passed" if outcome.success else "failed",
        run_id=run_id,
        phase=table.phase,
        rows_failed=failed,
        observed=f"{failed} of {looked_at} rows",
        detail=detail,
        sample=sample,
        owner=rule.owner,
        seconds=round(seconds, 4),
    )


def _counted(result: Mapping[str, Any]) -> tuple[int, int]:
    return int(result["unexpected_count"]), int(result["element_count"])


def _exception(info: Mapping[str, Any] | None) -> str:
    """The first exception message of an outcome: Great Expectations reports either one record or one a
    metric.
    """
    if not info:
        return ""
    records = [info] if "raised_exception" in info else list(info.values())
    messages = [str(record.get("exception_message")) for record in records if record.get("raised_exception")]
    return messages[0].strip().splitlines()[0] if messages else ""


def _errored(table: TableRules, rule: Rule, run_id: str, problem: str) -> CheckResult:
    return CheckResult(
        rule=rule.rule,
        table=table.name,
        severity=rule.severity,
        status="errored",
        run_id=run_id,
        phase=table.phase,
        observed="did not run",
        detail=problem,
        owner=rule.owner,
    )


def _view(table: TableRules) -> str:
    return f"{table.catalog}__{table.schema}__{table.table}"
