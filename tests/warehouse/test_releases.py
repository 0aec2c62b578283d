"""What managers see: teams of enough people, after their contributors, as released, and nothing from which fewer could be had."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestration.releases import SELECTED
from tests.warehouse.people_rows import employee, worked
from tests.warehouse.warehouse_build import HOUR, Warehouse

BIG = tuple(f"big{number}" for number in range(6))
SMALL = tuple(f"small{number}" for number in range(4))
#: Weeks that begin on a Monday; March 2026 ends on a Tuesday, February on the Sunday of its last week.
FEBRUARY = [date(2026, 2, 2) + timedelta(days=7 * number) for number in range(4)]
MANAGER = "manager.marts"


def fill(warehouse: Warehouse, **entries: list[dict[str, Any]]) -> None:
    for source in ("hr", "toggl", *entries):
        warehouse.source(source)
    staff = [employee(name, team_name="Big") for name in BIG] + [employee(name, team_name="Small") for name in SMALL]
    warehouse.deliver("hr", "people", staff)
    weeks = [*FEBRUARY, date(2026, 3, 2), date(2026, 3, 9)]
    logged = [worked(name, monday, 6, is_billable=name in BIG[:3]) for name in BIG + SMALL for monday in weeks]
    # One of them leaves the big team in a week for which a sheet is logged: nobody knows how much of it was for which team.
    moved = employee(BIG[5], source_record_id="moved", team_name="Elsewhere", valid_from_date=date(2026, 3, 12))
    warehouse.deliver("hr", "people", [moved])
    sheet = {"date_precision": "period", "period_start_date": date(2026, 3, 9), "period_end_date": date(2026, 3, 15)}
    logged.append({"person_email": f"{BIG[5]}@example.org", "duration_us": 20 * HOUR, **sheet})
    # In the week of 9 February only four of the big team log.
    logged = [
        row
        for row in logged
        if not (row.get("work_date") == FEBRUARY[1] and row["person_email"].startswith(("big4", "big5")))
    ]
    warehouse.deliver("toggl", "time_entries", logged)
    for source, rows in entries.items():
        warehouse.deliver(source, "time_entries", rows)


def keep(warehouse: Warehouse) -> None:
    """What record_release does, in the warehouse of a test: what is new goes into the ledger."""
    for table, sql in SELECTED.items():
        rows = warehouse.rows(sql.replace("from releases.", "from state.releases."))
        columns = warehouse.rows(f"select column_name from duckdb_columns() where table_name = 'released_{table}'")
        known = {column["column_name"] for column in columns}
        warehouse.insert(f"workspace.released_{table}", *({k: v for k, v in row.items() if k in known} for row in rows))


def again(warehouse: Warehouse, folder: Path, as_of: date, **policy: Any) -> Warehouse:
    """A copy of the inputs, built for another day."""
    warehouse.close()
    copy = Warehouse(folder, as_of)
    shutil.copy(warehouse.folder / "private" / "state.duckdb", folder / "private" / "state.duckdb")
    with copy._writer() as connection:
        connection.execute("update workspace.as_of set as_of_date = ?", [as_of])
    if policy:
        copy.set_policy(**policy)
    return copy


@pytest.fixture(scope="module")
def built(module_warehouse: Warehouse) -> Warehouse:
    fill(module_warehouse)
    module_warehouse.build(tests=True)
    keep(module_warehouse)
    return module_warehouse


def weeks(
    built: Warehouse, team: str, table: str = "mart_released_utilisation__team_week"
) -> dict[date, dict[str, Any]]:
    rows = built.rows(
        f"select figures.* from {MANAGER}.{table} as figures inner join {MANAGER}.dim_released_teams as teams"
        f" on figures.team_key = teams.team_key where team_name = '{team}' and week_start_date >= date '2026-02-02'"
    )
    return {row["week_start_date"]: row for row in rows}


def test_a_team_of_enough_people_is_shown_with_its_parts(built: Warehouse) -> None:
    week = weeks(built, "Big")[FEBRUARY[0]]
    assert not week["is_suppressed"]
    assert (week["contributing_persons"], week["effective_capacity_hours"]) == (6, 240.0)
    assert (week["counted_hours_with_capacity"], week["utilisation_ratio"]) == (36.0, 0.15)


def test_figures_are_the_marts_own(built: Warehouse) -> None:
    differing = built.rows(
        f"select * from {MANAGER}.mart_released_utilisation__team_week as told"
        " inner join analyst.marts.mart_utilisation__team_week as known using (team_key, week_start_date)"
        " where not told.is_suppressed and (told.counted_hours_with_capacity <> known.counted_hours_with_capacity"
        " or told.effective_capacity_hours <> known.effective_capacity_hours or told.is_complete <> known.is_complete)"
    )
    assert differing == []
    shared = weeks(built, "Big")[date(2026, 3, 9)]
    assert (shared["is_suppressed"], shared["counted_hours_with_capacity"], shared["is_complete"]) == (
        False,
        36.0,
        False,
    )


def test_few_people_are_hidden(built: Warehouse) -> None:
    for table in ("mart_released_utilisation__team_week", "mart_released_capacity__team_week"):
        small = weeks(built, "Small", table)
        assert len(small) > 4
        assert all(row["is_suppressed"] and row["effective_capacity_hours"] is None for row in small.values())


def test_a_week_in_which_few_logged_is_hidden_although_the_team_is_large(built: Warehouse) -> None:
    week = weeks(built, "Big")[FEBRUARY[1]]
    assert week["is_suppressed"] and week["counted_hours_with_capacity"] is None


def test_hours_of_few_are_hidden_where_they_are_the_rest_of_shown_ones(built: Warehouse) -> None:
    """Three of six log billable hours: neither their hours nor those of the other three may be had."""
    week = weeks(built, "Big")[FEBRUARY[0]]
    assert week["counted_hours_with_capacity"] is not None
    assert week["billable_hours_with_capacity"] is None and week["billable_utilisation_ratio"] is None


def test_a_month_is_hidden_where_it_would_give_a_hidden_week_away(built: Warehouse) -> None:
    months = built.rows(
        f"select month_start_date, is_suppressed from {MANAGER}.mart_released_utilisation__team_month"
        f" inner join {MANAGER}.dim_released_teams using (team_key) where team_name = 'Big' and month_start_date >= '2026-02-01'"
    )
    assert {row["month_start_date"]: row["is_suppressed"] for row in months} == {date(2026, 2, 1): True}


def test_contributors_come_first(built: Warehouse) -> None:
    """The week up to 22 March is released after five working days, on Monday 30 March; as_of is the day after."""
    (row,) = built.rows(f"select * from {MANAGER}.dim_releases where period_kind = 'week'")
    assert (row["released_to_date"], row["next_period_start_date"]) == (date(2026, 3, 22), date(2026, 3, 23))
    assert (row["next_release_date"], row["next_restatement_date"]) == (date(2026, 4, 6), date(2026, 4, 1))
    assert max(weeks(built, "Big")) == date(2026, 3, 16)


def test_no_person_is_in_the_file(built: Warehouse) -> None:
    columns = built.rows("select column_name from duckdb_columns() where database_name = 'manager' and not internal")
    assert columns
    counts = {"contributing_persons", "annotating_persons"}
    assert [row for row in columns if "person" in row["column_name"] and row["column_name"] not in counts] == []


def say(warehouse: Warehouse, built: Warehouse, week: date, *said: tuple[str, str]) -> None:
    """Each of the named people shares something about a measure of their week."""
    keys = built.rows("select person_email, person_key from directory.core.dim_person_names")
    key_of = {row["person_email"].partition("@")[0]: row["person_key"] for row in keys}
    for number, (name, measure) in enumerate(said):
        warehouse.insert(
            "workspace.annotations",
            {
                "annotation_number": number,
                "person_key": key_of[name],
                "period_kind": "week",
                "period_date": week + timedelta(days=3),
                "measure": measure,
                "annotation": "at the dentist's",
            },
        )


@pytest.fixture(scope="module")
def later(built: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """In April, after one of the big team entered ten hours more for the first week and five for the third."""
    warehouse = again(built, tmp_path_factory.mktemp("later") / "build", date(2026, 4, 7))
    warehouse.source("late")
    late = [worked(BIG[0], FEBRUARY[0], 10), *(worked(name, FEBRUARY[2], 1) for name in BIG[:5])]
    warehouse.deliver("late", "time_entries", late)
    say(warehouse, built, FEBRUARY[0], (BIG[0], "utilisation_ratio"), (SMALL[0], "utilisation_ratio"))
    warehouse.build("+path:models/manager")
    return warehouse


def test_a_figure_says_of_how_many_something_was_said(later: Warehouse) -> None:
    """On whatever is shown; what was said stands in no file of managers."""
    said = {day: row["annotating_persons"] for day, row in weeks(later, "Big").items() if not row["is_suppressed"]}
    assert said[FEBRUARY[0]] == 1
    assert set(said.values()) == {0, 1}
    assert {row["annotating_persons"] for row in weeks(later, "Small").values()} == {None}
    (row,) = later.rows(
        "select period_start_date, annotation from analyst.core.fct_annotations where annotation_key = md5('0')"
    )
    assert (row["period_start_date"], row["annotation"]) == (FEBRUARY[0], "at the dentist's")


def test_what_was_released_stays_while_too_few_changed(later: Warehouse) -> None:
    week = weeks(later, "Big")[FEBRUARY[0]]
    assert (week["counted_hours_with_capacity"], week["restated_date"]) == (36.0, date(2026, 3, 31))


def test_what_enough_people_changed_is_told_again_on_the_schedule(later: Warehouse) -> None:
    week = weeks(later, "Big")[FEBRUARY[2]]
    assert (week["counted_hours_with_capacity"], week["released_date"], week["restated_date"]) == (
        41.0,
        date(2026, 3, 31),
        date(2026, 4, 7),
    )


def test_a_period_that_falls_due_is_released_without_new_data(later: Warehouse) -> None:
    assert date(2026, 3, 23) in weeks(later, "Big")


def test_what_was_released_is_the_same_when_built_on_its_own_release(
    later: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A version is a function of its inputs, and the release that it makes is one of the next version's."""
    before = later.rows(f"from {MANAGER}.mart_released_utilisation__team_week order by all")
    keep(later)
    copy = again(later, tmp_path_factory.mktemp("same") / "build", date(2026, 4, 7))
    copy.build("+path:models/manager")
    assert copy.rows(f"from {MANAGER}.mart_released_utilisation__team_week order by all") == before
    assert copy.one("select count(*) from state.releases.release_units where is_new") == 0
    copy.close()


def due_tasks(names: tuple[str, ...], day: date) -> list[dict[str, Any]]:
    """A task for each, planned from the start for the day, that nobody exported before."""
    return [
        {
            "source_record_id": f"{name}-{day}",
            "project_code": "A",
            "status_category": "todo",
            "created_at": datetime(2026, 1, 5, 12, tzinfo=UTC),
            "assignee_email": f"{name}@example.org",
            "first_due_date": day,
            "due_date": day,
        }
        for name in names
    ]


@pytest.fixture(scope="module")
def differenced(built: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """In April: weeks in which six people of the big team changed, but fewer of them in a figure or in a part of the week."""
    warehouse = again(built, tmp_path_factory.mktemp("differenced") / "build", date(2026, 4, 7))
    for source in ("late", "board"):
        warehouse.source(source)
    one_of_hours, cut_by_months, one_unbillable, enough = FEBRUARY[0], FEBRUARY[3], date(2026, 3, 2), date(2026, 3, 9)
    late = [worked(BIG[0], one_of_hours, 3)]
    late += [worked(name, cut_by_months, 2.5) for name in BIG[:3]]
    late += [worked(name, cut_by_months + timedelta(days=6), 1.25) for name in BIG[3:]]
    late += [worked(name, one_unbillable, 1, is_billable=name != BIG[5]) for name in BIG]
    late += [worked(name, enough, 1, is_billable=True) for name in BIG[:5]]
    warehouse.deliver("late", "time_entries", late)
    warehouse.deliver("board", "tasks", due_tasks(BIG[1:], one_of_hours) + due_tasks(BIG[:5], FEBRUARY[2]))
    # Nothing of the last one's was due, and two words about one figure are one person's.
    said = [(BIG[0], "on_time_ratio"), (BIG[1], "completion_ratio"), (BIG[5], "on_time_ratio")]
    say(warehouse, built, FEBRUARY[2], *said, (BIG[2], "allocated_hours"), (BIG[2], "allocation_ratio"))
    warehouse.build("+path:models/manager")
    return warehouse


@pytest.mark.parametrize(
    ("week", "hours"),
    [
        pytest.param(FEBRUARY[0], 36, id="one of hours, five of tasks"),
        pytest.param(FEBRUARY[3], 36, id="three before the month ended, three after"),
        pytest.param(date(2026, 3, 2), 36, id="five of billable hours, one of the rest"),
    ],
)
def test_few_changed_a_figure_although_enough_changed_something(
    differenced: Warehouse, week: date, hours: float
) -> None:
    row = weeks(differenced, "Big")[week]
    assert (row["counted_hours_with_capacity"], row["restated_date"]) == (hours, date(2026, 3, 31))


def test_enough_changed_every_figure_that_changed(differenced: Warehouse) -> None:
    row = weeks(differenced, "Big")[date(2026, 3, 9)]
    assert (row["counted_hours_with_capacity"], row["restated_date"]) == (41.0, date(2026, 4, 7))
    (tasks,) = weeks(differenced, "Big", "mart_released_completion__team_week").values()
    assert (tasks["week_start_date"], tasks["due_tasks"], tasks["restated_date"]) == (FEBRUARY[2], 5, date(2026, 4, 7))


@pytest.mark.parametrize(("figures", "people"), [("completion", 2), ("capacity", 1), ("utilisation", 0)])
def test_what_people_say_goes_with_the_figure_that_they_mean(differenced: Warehouse, figures: str, people: int) -> None:
    row = weeks(differenced, "Big", f"mart_released_{figures}__team_week")[FEBRUARY[2]]
    assert (row["annotating_persons"], row["is_suppressed"]) == (people, False)


def test_a_month_is_as_new_as_the_newest_of_its_weeks(differenced: Warehouse) -> None:
    (month,) = differenced.rows(
        f"select released_date, restated_date from {MANAGER}.mart_released_utilisation__team_month"
        f" inner join {MANAGER}.dim_released_teams using (team_key)"
        " where team_name = 'Big' and month_start_date = '2026-02-01'"
    )
    assert (month["released_date"], month["restated_date"]) == (date(2026, 3, 31), date(2026, 4, 7))


def test_a_smaller_group_later_tells_nothing_again_of_what_a_larger_one_released(
    built: Warehouse, tmp_path: Path
) -> None:
    warehouse = again(built, tmp_path / "build", date(2026, 4, 7), smallest_group_size=2)
    warehouse.source("late")
    warehouse.deliver("late", "time_entries", [worked(name, FEBRUARY[2], 1) for name in BIG[:3]])
    warehouse.build("+path:models/manager")
    assert weeks(warehouse, "Big")[FEBRUARY[2]]["counted_hours_with_capacity"] == 36.0
    warehouse.close()


def test_nothing_is_told_again_before_the_next_date(built: Warehouse, tmp_path: Path) -> None:
    warehouse = again(built, tmp_path / "build", date(2026, 3, 31))
    warehouse.source("late")
    warehouse.deliver("late", "time_entries", [worked(name, FEBRUARY[2], 1) for name in BIG])
    warehouse.build("+path:models/manager")
    assert weeks(warehouse, "Big")[FEBRUARY[2]]["counted_hours_with_capacity"] == 36.0
    warehouse.close()


def test_a_smaller_group_later_shows_nothing_of_what_was_released(built: Warehouse, tmp_path: Path) -> None:
    warehouse = again(built, tmp_path / "build", date(2026, 3, 31), smallest_group_size=1)
    warehouse.build("+path:models/manager")
    assert all(row["is_suppressed"] for row in weeks(warehouse, "Small").values())
    warehouse.close()


def test_hours_in_whole(built: Warehouse) -> None:
    assert (
        built.one(
            "select sum(counted_us) from state.releases.release_told_contributions"
            f" inner join {MANAGER}.dim_released_teams using (team_key)"
            " where team_name = 'Big' and week_start_date = '2026-02-02'"
        )
        == HOUR * 36
    )
