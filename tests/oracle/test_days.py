"""What is built by days is what is built whole, after anything that may change."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.oracle.conftest import Built
from tests.oracle.days import changed_by_building_on, disturbed, reaching_inputs

#: Inputs that are disturbed in the default tests, of some fifty; `make oracle` disturbs each.
COUNT = 12


def test_whatever_changes_in_an_input(built: Built, tmp_path: Path) -> None:
    draw = Random(built.pack.policy.week_starts_on)
    chosen = draw.sample(reaching_inputs(), COUNT)
    trials = [disturbed(*what, built.folder, tmp_path / "copy", draw) for what in chosen]
    assert [trial for trial in trials if trial.differing] == []
    assert any(trial.is_partial for trial in trials)


@pytest.mark.parametrize("built", [0], indirect=True, ids=["policy 0"])
def test_a_version_built_on_that_of_some_days_before(built: Built, tmp_path: Path) -> None:
    assert changed_by_building_on(built.pack, "T007", built.folder, tmp_path) == []
