"""Milestones by project: promises kept, late and open, those nobody can judge beside, and the next date."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.warehouse.warehouse_build import Warehouse

DUE = date(2026, 3, 6)


def milestone(name: str, **values: Any) -> dict[str, Any]:
    return {
        "source_record_id": name,
        "milestone_name": name,
        "project_code": "A",
        "baseline_basis": "original",
        "baseline_date": DUE,
        "due_date": DUE,
        **values,
    }


def test_milestones_of_a_project(warehouse: Warehouse) -> None:
    warehouse.source("plan")
    early = datetime(2026, 3, 1, 12, tzinfo=UTC)
    unkept = {"baseline_basis": "reported", "baseline_date": None}
    warehouse.deliver("plan", "milestones", [milestone("watched", **unkept)], extracted_at=early)
    warehouse.deliver(
        "plan",
        "milestones",
        [
            milestone("on time", completed_date=DUE),
            milestone("late", completed_date=date(2026, 3, 7), due_date=date(2026, 3, 20)),
            milestone("overdue", due_date=date(2026, 5, 1)),
            milestone("to come", baseline_date=date(2026, 4, 10), due_date=date(2026, 4, 12)),
            milestone("cancelled", status_category="cancelled"),
            milestone("reported", completed_date=DUE, **unkept),
            milestone("watched", due_date=date(2026, 3, 20), **unkept),
            milestone("without a date", due_date=None, **unkept),
            milestone("done undated", status_category="done"),
            milestone("of another project", project_code="B", completed_date=DUE),
        ],
    )
    warehouse.deliver(
        "plan",
        "task_assignments",
        [{"task_source_id": "t", "person_email": "ann@example.org", "share_ratio": 0.5}],
    )
    warehouse.build(tests=True)
    row = next(
        row for row in warehouse.rows("select * from analyst.marts.mart_milestones__project") if row["milestones"] > 1
    )
    counted = {name.removesuffix("_milestones"): row[name] for name in row if name.endswith("_milestones")}
    assert counted == {
        "due": 4,
        "on_time": 1,
        "finished_late": 1,
        "overdue": 2,  # overdue, watched: a move after we saw it does not help
        "late": 3,
        "not_yet_due": 1,
        "unknown_baseline": 1,
        "no_due_date": 1,
        "finished_undated": 1,
        "cancelled": 1,
        "moved": 4,
    }
    assert row["milestones"] == 9
    assert (row["completion_ratio"], row["on_time_ratio"]) == (pytest.approx(2 / 4), pytest.approx(1 / 4))
    assert row["on_time_of_finished_ratio"] == pytest.approx(1 / 2)
    assert row["next_due_date"] == date(2026, 4, 12)
    assert not row["is_complete"]
    assert (
        warehouse.one("select share_ratio from analyst.core.fct_task_assignments where person_key is not null") == 0.5
    )
