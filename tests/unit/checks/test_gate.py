"""The gate's truth table, and the one property that matters: nothing unheard is ever published."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.checks.expected import ExpectedCheck
from orchestration.checks.gate import decide
from orchestration.checks.results import CheckResult, Severity, Status

RUN = "run-2"
BLOCKS = ExpectedCheck("keys", "core.fct_activities", "blocks", "model", "data engineering")
WARNS = replace(BLOCKS, severity="warns")


def result(rule: str = "keys", status: Status = "passed", **more: Any) -> CheckResult:
    fields: dict[str, Any] = {"table": "t", "severity": "blocks", "run_id": RUN, "phase": "model", **more}
    return CheckResult(rule=rule, status=status, **fields)


def test_one_passed_result_of_this_run_publishes() -> None:
    verdict = decide([BLOCKS], [result()], RUN)
    assert verdict.publish
    assert [check.rule for check in verdict.passed] == ["keys"]


@pytest.mark.parametrize(
    ("heard", "observed"),
    [
        ([], "missing"),
        ([result(run_id="run-1")], "stale"),
        ([result(), result()], "duplicate"),
        ([result(), result(status="failed")], "duplicate"),
        ([result(status="failed", observed="3 rows")], "3 rows"),
        ([result(status="errored", observed="did not run")], "did not run"),
        ([result(status="skipped", observed="skipped")], "skipped"),
    ],
)
def test_anything_else_blocks_and_says_why(heard: list[CheckResult], observed: str) -> None:
    verdict = decide([BLOCKS], heard, RUN)
    assert not verdict.publish
    assert [(check.rule, check.observed) for check in verdict.blocked_by] == [("keys", observed)]


@pytest.mark.parametrize("status", ["failed", "errored", "skipped"])
def test_a_check_that_warns_travels_with_the_version(status: Status) -> None:
    verdict = decide([BLOCKS, replace(WARNS, rule="soft")], [result(), result("soft", status, severity="warns")], RUN)
    assert verdict.publish
    assert [check.rule for check in verdict.warnings] == ["soft"]


def test_a_missing_check_that_warns_is_a_warning() -> None:
    verdict = decide([BLOCKS, replace(WARNS, rule="soft")], [result()], RUN)
    assert verdict.publish
    assert [(check.rule, check.observed) for check in verdict.warnings] == [("soft", "missing")]


def test_a_stale_result_beside_a_fresh_one_does_no_harm() -> None:
    assert decide([BLOCKS], [result(run_id="run-1", status="failed"), result()], RUN).publish


def test_a_result_may_raise_the_expected_severity_but_policy_has_the_last_word() -> None:
    failed = result(status="failed", severity="blocks")
    assert not decide([WARNS], [failed], RUN).publish
    assert decide([replace(WARNS, is_overridden=True)], [failed], RUN).publish


def test_a_result_cannot_lower_the_expected_severity() -> None:
    assert not decide([BLOCKS], [result(status="failed", severity="warns")], RUN).publish


def test_a_waived_check_is_named_and_does_not_block() -> None:
    waived = replace(BLOCKS, rule="waived", waiver="until the new export")
    verdict = decide([BLOCKS, waived], [result(), result("waived", "failed")], RUN)
    assert verdict.publish
    assert [check.waiver for check in verdict.waived] == ["until the new export"]


def test_results_nobody_expected_are_reported_and_block_if_they_say_so() -> None:
    passed = decide([BLOCKS], [result(), result("stranger")], RUN)
    assert passed.publish
    assert [check.rule for check in passed.unexpected] == ["stranger"]
    assert not decide([BLOCKS], [result(), result("stranger", "failed")], RUN).publish
    assert decide([BLOCKS], [result(), result("stranger", "failed", severity="warns")], RUN).publish


def test_an_empty_expected_set_publishes_nothing() -> None:
    assert not decide([], [], RUN).publish
    assert not decide([replace(BLOCKS, waiver="all off")], [result()], RUN).publish


RULES = st.sampled_from(["a", "b", "c", "d"])
SEVERITIES = st.sampled_from(get_args(Severity))
EXPECTED = st.lists(
    st.builds(
        ExpectedCheck,
        rule=RULES,
        table=st.just("t"),
        severity=SEVERITIES,
        phase=st.just("model"),
        is_overridden=st.booleans(),
        waiver=st.sampled_from([None, None, None, "a reason"]),
    ),
    unique_by=lambda check: check.rule,
)
RESULTS = st.lists(
    st.builds(
        CheckResult,
        rule=RULES,
        table=st.just("t"),
        severity=SEVERITIES,
        status=st.sampled_from(["passed", "passed", *get_args(Status)]),
        run_id=st.sampled_from([RUN, RUN, "another"]),
        phase=st.just("model"),
    )
)


@given(EXPECTED, RESULTS)
def test_nothing_publishes_unless_every_blocking_check_passed_once_in_this_run(
    expected: list[ExpectedCheck], results: list[CheckResult]
) -> None:
    verdict = decide(expected, results, RUN)
    needed = [check for check in expected if check.severity == "blocks" and check.waiver is None]
    if verdict.publish:
        for check in needed:
            fresh = [r.status for r in results if r.rule == check.rule and r.run_id == RUN]
            assert fresh == ["passed"], check.rule
        assert any(check.waiver is None for check in expected)
    else:
        assert verdict.blocked_by, "a refusal without a reason"


@given(EXPECTED, RESULTS)
def test_every_expected_check_is_accounted_for_exactly_once(
    expected: list[ExpectedCheck], results: list[CheckResult]
) -> None:
    verdict = decide(expected, results, RUN)
    strangers = {result.rule for result in verdict.unexpected} | {"expected_set"}
    blocked = [check.rule for check in verdict.blocked_by if check.rule not in strangers]
    heard = [result.rule for result in (*verdict.passed, *verdict.warnings)] + blocked
    named = heard + [check.rule for check in verdict.waived]
    assert sorted(named) == sorted(check.rule for check in expected)


@given(EXPECTED, RESULTS, st.randoms(use_true_random=False))
def test_the_order_of_results_does_not_matter(
    expected: list[ExpectedCheck], results: list[CheckResult], random: Any
) -> None:
    shuffled = list(results)
    random.shuffle(shuffled)
    assert decide(expected, results, RUN).publish == decide(expected, shuffled, RUN).publish
