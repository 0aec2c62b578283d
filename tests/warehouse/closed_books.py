"""February closed in a warehouse of a test."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from orchestration.closes import COLUMNS
from tests.warehouse.warehouse_build import Warehouse

FEBRUARY, ITS_LAST_DAY = date(2026, 2, 1), date(2026, 2, 28)
#: Mode and coverage of an export that is the whole truth for February.
WHOLE: dict[str, Any] = {"mode": "window", "coverage": (FEBRUARY, ITS_LAST_DAY)}


def close_february(warehouse: Warehouse, at: datetime) -> None:
    """As `workledger close` does, by the same columns: the books as built, and all that was delivered until then."""
    rows = warehouse.rows(
        "select *, coalesce(work_date, period_end_date) as booked_date from analyst.core.fct_activities"
        " where coalesce(work_date, period_end_date) between date '2026-02-01' and date '2026-02-28'"
    )
    closed = [{name: {**row, "month_start_date": FEBRUARY}[name] for name in COLUMNS} for row in rows]
    known = warehouse.rows("select delivery_id from state.workspace.delivery_streams")
    warehouse.insert("workspace.closed_activities", *closed)
    warehouse.insert("workspace.closed_deliveries", *({"month_start_date": FEBRUARY, **row} for row in known))
    month = {"month_start_date": FEBRUARY, "month_end_date": ITS_LAST_DAY, "closed_at": at, "closed_version": "v1"}
    warehouse.insert("workspace.closed_months", month)
