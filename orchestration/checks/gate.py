"""The gate: may this build become the version that readers see? A pure function of what was expected and
what was heard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from orchestration.checks.expected import ExpectedCheck
from orchestration.checks.results import CheckResult, Severity


@dataclass(frozen=True)
class Verdict:
    """What the gate decided, with every reason.

    ``blocked_by`` and ``warnings`` hold results with the severity that counted; a check nobody heard from
    is there as an errored result that says so. ``unexpected`` are results that no contract, manifest or
    policy asked for.
    """

    publish: bool
    blocked_by: tuple[CheckResult, ...] = ()
    warnings: tuple[CheckResult, ...] = ()
    passed: tuple[CheckResult, ...] = ()
    waived: tuple[ExpectedCheck, ...] = ()
    unexpected: tuple[CheckResult, ...] = ()


def decide(expected: Iterable[ExpectedCheck], results: Iterable[CheckResult], run_id: str) -> Verdict:
    """Publish only if every expected check that blocks has exactly one result of this run and it passed.

    Missing, errored, skipped, stale (of another run), duplicate and failed all count, by the expected
    severity. A result nobody expected is reported, and blocks if it is of this run, says so itself and did
    not pass. No expected check at all blocks.
    """
    expected = tuple(expected)
    heard: dict[str, list[CheckResult]] = defaultdict(list)
    for result in results:
        heard[result.rule].append(result)
    judged = [_judge(check, heard.get(check.rule, []), run_id) for check in expected if check.waiver is None]
    unexpected = _unexpected(expected, heard)
    blocked = [result for result in judged if result.status != "passed" and result.severity == "blocks"]
    blocked += [result for result in unexpected if _blocks_unasked(result, run_id)]
    if not judged:
        blocked.append(_nothing_expected(run_id))
    return Verdict(
        publish=not blocked,
        blocked_by=tuple(blocked),
        warnings=tuple(result for result in judged if result.status != "passed" and result.severity == "warns"),
        passed=tuple(result for result in judged if result.status == "passed"),
        waived=tuple(check for check in expected if check.waiver is not None),
        unexpected=unexpected,
    )


def _judge(check: ExpectedCheck, heard: Sequence[CheckResult], run_id: str) -> CheckResult:
    fresh = [result for result in heard if result.run_id == run_id]
    if len(fresh) == 1:
        return replace(fresh[0], severity=_severity(check, fresh[0]))
    if len(fresh) > 1:
        statuses = ", ".join(result.status for result in fresh)
        return _unheard(check, run_id, "duplicate", f"{len(fresh)} results of this run: {statuses}")
    if heard:
        return _unheard(check, run_id, "stale", f"The only result is of run {heard[-1].run_id}")
    return _unheard(check, run_id, "missing", "No result of this run")


def _severity(check: ExpectedCheck, result: CheckResult) -> Severity:
    """What was expected; a result may raise it, never lower it, and policy has the last word."""
    if not check.is_overridden and result.severity == "blocks":
        return "blocks"
    return check.severity


def _unheard(check: ExpectedCheck, run_id: str, observed: str, detail: str) -> CheckResult:
    return CheckResult(
        rule=check.rule,
        table=check.table,
        severity=check.severity,
        status="errored",
        run_id=run_id,
        phase=check.phase,
        observed=observed,
        detail=detail,
        owner=check.owner,
    )


def _unexpected(
    expected: Sequence[ExpectedCheck], heard: Mapping[str, Sequence[CheckResult]]
) -> tuple[CheckResult, ...]:
    known = {check.rule for check in expected}
    return tuple(result for rule in sorted(heard) if rule not in known for result in heard[rule])


def _blocks_unasked(result: CheckResult, run_id: str) -> bool:
    return result.run_id == run_id and result.severity == "blocks" and result.status != "passed"


def _nothing_expected(run_id: str) -> CheckResult:
    return CheckResult(
        rule="expected_set",
        table="",
        severity="blocks",
        status="errored",
        run_id=run_id,
        phase="published",
        observed="empty",
        detail="No check was expected, and a version that nothing checked is not published.",
    )
