"""A place whose tool is not connected stands out before anybody there looks idle."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.warehouse.people_rows import employee, worked
from tests.warehouse.warehouse_build import Warehouse

FEBRUARY = [date(2026, 2, 1) + timedelta(days=number) for number in range(28)]
WORKING = [day for day in FEBRUARY if day.isoweekday() <= 5]


@pytest.fixture(scope="module")
def built(module_warehouse: Warehouse) -> Warehouse:
    """Two in Berlin log every working day; in Recife Rita logs none and Paulo half of the days; Cleo's contract is unknown."""
    warehouse = module_warehouse
    warehouse.source("toggl")
    people = [
        employee("ann"),
        employee("ben", employment_type="contractor", contracted_week_us=20 * 3_600_000_000),
        employee("rita", place="BR"),
        employee("paulo", place="BR"),
        employee("cleo", place=None, contracted_week_us=None),
    ]
    warehouse.deliver("hr", "people", people)
    logged = [worked(name, day, 4) for name in ("ann", "ben") for day in WORKING]
    warehouse.deliver("toggl", "time_entries", logged + [worked("paulo", day) for day in WORKING[:10]])
    warehouse.build(tests=True)
    return warehouse


def population(built: Warehouse, kind: str) -> dict[str | None, dict[str, Any]]:
    rows = built.rows(
        "select * from analyst.marts.mart_fairness__population_month"
        f" where month_start_date = date '2026-02-01' and population_kind = '{kind}'"
    )
    return {row["population"]: row for row in rows}


def test_a_place_that_the_tools_do_not_see_stands_out(built: Warehouse) -> None:
    places = population(built, "place")
    assert {place: (row["person_count"], row["logging_person_count"]) for place, row in places.items()} == {
        "DE": (2, 2),
        "BR": (2, 1),
        None: (1, 0),
    }
    assert (places["DE"]["logged_day_ratio"], places["BR"]["logged_day_ratio"]) == (1.0, 0.25)
    assert places["BR"]["logged_day_ratio_difference"] == 0.25 - 50 / 80


def test_unknown_capacity_has_no_ratio_and_no_complete_month(built: Warehouse) -> None:
    unknown = population(built, "place")[None]
    assert (unknown["working_person_days"], unknown["logged_day_ratio"], unknown["is_complete"]) == (0, None, False)
    assert population(built, "place")["DE"]["is_complete"]


def test_part_time_is_less_than_the_usual_week_of_the_place(built: Warehouse) -> None:
    counts = {name: row["person_count"] for name, row in population(built, "working_time").items()}
    assert counts == {"full_time": 3, "part_time": 1, None: 1}
    assert population(built, "employment_type")["contractor"]["logged_day_ratio"] == 1.0
