"""Every published number equals what the definitions say, for organisations nobody thought of; and the oracle can tell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchestration.machine import Share
from tests.oracle.conftest import Built
from tests.oracle.laws import broken_laws
from tests.oracle.variants import changed_by_telling_it_differently, changed_tables
from tests.oracle.verdict import KEYS, SHARED, judge
from tests.warehouse.warehouse_build import failed_data_tests, open_build

first_policy = pytest.mark.parametrize("built", [0], indirect=True, ids=["policy 0"])

REASONS = ("system_account", "undated", "after_as_of", "outside_calendar", "absence", "other_source_has_authority")
BASES = ("person_zone", "offset", "source_zone", "default_zone", "stated", "period")
PAIRINGS = ("instance", "order", "single", "unmatched_start", "unmatched_completion")
RECONCILED = ("agrees", "nothing_logged", "log_is_less", "log_is_more", "log_starts_later", "no_log", "task_unknown")
OUTCOMES = (
    "on_time",
    "finished_late",
    "overdue",
    "not_yet_due",
    "unknown_baseline",
    "no_due_date",
    "finished_undated",
    "cancelled",
)


def test_the_warehouse_says_what_the_definitions_say(built: Built) -> None:
    found = judge(built.pack, built.connection, built.readings)
    assert not found, "\n".join(f"{tenant}: {told[0]}" for tenant, told in found.items())


def test_nothing_is_lost_on_the_way(built: Built) -> None:
    """The conservation laws, after edits, deletes, re-exports and moves between windows."""
    assert broken_laws(built.connection) == []


def test_nothing_that_an_export_may_hold_breaks_a_data_test(built: Built) -> None:
    """What is odd is a gap. A data test that blocks for it would keep readers from everything else."""
    failed = [result for result in failed_data_tests(built.folder) if result.severity == "blocks"]
    assert failed == []


def test_the_packs_hold_what_makes_numbers_hard(built: Built) -> None:
    """A generator that stopped to make some case would leave its comparison empty."""
    states = "superseded_rows > 0, tombstoned_rows > 0, vanished_rows > 0".replace(", ", " or ")
    for table, condition in {
        "core.fct_stream_accounts": states,
        **{f"core.fct_activities as {reason}": f"not_counted_reason = '{reason}'" for reason in REASONS},
        **{f"core.fct_activities as {basis}": f"is_counted and date_basis = '{basis}'" for basis in BASES},
        **{f"core.fct_tasks as {outcome}": f"completion_outcome = '{outcome}'" for outcome in OUTCOMES},
        **{f"core.fct_tasks as {basis}": f"baseline_basis = '{basis}'" for basis in ("original", "first_observed")},
        "core.fct_activities as parted": "is_counted and day_part = 2",
        "core.fct_tasks as reopened": "reopen_count > 0",
        "core.fct_tasks as blocked": "blocked_us > 0",
        "core.fct_capacity_days as unknown": "contracted_us is null",
        "core.fct_capacity_days as part": "absent_us > 0 and effective_us > 0",
        "core.fct_capacity_days as off": "is_holiday",
        **{f"core.fct_process_spans as {basis}": f"pairing_basis = '{basis}'" for basis in PAIRINGS},
        **{f"core.fct_task_totals as {reason}": f"reason = '{reason}'" for reason in RECONCILED},
        "core.fct_capacity_days as a shift on a holiday": "is_holiday and is_working_day",
        "core.fct_process_spans as rested": "paused_us > 0 and paused_us < elapsed_us",
        "core.fct_process_spans as clipped": "working_elapsed_us > 0 and working_elapsed_us < elapsed_us",
        "core.fct_activities as met": "activity_kind = 'interaction' and duration_us is not null",
        "marts.mart_process__activity_month as done over": "rework_step_count > 0 and waiting_hours > 0",
        "marts.mart_capture_gap__person_week as captured": "capture_gap_hours > 0",
        "marts.mart_fairness__population_month as behind": "logged_day_ratio_difference < 0",
        "core.fct_allocation_days as role": "is_placeholder",
        "core.fct_allocation_days as unsized": "allocated_us is null",
        "marts.mart_utilisation__person_week as unplaced": "unplaced_hours > 0",
        "marts.mart_utilisation__person_week as beside": "hours_without_capacity > 0",
        "marts.mart_utilisation__person_week as complete": "is_complete",
        "marts.mart_capacity__person_week as over": "is_over_allocated",
        "marts.mart_completion__team_week as complete": "is_complete and due_tasks > 0",
    }.items():
        (count,) = built.connection.execute(
            f"select count(*) from analyst.{table.split(' as ')[0]} where {condition}"
        ).fetchone() or (0,)
        assert count > 0, f"{table}: {condition}"


@first_policy
def test_telling_it_differently_changes_nothing(built: Built, tmp_path: Path) -> None:
    """In another order, in parts, twice, in another notation, with entries of no length; over the files of an earlier version.

    And on a machine of one core and little memory.
    """
    # The widest query, of every stream's versions, holds some 400 MB of buffers at once, however few the rows.
    small = Share(1, "600MB").settings(tmp_path)
    assert changed_by_telling_it_differently(built.pack, built.folder, tmp_path / "told", settings=small) == []


TAMPERED = {
    "core.fct_activities": "set duration_us = duration_us + 1 where is_counted and duration_us > 0",
    "core.fct_capacity_days": "set absent_us = 0 where absent_us > 0",
    "core.fct_tasks": "set completion_outcome = 'on_time' where completion_outcome = 'finished_late'",
    "core.fct_milestones": "set due_slip_days = 0 where due_slip_days <> 0",
    "core.fct_task_status_spans": "set elapsed_us = elapsed_us + 1 where ended_at is not null",
    "core.fct_process_spans": "set paused_us = 0 where paused_us > 0",
    "core.fct_task_totals": "set reason = 'log_is_less' where reason = 'log_starts_later'",
    "marts.mart_process__activity_month": "set waiting_hours = coalesce(waiting_hours, 0)",
    "marts.mart_capture_gap__person_week": "set capture_gap_hours = coalesce(capture_gap_hours, 0)",
    "marts.mart_fairness__population_month": "set logging_person_count = person_count",
    "finance.core.fct_activity_amounts": "set amount = amount + 0.0001 where amount > 0",
    "core.fct_allocation_days": "set allocated_us = coalesce(allocated_us, 0)",
    "core.fct_stream_accounts": "set vanished_rows = 0 where vanished_rows > 0",
    "marts.mart_utilisation__person_week": "set utilisation_ratio = 0 where utilisation_ratio is null",
    "marts.mart_utilisation__team_week": "set counted_hours = counted_hours + 0.01 where counted_hours > 0",
    "marts.mart_utilisation__team_month": "set unplaced_hours = 0 where unplaced_hours > 0",
    "marts.mart_milestones__project": "set moved_milestones = moved_milestones + 1",
    "marts.mart_completion__project_week": "set due_tasks = due_tasks + unknown_baseline_tasks",
    "marts.mart_completion__team_week": "set wip_tasks = coalesce(wip_tasks, 0)",
    "marts.mart_capacity__person_week": "set counted_hours = coalesce(counted_hours, 0)",
    "marts.mart_capacity__team_week": "set over_allocated_persons = 0 where over_allocated_persons > 0",
}


def test_every_compared_table_is_tampered_with() -> None:
    assert set(TAMPERED) == set(KEYS)


@first_policy
def test_the_oracle_sees_each_table_that_was_tampered_with(built: Built, tmp_path: Path) -> None:
    """Each in its own column, and every one of them at once: the comparison of one does not hide that of another."""
    import duckdb

    folder = tmp_path / "tampered"
    shutil.copytree(built.folder, folder, ignore=shutil.ignore_patterns("target", "logs"))
    for table, change in TAMPERED.items():
        audience, schema, name = table.rpartition("core.") if table.startswith("finance.") else ("analyst.", "", table)
        with duckdb.connect(str(folder / f"{audience}duckdb")) as connection:
            connection.execute(f"update {schema}{name} {change}")
    with open_build(folder) as connection:
        found = judge(built.pack, connection, built.readings)
        assert broken_laws(connection)
    assert {item.table for told in found.values() for item in told} == set(TAMPERED)
    assert SHARED in found
    assert len(changed_tables(built.folder, folder)) >= len(TAMPERED) - 1
