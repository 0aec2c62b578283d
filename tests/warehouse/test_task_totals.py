"""A tool's totals against its own log, and the gaps of tasks: each rule has rows that break it and rows that do not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.warehouse.warehouse_build import HOUR, Warehouse

MINUTE = HOUR // 60


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def entry(task: str | None, hours: float | None, day: int = 2, **values: Any) -> dict[str, Any]:
    return {
        "task_source_id": task,
        "person_email": "ann@example.org",
        "project_code": "A",
        "work_date": date(2026, 3, day),
        "duration_us": None if hours is None else int(hours * HOUR),
        **values,
    }


def task(record: str, **values: Any) -> dict[str, Any]:
    return {"source_record_id": record, "project_code": "A", "created_at": at(3, 2), **values}


TASKS = [
    task("agrees", reported_spent_us=3 * HOUR),
    task("within the tolerance", reported_spent_us=2 * HOUR + MINUTE),
    task("over the tolerance", reported_spent_us=2 * HOUR + MINUTE + 1),
    task("log is more", reported_spent_us=HOUR),
    task("nothing logged", reported_spent_us=HOUR),
    task("older than the log", reported_spent_us=9 * HOUR, created_at=at(1, 5)),
    task("running timer", reported_spent_us=9 * HOUR),
    task("no total"),
    task("neither"),
    task("backwards", completed_at=at(3, 1), status_category="done"),
    task("stale history", status_category="active"),
]

ENTRIES = [
    entry("agrees", 1),
    entry("agrees", 2, day=3),
    entry("within the tolerance", 2),
    entry("over the tolerance", 2),
    entry("log is more", 5),
    entry("older than the log", 4),
    entry("running timer", 4),
    entry("running timer", None),
    entry("no total", 1),
    entry("not in the list", 6),
    entry(None, 8),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    warehouse = Warehouse(tmp_path_factory.mktemp("totals") / "build")
    warehouse.source("tracker", owner="delivery office")
    warehouse.source("board")
    # Another source has authority over the hours: the tool's own totals do not know of it.
    warehouse.insert("workspace.authority", {"source": "board", "priority": 1})
    warehouse.deliver("tracker", "tasks", TASKS)
    warehouse.deliver("tracker", "time_entries", ENTRIES)
    history = {"task_source_id": "stale history", "changed_at": at(3, 3), "field": "status", "to_category": "blocked"}
    warehouse.deliver("tracker", "task_changes", [history], mode="full")
    warehouse.deliver("board", "tasks", [task("totals only", reported_spent_us=2 * HOUR)])
    warehouse.build(tests=True)
    yield warehouse
    warehouse.close()


def test_each_task_says_why_it_disagrees(built: Warehouse) -> None:
    rows = built.rows(
        """select coalesce(fct_tasks.source_record_id, 'not in the list') as record, reason, difference_hours, is_complete
        from analyst.marts.mart_reconciliation__task left join analyst.core.fct_tasks using (task_key)"""
    )
    told = {row["record"]: (row["reason"], row["difference_hours"], row["is_complete"]) for row in rows}
    assert told == {
        "agrees": ("agrees", 0.0, True),
        "within the tolerance": ("agrees", pytest.approx(-1 / 60), True),
        "over the tolerance": ("log_is_less", pytest.approx(-1 / 60), True),
        "log is more": ("log_is_more", 4.0, True),
        "nothing logged": ("nothing_logged", -1.0, True),
        "older than the log": ("log_starts_later", -5.0, True),
        "running timer": ("entries_without_duration", -5.0, False),
        "no total": ("no_reported_total", None, False),
        "not in the list": ("task_unknown", None, False),
        "totals only": ("no_log", None, False),
    }


def test_entries_on_tasks_are_all_reconciled(built: Warehouse) -> None:
    logged = built.one(
        "select sum(logged_hours) from analyst.core.fct_activities where activity_kind = 'time_entry' and task_key is not null"
    )
    assert built.one("select sum(logged_hours) from analyst.marts.mart_reconciliation__task") == pytest.approx(logged)


def test_a_reported_total_is_never_added_to_the_hours(built: Warehouse) -> None:
    assert built.one("select sum(logged_hours) from analyst.core.fct_activities") == sum(
        row["duration_us"] / HOUR for row in ENTRIES if row["duration_us"]
    )


def gaps(built: Warehouse, rule: str) -> list[tuple[str, float | None, str]]:
    rows = built.rows(f"select detail, hours_at_stake, owner from analyst.core.fct_gaps where rule = '{rule}'")
    return [(row["detail"], row["hours_at_stake"], row["owner"]) for row in rows]


def test_totals_that_disagree_are_one_gap_a_project(built: Warehouse) -> None:
    (gap,) = gaps(built, "task_totals_disagree")
    assert gap[0].startswith("5 tasks")
    assert gap[1] == pytest.approx(4 + 1 + 5 + 5 + 1 / 60, abs=1e-6)
    assert gap[2] == "delivery office"


def test_time_on_a_task_that_no_list_has_is_a_gap(built: Warehouse) -> None:
    (gap,) = gaps(built, "entries_without_task")
    assert gap[1] == 6.0


def test_a_task_finished_before_it_existed_is_a_gap_and_has_no_lead_time(built: Warehouse) -> None:
    (gap,) = gaps(built, "finished_before_created")
    assert "backwards" in gap[0]
    assert built.one("select lead_us from analyst.core.fct_tasks where source_record_id = 'backwards'") is None


def test_a_history_that_leads_elsewhere_is_a_gap(built: Warehouse) -> None:
    (gap,) = gaps(built, "status_histories_disagree")
    assert gap[0].startswith("1 tasks")


def test_gap_keys_are_unique_and_every_gap_says_what_to_do(built: Warehouse) -> None:
    (row,) = built.rows(
        """select count(*) as gaps, count(distinct gap_key) as keys, count(remedy) as remedies, count(owner) as owners
        from analyst.core.fct_gaps"""
    )
    assert row["gaps"] == row["keys"] == row["remedies"] == row["owners"]
