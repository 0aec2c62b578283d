"""Tasks: what a history can tell, which promise counts, and how completion is counted by week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.warehouse.warehouse_build import DAY, Warehouse

CREATED = datetime(2026, 2, 2, 9, tzinfo=UTC)
DUE = date(2026, 3, 6)


def at(month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def task(record: str, **values: Any) -> dict[str, Any]:
    """A task of project A, created on 2 February and open, unless values say otherwise."""
    return {
        "source_record_id": record,
        "project_code": "A",
        "status_category": "todo",
        "created_at": CREATED,
        **values,
    }


def to_status(record: str, when: datetime, before: str | None, after: str, **values: Any) -> dict[str, Any]:
    return {
        "task_source_id": record,
        "changed_at": when,
        "field": "status",
        "from_value": before,
        "from_category": before,
        "to_value": after,
        "to_category": after,
        **values,
    }


def to_due(record: str, when: datetime, before: date | None, after: date | None) -> dict[str, Any]:
    return {
        "task_source_id": record,
        "changed_at": when,
        "field": "due_date",
        "from_value": str(before) if before else None,
        "to_value": str(after) if after else None,
    }


TASKS = [
    task("moved", status_category="done", due_date=date(2026, 3, 13), completed_at=at(3, 10)),
    task(
        "kept",
        assignee_email="ann@example.org",
        status_category="done",
        due_date=DUE,
        completed_at=at(3, 7, 3),
    ),
    task("overdue", status_category="active", due_date=DUE),
    task("reopened", status_category="done", due_date=DUE),
    task("open again", status_category="active", due_date=DUE, completed_at=at(3, 4)),
    task("cancelled", status_category="cancelled", due_date=DUE, completed_at=at(3, 5)),
    task("without due date", status_category="done", completed_at=at(3, 5)),
    task("one instant", status_category="done", due_date=date(2026, 3, 20), completed_at=at(3, 3)),
    task("one instant by id", status_category="done", due_date=date(2026, 3, 20), completed_at=at(3, 3)),
    task("blocked", status_category="done", due_date=date(2026, 3, 20), completed_at=at(3, 16)),
    task("due date removed", status_category="todo"),
    task("not yet due", status_category="todo", due_date=date(2026, 4, 3)),
    task("moved too late", status_category="todo", due_date=date(2026, 3, 27)),
]

CHANGES = [
    to_due("moved", at(3, 5), DUE, date(2026, 3, 13)),
    to_status("kept", at(2, 3), "todo", "active"),
    to_status("kept", at(3, 7, 3), "active", "done"),
    to_status("overdue", at(2, 3), "todo", "active"),
    to_status("reopened", at(3, 2), "todo", "active"),
    to_status("reopened", at(3, 4), "active", "done"),
    to_status("reopened", at(3, 5), "done", "active"),
    to_status("reopened", at(3, 9), "active", "done"),
    to_status("open again", at(3, 4), "active", "done"),
    to_status("open again", at(3, 5), "done", "active"),
    to_status("cancelled", at(3, 5), "todo", "cancelled"),
    to_status("without due date", at(3, 5), "todo", "done"),
    # The order of arrival is not the order of the changes: the sequence is.
    to_status("one instant", at(3, 3), "blocked", "done", change_sequence=3),
    to_status("one instant", at(3, 3), "todo", "active", change_sequence=1),
    to_status("one instant", at(3, 3), "active", "blocked", change_sequence=2),
    # Without a sequence the record id decides, as a number: 9 comes before 10.
    to_status("one instant by id", at(3, 3), "active", "done", source_record_id="10"),
    to_status("one instant by id", at(3, 3), "todo", "active", source_record_id="9"),
    to_status("blocked", at(3, 9), "todo", "active"),
    to_status("blocked", at(3, 10), "active", "blocked"),
    to_status("blocked", at(3, 12), "blocked", "active"),
    to_status("blocked", at(3, 13), "active", "blocked"),
    to_status("blocked", at(3, 14), "blocked", "active"),
    to_status("blocked", at(3, 16), "active", "done"),
    to_due("due date removed", at(2, 10), DUE, None),
    to_due("not yet due", at(2, 4), None, date(2026, 4, 3)),
    to_due("moved too late", at(3, 9), DUE, date(2026, 3, 20)),
    to_due("moved too late", at(3, 10), date(2026, 3, 20), date(2026, 3, 27)),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    warehouse = Warehouse(tmp_path_factory.mktemp("tasks") / "build")
    warehouse.source("jira", zone="Europe/Berlin", owner="delivery office")
    warehouse.source("redmine", zone="Europe/Berlin")
    warehouse.deliver(
        "hr",
        "people",
        [
            {
                "person_email": "ann@example.org",
                "valid_from_date": date(2025, 1, 1),
                "valid_to_date": date(2026, 3, 6),
                "team_name": "Apollo",
                "zone": "America/New_York",
            },
            {
                "person_email": "ann@example.org",
                "valid_from_date": date(2026, 3, 7),
                "team_name": "Borealis",
                "zone": "America/New_York",
            },
        ],
    )
    warehouse.deliver("jira", "tasks", TASKS, mode="full")
    warehouse.deliver("jira", "task_changes", CHANGES, mode="full")
    warehouse.deliver(
        "redmine",
        "tasks",
        [task("seen early", due_date=DUE), task("seen once early", due_date=date(2026, 3, 30))],
        extracted_at=at(3, 2),
    )
    warehouse.deliver(
        "redmine",
        "tasks",
        [
            task("seen late", due_date=DUE, status_category="done", completed_at=at(3, 5)),
            task("seen early", due_date=date(2026, 3, 20), status_category="done", completed_at=at(3, 18)),
            task("kept by source", due_date=date(2026, 3, 20), first_due_date=DUE),
            task("done undated", status_category="done", due_date=DUE, first_due_date=DUE),
            task("never planned", status_category="active"),
        ],
        extracted_at=at(3, 31),
    )
    warehouse.build(tests=True)
    yield warehouse
    warehouse.close()


@pytest.fixture(scope="module")
def tasks(built: Warehouse) -> dict[str, dict[str, Any]]:
    return {row["source_record_id"]: row for row in built.rows("select * from analyst.core.fct_tasks")}


def spans(built: Warehouse, record: str) -> list[tuple[str, int]]:
    rows = built.rows(
        f"""select status_category, elapsed_us from analyst.core.fct_task_status_spans
        inner join analyst.core.fct_tasks using (task_key)
        where source_record_id = '{record}' order by span_number""".replace(
            "select status_category", "select fct_task_status_spans.status_category"
        )
    )
    return [(row["status_category"], row["elapsed_us"]) for row in rows]


@pytest.mark.parametrize(
    ("record", "baseline", "basis", "outcome"),
    [
        ("moved", DUE, "original", "finished_late"),
        ("kept", DUE, "original", "on_time"),
        ("overdue", DUE, "original", "overdue"),
        ("due date removed", DUE, "original", "overdue"),
        ("kept by source", DUE, "original", "overdue"),
        ("not yet due", date(2026, 4, 3), "original", "not_yet_due"),
        ("seen early", DUE, "first_observed", "finished_late"),
        ("seen once early", date(2026, 3, 30), "first_observed", "overdue"),
        ("seen late", DUE, "reported", "unknown_baseline"),
        ("without due date", None, None, "no_due_date"),
        ("cancelled", DUE, "original", "cancelled"),
        ("open again", DUE, "original", "overdue"),
        ("reopened", DUE, "original", "finished_late"),
        ("done undated", DUE, "original", "finished_undated"),
    ],
)
def test_a_promise_is_judged_by_its_first_due_date(
    tasks: dict[str, dict[str, Any]], record: str, baseline: date | None, basis: str | None, outcome: str
) -> None:
    row = tasks[record]
    assert (row["baseline_due_date"], row["baseline_basis"], row["completion_outcome"]) == (
        baseline,
        basis,
        outcome,
    )


def test_moves_are_counted_and_unknown_without_a_history(tasks: dict[str, dict[str, Any]]) -> None:
    moves = {record: tasks[record]["due_move_count"] for record in ("moved", "overdue", "not yet due", "seen late")}
    assert moves == {"moved": 1, "overdue": 0, "not yet due": 0, "seen late": None}
    assert tasks["moved"]["due_slip_days"] == 7


def test_a_move_after_the_day_had_passed_is_told_apart(tasks: dict[str, dict[str, Any]]) -> None:
    row = tasks["moved too late"]
    assert (row["due_move_count"], row["late_due_move_count"]) == (2, 1)
    assert tasks["moved"]["late_due_move_count"] == 0


def test_the_finish_is_dated_where_the_assignee_was(tasks: dict[str, dict[str, Any]]) -> None:
    """03:00 UTC on 7 March is still 6 March in New York; in the source's zone it would be late."""
    assert tasks["kept"]["completed_date"] == DUE
    assert tasks["kept"]["completed_date_basis"] == "person_zone"
    assert tasks["moved"]["completed_date_basis"] == "source_zone"


def test_a_reopened_task_is_finished_by_its_last_completion_or_not_at_all(tasks: dict[str, dict[str, Any]]) -> None:
    assert tasks["reopened"]["completed_at"] == at(3, 9)
    assert tasks["reopened"]["reopen_count"] == 1
    assert tasks["open again"]["completed_at"] is None


def test_changes_of_one_instant_keep_the_order_of_the_source(built: Warehouse) -> None:
    waiting = int((at(3, 3) - CREATED) / timedelta(microseconds=1))
    assert spans(built, "one instant")[:3] == [("todo", waiting), ("active", 0), ("blocked", 0)]
    assert [category for category, _ in spans(built, "one instant by id")] == ["todo", "active", "done"]


def test_blocked_time_and_flow(tasks: dict[str, dict[str, Any]]) -> None:
    row = tasks["blocked"]
    assert row["blocked_us"] == 3 * DAY
    assert row["cycle_us"] == 7 * DAY
    assert row["active_us"] == 4 * DAY
    assert (row["cycle_working_days"], row["lead_working_days"]) == (6, 31)
    assert row["first_blocked_at"] == at(3, 10)


def test_without_a_history_flow_is_unknown_and_not_zero(tasks: dict[str, dict[str, Any]]) -> None:
    row = tasks["never planned"]
    assert not row["is_status_history_known"]
    assert (row["started_at"], row["blocked_us"], row["reopen_count"]) == (None, None, None)


def test_an_open_span_lasts_until_the_source_was_last_seen(built: Warehouse) -> None:
    *_, (category, elapsed) = spans(built, "overdue")
    assert category == "active"
    assert elapsed == int((at(3, 31) - at(2, 3)) / timedelta(microseconds=1))


def test_completion_of_a_week(built: Warehouse) -> None:
    (row,) = built.rows(
        "select * from analyst.marts.mart_completion__project_week where week_start_date = date '2026-03-02'"
    )
    counted = {
        name: row[name]
        for name in row
        if name.endswith("_tasks") and name not in ("measured_cycle_tasks", "measured_lead_tasks", "wip_tasks")
    }
    assert counted == {
        "placed_tasks": 13,
        "due_tasks": 9,
        "completed_by_week_end_tasks": 1,  # kept
        "on_time_tasks": 1,
        "finished_late_tasks": 3,  # moved, reopened, seen early
        "overdue_tasks": 5,  # overdue, open again, due date removed, kept by source, moved too late
        "late_tasks": 8,
        "not_yet_due_tasks": 0,
        "unknown_baseline_tasks": 1,  # seen late
        "no_due_date_tasks": 1,
        "finished_undated_tasks": 1,
        "cancelled_tasks": 1,
        "moved_tasks": 4,  # moved, moved too late, seen early, kept by source
        "moved_late_tasks": 1,
        "finished_due_tasks": 4,
        "throughput_tasks": 5,  # kept, without due date, two of one instant, seen late
    }
    assert row["completion_ratio"] == pytest.approx(1 / 9)
    assert row["on_time_ratio"] == pytest.approx(1 / 9)
    assert row["on_time_of_finished_ratio"] == pytest.approx(1 / 4)
    assert row["judged_ratio"] == pytest.approx(9 / 11)
    # That of unknown baselines has a column: it is not counted twice.
    assert (row["gap_count"], row["is_complete"]) == (0, False)


def test_every_task_is_placed_in_one_week_and_every_finish_in_one(built: Warehouse) -> None:
    for mart in ("project_week", "team_week"):
        (sums,) = built.rows(
            f"select sum(placed_tasks) as placed, sum(throughput_tasks) as finished from analyst.marts.mart_completion__{mart}"
        )
        (facts,) = built.rows(
            "select count(*) as placed, count(completed_date) as finished from analyst.core.fct_tasks"
        )
        assert sums == facts, mart


def test_a_ratio_is_null_where_nothing_was_due(built: Warehouse) -> None:
    rows = built.rows("select * from analyst.marts.mart_completion__project_week where due_tasks = 0")
    assert rows
    assert all(row["completion_ratio"] is None and row["on_time_ratio"] is None for row in rows)


def test_a_team_owns_what_was_promised_for_its_day(built: Warehouse) -> None:
    """Ann was due in Apollo on the 6th; had the finish been dated on the 7th it would be Borealis'."""
    rows = built.rows(
        """select team_name, due_tasks, on_time_tasks, throughput_tasks
        from analyst.marts.mart_completion__team_week inner join analyst.core.dim_teams using (team_key)"""
    )
    assert rows == [{"team_name": "Apollo", "due_tasks": 1, "on_time_tasks": 1, "throughput_tasks": 1}]


def test_no_title_leaves_the_streams(built: Warehouse) -> None:
    columns = built.rows(
        "select table_name, column_name from duckdb_columns() where database_name in ('state', 'analyst')"
    )
    named = {(row["table_name"], row["column_name"]) for row in columns}
    assert {table for table, column in named if column in ("title", "subject", "note")} <= {
        "tasks",
        "interactions",
        "time_entries",
    }
