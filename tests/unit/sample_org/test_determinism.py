"""The same arguments give the same bytes; another seed does not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from connectors.sample_org.plan import Plan
from data_contracts.errors import WorkledgerError

from .conftest import Sample


def digest(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_same_seed_same_bytes(make_sample: Callable[..., Sample]) -> None:
    first = digest(make_sample(people=60, months=4).root)
    assert digest(make_sample(people=60, months=4).root) == first
    other = digest(make_sample(people=60, months=4, seed=8).root)
    inbox = [name for name in first if name.startswith("inbox/") and name in other]
    assert len(inbox) > 40
    assert sum(other[name] != first[name] for name in inbox) > len(inbox) * 0.9


@pytest.mark.parametrize(("people", "months"), [(59, 14), (150, 2)])
def test_too_small_a_sample_is_refused(people: int, months: int) -> None:
    with pytest.raises(WorkledgerError):
        Plan(people, months, 7, date(2026, 11, 20))


def test_span_starts_on_the_first_of_the_earliest_month() -> None:
    plan = Plan(150, 14, 7, date(2026, 11, 20))
    assert plan.start == date(2025, 10, 1)
    assert [m.last for m in plan.month_list()][-1] == date(2026, 11, 20)
    assert len(plan.month_list()) == 14
