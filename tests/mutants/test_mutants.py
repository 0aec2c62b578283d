"""Every mutant can still be made: `make mutants` builds them, here their texts are looked for and one is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant
from tests.mutants.mutants import MUTANTS
from tests.mutants.run import Proof
from tests.warehouse.warehouse_build import PROJECT


def test_every_mutant_changes_one_place_of_the_project() -> None:
    broken = []
    for mutant in MUTANTS:
        try:
            mutant.text(PROJECT)
        except ValueError as error:
            broken.append(str(error))
    assert not broken, "\n".join(broken)


def test_every_mutant_has_a_name_and_a_change_of_its_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert len({mutant[1:] for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize(
    ("old", "new"), [("left join", "inner join"), ("where x", "where y"), ("is_counted", "is_counted")]
)
def test_a_rule_that_moved_is_an_error(tmp_path: Path, old: str, new: str) -> None:
    """Twice, not at all, or changed into itself: a mutant rots loudly."""
    (tmp_path / "model.sql").write_text("select * from a left join b left join c where is_counted", encoding="utf-8")
    with pytest.raises(ValueError, match="the rule"):
        Mutant("the rule", "model.sql", old, new).text(tmp_path)


def test_a_mutant_is_noticed(tmp_path: Path) -> None:
    """The way of all mutants, once: built from the changed project by dbt, over what the project itself built."""
    (mutant,) = (mutant for mutant in MUTANTS if mutant.name == "an instant that is looked up is of the day before")
    assert Proof(tmp_path, organisations=1, seed=1).killer_of(mutant)
