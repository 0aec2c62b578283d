"""The short version of `make attacks`: nothing gets through, and with suppression off the same attacks succeed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.attacks.attacks import ATTACKS
from tests.attacks.on_periods import (
    differencing_figures_of_a_row,
    differencing_tables_of_a_week,
    differencing_weeks_and_months,
    figures_of_small_teams,
)
from tests.attacks.on_teams import differencing_teams_over_movers, totals_less_the_shown_teams
from tests.attacks.on_versions import differencing_single_figures_of_versions, differencing_versions
from tests.attacks.organisation import LAST_DAY, RAISED, REBOOKED, Attacked, make, tamper, weaken
from tests.attacks.truth import CAPACITY, COMPLETION, WEEKS, shown


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


def test_without_suppression_small_teams_are_found_in_each_table(weakened: Attacked) -> None:
    found = figures_of_small_teams(weakened)[1]
    for table, column in ((WEEKS, "utilisation_ratio"), (CAPACITY, "contributing_persons"), (COMPLETION, "due_tasks")):
        assert [one for one in found if one.startswith(f"{table}: {column}")]


def test_without_suppression_bookings_of_single_people_are_found(weakened: Attacked) -> None:
    found = figures_of_small_teams(weakened)[1]
    assert [one for one in found if "allocated_hours_with_capacity" in one and "2 people" in one]


def test_without_suppression_one_persons_free_capacity_follows_from_a_row(weakened: Attacked) -> None:
    found = differencing_figures_of_a_row(weakened)[1]
    assert [one for one in found if one.startswith("effective_capacity_hours less alloc") and "1 people" in one]


def test_without_suppression_days_of_few_follow_from_weeks_and_months(weakened: Attacked) -> None:
    found = differencing_weeks_and_months(weakened)[1]
    for figure in ("counted_hours_with_capacity of", "effective_capacity_hours of"):
        assert [one for one in found if one.startswith(figure)]


def test_without_a_smallest_group_a_late_entry_shows_between_versions(weakened: Attacked) -> None:
    assert differencing_versions(weakened)[1]


def test_without_a_smallest_group_who_logged_left_or_booked_late_shows_between_versions(weakened: Attacked) -> None:
    found = differencing_single_figures_of_versions(weakened)[1]
    for figure in ("counted_hours_with_capacity of", "effective_capacity_hours of", "allocated_hours_with_capacity of"):
        assert [one for one in found if one.startswith(figure)]


def test_without_a_smallest_group_who_stayed_behind_follows_from_two_teams(weakened: Attacked) -> None:
    assert [one for one in differencing_teams_over_movers(weakened)[1] if "leave 2 people" in one]


def test_a_figure_that_one_table_hides_and_the_other_shows_is_found(sound: Attacked, tmp_path: Path) -> None:
    hidden_in_one = tamper(
        sound,
        tmp_path,
        f"update marts.{CAPACITY} set is_suppressed = false, effective_capacity_hours = 117 where is_suppressed",
    )
    assert differencing_tables_of_a_week(hidden_in_one)[1]
    assert [one for one in figures_of_small_teams(hidden_in_one)[1] if "effective_capacity_hours" in one]


def test_a_total_over_teams_is_found_where_it_leaves_a_hidden_one(sound: Attacked, tmp_path: Path) -> None:
    """In this week the small team is hidden alone: everybody's capacity tells of it."""
    with sound.open("analyst") as connection:
        (total,) = connection.execute(
            "select sum(effective_us) / 3.6e9 from analyst.core.fct_capacity_days"
            " where capacity_date between ? and ?::date + 6",
            [RAISED, RAISED],
        ).fetchone() or (None,)
    with_total = tamper(sound, tmp_path, f"create table marts.mart_released_capacity__week as select {total} as hours")
    assert totals_less_the_shown_teams(with_total)[1]


def test_what_enough_people_changed_did_differ(sound: Attacked) -> None:
    """Else there were no two versions to take from each other."""
    old, new = shown(sound, 0), shown(sound, -1)
    assert [span[1] for span in sorted(old) if old[span] != new[span]] == [date(2026, 1, 1), RAISED]


def test_what_enough_people_booked_did_differ(sound: Attacked) -> None:
    old, new = (shown(sound, version, "allocated_hours_with_capacity") for version in (0, -1))
    assert [span[1] for span in sorted(old) if old[span] != new.get(span)] == [REBOOKED]
