"""The short version of `make attacks`: nothing gets through, and with suppression off the same attacks succeed."""

from __future__ import annotations

from datetime import date

import pytest

from tests.attacks.attacks import (
    ATTACKS,
    differencing_single_figures_of_versions,
    differencing_versions,
    differencing_weeks_and_months,
    figures_of_small_teams,
    shown,
)
from tests.attacks.organisation import LAST_DAY, RAISED, Attacked, make, weaken


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    return make(tmp_path_factory.mktemp("attacked"), days=[LAST_DAY])


@pytest.fixture(scope="module")
def weakened(sound: Attacked, tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    return weaken(sound, tmp_path_factory.mktemp("weakened"))


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_gets_through(sound: Attacked, name: str) -> None:
    tried, found = ATTACKS[name](sound)
    assert tried > 0
    assert found == []


def test_without_suppression_small_teams_are_found(weakened: Attacked) -> None:
    assert figures_of_small_teams(weakened)[1]


def test_without_suppression_days_of_few_follow_from_weeks_and_months(weakened: Attacked) -> None:
    assert differencing_weeks_and_months(weakened)[1]


def test_without_a_smallest_group_a_late_entry_shows_between_versions(weakened: Attacked) -> None:
    assert differencing_versions(weakened)[1]


def test_without_a_smallest_group_single_figures_of_few_differ_between_versions(weakened: Attacked) -> None:
    assert differencing_single_figures_of_versions(weakened)[1]


def test_what_enough_people_changed_did_differ(sound: Attacked) -> None:
    """Else there were no two versions to take from each other."""
    old, new = shown(sound, 0), shown(sound, -1)
    assert [span[1] for span in sorted(old) if old[span] != new[span]] == [date(2026, 1, 1), RAISED]
