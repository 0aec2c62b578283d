"""The short version of `make detection`: what is large is found, what is healthy raises nothing."""

from __future__ import annotations

import pytest

from tests.detection.organisations import Fault
from tests.detection.run import Alarm, Outcome, detect, judged


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return detect(tmp_path_factory.mktemp("detection"), organisations=1, seed=5, briefly=True)


def found(outcome: Outcome, rule: str, *sizes: str) -> tuple[int, int]:
    """Faults of these sizes: how many were planted, and how many of them were found."""
    meant = [fault for fault in outcome.found if fault.rule == rule and fault.size.startswith(sizes)]
    assert meant
    return len(meant), sum(outcome.found[fault] for fault in meant)


def test_what_is_large_is_found(outcome: Outcome) -> None:
    for rule, sizes in {
        "short": ("0% of the rows, 3", "25% of the rows, 3"),
        "long": ("200% of the rows, 3", "300% of the rows, 3"),
        "silent_sources": ("daily, 5", "weekly", "monthly"),
        "unlogged_days": ("1 ", "2 ", "3 ", "5 ", "10 "),
    }.items():
        planted, seen = found(outcome, rule, *sizes)
        assert seen >= 0.9 * planted, f"{rule}: {seen} of {planted}"


def test_little_is_raised_for_nothing(outcome: Outcome) -> None:
    assert outcome.false_alarms_a_month <= 1


def test_the_proof_sees_a_rule_that_is_blind_and_one_that_is_nervous(outcome: Outcome) -> None:
    """Without its alarms every fault is missed; with alarms about healthy sources there are false ones."""
    faults: list[Fault] = list(outcome.found)
    blind = judged(1, faults, [])
    assert not any(blind.found.values())
    nervous = judged(
        2, faults, [Alarm("short", f"healthy{n}", "", fault.start, fault.end) for n, fault in enumerate(faults)]
    )
    assert nervous.false_alarms_a_month > 1
