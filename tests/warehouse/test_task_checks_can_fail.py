"""Each kind of data test on tasks, plans and workflows, against a table that was damaged so that it must fail."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.warehouse.warehouse_build import HOUR, Warehouse, failed_data_tests

#: Damage of one round does not hide other damage of the same round.
CHANGED = {
    "fct_tasks__grain": "insert into analyst.core.fct_tasks select * from analyst.core.fct_tasks",
    "fct_tasks__one_state": "update analyst.core.fct_tasks set is_open = true, is_cancelled = true",
    "fct_tasks__open_has_no_completion": "update analyst.core.fct_tasks set is_done = false",
    "fct_tasks__project_key__known": "update analyst.core.fct_tasks set project_key = 'nowhere'",
    "fct_task_status_spans__forward": "update analyst.core.fct_task_status_spans set elapsed_us = -1",
    "fct_task_totals__difference": "update analyst.core.fct_task_totals set difference_us = 7",
    "fct_allocation_days__person_key__known": "update analyst.core.fct_allocation_days set person_key = 'nobody'",
    "fct_process_spans__paired_has_both_ends": "update analyst.core.fct_process_spans set ended_at = null",
    "mart_completion__team_week__parts": "update analyst.marts.mart_completion__team_week set no_due_date_tasks = 9",
    "mart_capacity__person_week__every_booking_once": "update analyst.marts.mart_capacity__person_week"
    " set allocated_hours = allocated_hours + 1 where allocated_hours > 0",
    "mart_capacity__team_week__effective": "update analyst.marts.mart_capacity__team_week set absent_hours = 3",
    "mart_reconciliation__task__reconciled_within_tolerance": "update analyst.marts.mart_reconciliation__task"
    " set is_reconciled = true, difference_hours = 5",
    "fct_gaps__remedy__present": "update analyst.core.fct_gaps set remedy = null",
    "int_task_baselines_derived__grain": "insert into state.intermediate.int_task_baselines_derived"
    " select * from state.intermediate.int_task_baselines_derived",
}

LOST = {
    "fct_tasks__every_staged_task": "delete from analyst.core.fct_tasks where source_record_id = 'done'",
    "fct_process_spans__every_end_of_a_span": "delete from analyst.core.fct_process_spans",
    "mart_completion__project_week__every_task_once": "delete from analyst.marts.mart_completion__project_week",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    warehouse = Warehouse(tmp_path_factory.mktemp("damage") / "build")
    warehouse.source("jira")
    who = {"person_email": "ann@example.org"}
    start, end = datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC)
    roster = {**who, "valid_from_date": date(2026, 1, 1), "contracted_week_us": 40 * HOUR, "team_name": "Apollo"}
    warehouse.deliver("jira", "people", [roster])
    task = {"project_code": "A", "assignee_email": "ann@example.org", "created_at": start}
    done = {"status_category": "done", "completed_at": end, "due_date": date(2026, 3, 1), "reported_spent_us": HOUR}
    warehouse.deliver(
        "jira", "tasks", [{"source_record_id": "done", **task, **done}, {"source_record_id": "open", **task}]
    )
    change = {"task_source_id": "done", "field": "status", "to_category": "done", "from_category": "todo"}
    warehouse.deliver("jira", "task_changes", [{**change, "changed_at": end}])
    booking = {"booking_status": "confirmed", "allocation_basis": "per_day", "allocated_us": HOUR, "project_code": "A"}
    days = {"start_date": date(2026, 3, 2), "end_date": date(2026, 3, 3)}
    warehouse.deliver("jira", "allocations", [{**who, **booking, **days}])
    event = {**who, "case_id": "1", "activity_name": "approve"}
    warehouse.deliver(
        "jira",
        "process_events",
        [
            {**event, "lifecycle": "start", "occurred_at": start},
            {**event, "lifecycle": "complete", "occurred_at": end},
        ],
    )
    warehouse.build(tests=True)
    warehouse.close()
    yield warehouse


@pytest.mark.parametrize("damage", [CHANGED, LOST], ids=["changed", "lost"])
def test_a_damaged_table_fails_its_check(built: Warehouse, tmp_path: Path, damage: dict[str, str]) -> None:
    import duckdb

    folder = tmp_path / "build"
    shutil.copytree(built.folder, folder, ignore=shutil.ignore_patterns("target", "logs"))
    with duckdb.connect() as connection:
        connection.execute(f"attach '{folder / 'private' / 'state.duckdb'}' as state")
        connection.execute(f"attach '{folder / 'analyst.duckdb'}' as analyst")
        for check, statement in damage.items():
            touched = connection.execute(statement).fetchone()
            assert touched is not None and touched[0] > 0, f"the damage for {check} touched no row"
    failed = {result.rule: result.status for result in failed_data_tests(folder, *damage)}
    assert failed == dict.fromkeys(damage, "failed")
