"""Cost, worth and margin at the rates of the day, in the finance file only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from people_rows import employee, worked
from warehouse_build import Warehouse

MARCH_2, MARCH_20 = date(2026, 3, 2), date(2026, 3, 20)


def rate(kind: str, amount: str, **values: Any) -> dict[str, Any]:
    return {
        "rate_type": kind,
        "hourly_rate_amount": Decimal(amount),
        "currency": "EUR",
        "valid_from_date": date(2025, 1, 1),
        **values,
    }


def margins(warehouse: Warehouse) -> dict[tuple[str | None, str | None], dict[str, Any]]:
    warehouse.build()
    rows = warehouse.rows(
        "select margins.*, project_code from finance.marts.mart_margin__project_month as margins"
        " left join analyst.core.dim_projects using (project_key)"
    )
    return {(row["project_code"], row["currency"]): row for row in rows}


def test_the_most_particular_rate_of_the_day_holds(warehouse: Warehouse) -> None:
    warehouse.deliver("hr", "people", [employee("ann"), employee("bob"), employee("cy", role_name="Intern")])
    ann = {"person_email": "ann@example.org"}
    warehouse.deliver(
        "rates",
        "rates",
        [
            rate("cost", "50", role_name="engineer"),
            rate("cost", "60.1234", **ann),
            rate("cost", "70", valid_from_date=date(2026, 3, 16), **ann),
            rate("bill", "100", role_name="Engineer"),
            rate("bill", "130", role_name="Engineer", project_code="P-1"),
            rate("bill", "120", currency="USD", **ann),
            rate("bill", "999", valid_to_date=date(2026, 2, 28), project_code="P-1", **ann),
        ],
    )
    warehouse.deliver(
        "toggl",
        "time_entries",
        [
            worked("ann", MARCH_2, 1.5, project_code="P-1", is_billable=True),
            worked("ann", MARCH_20, 2, project_code="P-1"),
            worked("bob", MARCH_2, 4, project_code="P-1", is_billable=True),
            worked("bob", MARCH_2, 1, project_code="P-2", is_billable=True),
            worked("cy", MARCH_2, 3, project_code="P-2", is_billable=True),
        ],
    )
    rows = margins(warehouse)
    one = rows["P-1", "EUR"]
    assert one["cost_amount"] == Decimal("60.1234") * Decimal("1.5") + 70 * 2 + 50 * 4
    assert (one["counted_hours"], one["billable_hours"], one["bill_amount"]) == (7.5, 4, 520)
    assert one["margin_amount"] == one["bill_amount"] - one["cost_amount"]
    dollars = rows["P-1", "USD"]
    assert (dollars["bill_amount"], dollars["cost_amount"], dollars["margin_amount"]) == (180, 0, 180)
    assert (rows["P-2", "EUR"]["cost_amount"], rows["P-2", "EUR"]["bill_amount"]) == (50, 100)
    assert (one["is_complete"], rows["P-2", "EUR"]["is_complete"]) == (True, False)
    unrated = rows["P-2", None]
    assert (unrated["counted_hours"], unrated["billable_hours"]) == (3, 3)
    assert (unrated["cost_amount"], unrated["bill_amount"], unrated["margin_amount"]) == (None, None, None)


def test_amounts_stand_in_the_finance_file_only(warehouse: Warehouse) -> None:
    connection = warehouse.build()
    amounts = connection.execute(
        "select distinct database_name from duckdb_columns() where column_name like '%\\_amount' escape '\\'"
        " and database_name in ('analyst', 'directory', 'finance')"
    ).fetchall()
    assert amounts == [("finance",)]
