"""A closed month keeps its books; what comes later is an adjustment, dated by the delivery that told it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.warehouse.closed_books import WHOLE, close_february
from tests.warehouse.people_rows import employee, worked
from tests.warehouse.warehouse_build import HOUR, Warehouse

MONDAY = date(2026, 2, 2)
EARLY, LATE = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 20, 12, tzinfo=UTC)


def entry(name: str, record: str, hours: float = 8, day: date = MONDAY) -> dict[str, Any]:
    return {"source_record_id": record, **worked(name, day, hours)}


@pytest.fixture(scope="module")
def built(module_warehouse: Warehouse) -> Warehouse:
    """February is closed on what the first export said; then comes a second export, and HR moves Cy to another team."""
    warehouse = module_warehouse
    for source in ("hr", "toggl"):
        warehouse.source(source)
    people = [employee(name) for name in ("ann", "bob", "cy", "dee")]
    warehouse.deliver("hr", "people", people, mode="full", extracted_at=EARLY)
    first = [
        entry("ann", "same"),
        entry("ann", "edited"),
        entry("bob", "deleted", 3),
        entry("cy", "moved", 5),
        entry("ann", "march", day=date(2026, 3, 2)),
    ]
    warehouse.deliver("toggl", "time_entries", first, extracted_at=EARLY, **WHOLE)
    warehouse.build()
    close_february(warehouse, EARLY)
    second = [entry("ann", "same"), entry("ann", "edited", 6), entry("cy", "moved", 5), entry("dee", "late", 2)]
    warehouse.deliver("hr", "people", [employee("cy", team_name="Support")], extracted_at=LATE)
    warehouse.deliver("toggl", "time_entries", second, extracted_at=LATE, **WHOLE)
    warehouse.build(tests=True)
    return warehouse


def test_each_change_is_reversed_and_booked_again(built: Warehouse) -> None:
    found = built.rows(
        "select source_record_id as record, adjustment_entry, adjustment_kind, adjusted_by, adjusted_at, adjustment_us"
        " from analyst.core.fct_adjustments order by all"
    )
    assert [tuple(row.values()) for row in found] == [
        ("deleted", "reversal", "removed", "delivery", LATE, -3 * HOUR),
        ("edited", "booking", "changed", "delivery", LATE, 6 * HOUR),
        ("edited", "reversal", "changed", "delivery", LATE, -8 * HOUR),
        ("late", "booking", "added", "delivery", LATE, 2 * HOUR),
        ("moved", "booking", "changed", "rule", None, 5 * HOUR),
        ("moved", "reversal", "changed", "rule", None, -5 * HOUR),
    ]


def test_the_books_stay_and_with_the_adjustments_come_to_what_is_known_now(built: Warehouse) -> None:
    (month,) = built.rows("select * from analyst.marts.mart_reconciliation__closed_month")
    assert (month["closed_counted_hours"], month["adjustment_hours"], month["current_counted_hours"]) == (24, -3, 21)
    assert (month["added_entries"], month["removed_entries"], month["changed_entries"]) == (1, 1, 2)
    assert (month["difference_us"], month["last_adjusted_at"]) == (0, LATE)


def test_teams_balance_too(built: Warehouse) -> None:
    """Cy's five hours leave the old team and enter the new one, though no hour changed."""
    teams = built.rows(
        "select team_name, sum(adjustment_us) as us from analyst.core.fct_adjustments"
        " inner join analyst.core.dim_teams using (team_key) where source_record_id = 'moved' group by all order by all"
    )
    assert teams == [{"team_name": "Delivery", "us": -5 * HOUR}, {"team_name": "Support", "us": 5 * HOUR}]


def test_what_no_delivery_told_is_a_rule(built: Warehouse) -> None:
    """The same exports, but the books knew them all: only the roster's correction is left, and it has no date."""
    with built._writer() as connection:
        connection.execute("insert into workspace.closed_deliveries values (date '2026-02-01', 'delivery-004')")
    built.build("int_adjustments_told fct_adjustments")
    found = built.rows("select distinct adjusted_by, adjusted_at from analyst.core.fct_adjustments")
    with built._writer() as connection:
        connection.execute("delete from workspace.closed_deliveries where delivery_id = 'delivery-004'")
    built.build("int_adjustments_told fct_adjustments")
    assert found == [{"adjusted_by": "rule", "adjusted_at": None}]
