"""The books balance from the delivered row to the counted hour, and each check on them can fail."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.people_rows import employee, worked
from tests.warehouse.warehouse_build import HOUR, Warehouse, failed_data_tests

MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def entries() -> list[dict[str, Any]]:
    return [worked("ann", date(2026, 3, day), 8, source_record_id=f"r{day}") for day in (2, 3, 4, 5, 6)]


@pytest.fixture(scope="module")
def built(module_warehouse: Warehouse) -> Warehouse:
    """Five records: one edited, one deleted by the feed, one gone from a later export, one of a system, one counted twice."""
    warehouse = module_warehouse
    warehouse.source("toggl")
    warehouse.insert("workspace.authority", {"source": "toggl", "priority": 1})
    warehouse.deliver("hr", "people", [employee("ann"), employee("bot", employment_type="system")])
    first = entries()
    warehouse.deliver("toggl", "time_entries", first, extracted_at=datetime(2026, 3, 7, tzinfo=UTC))
    changes = [
        worked("ann", date(2026, 3, 2), 7, source_record_id="r2"),
        worked("ann", date(2026, 3, 3), 8, source_record_id="r3", is_deleted=True),
        worked("bot", date(2026, 3, 9), 1, source_record_id="r9"),
    ]
    warehouse.deliver("toggl", "time_entries", changes, extracted_at=datetime(2026, 3, 10, tzinfo=UTC))
    window = [changes[0], first[2], first[3], changes[2]]
    warehouse.deliver(
        "toggl",
        "time_entries",
        window,
        mode="window",
        coverage=MARCH,
        extracted_at=datetime(2026, 4, 1, tzinfo=UTC),
    )
    warehouse.deliver(
        "jira",
        "time_entries",
        [worked("ann", date(2026, 3, 4), 6), worked("ann", date(2026, 4, 20), 2)],
        rows_read=5,
        rows_quarantined=2,
        rows_filtered=1,
        us_read=11 * HOUR,
    )
    warehouse.build(tests=True)
    return warehouse


def books(built: Warehouse, source: str) -> dict[str, Any]:
    (row,) = built.rows(
        f"select * from analyst.marts.mart_reconciliation__source where source = '{source}' and stream = 'time_entries'"
    )
    return row


def test_every_delivered_row_is_accounted_for(built: Warehouse) -> None:
    row = books(built, "toggl")
    assert row["delivered_rows"] == 12
    assert (row["superseded_rows"], row["superseded_hours"]) == (6, 8 + 8 + 8 + 8 + 7 + 1)
    assert (row["tombstoned_rows"], row["vanished_rows"], row["staged_rows"]) == (1, 1, 4)
    assert (row["vanished_hours"], row["staged_hours"]) == (8, 7 + 8 + 8 + 1)
    assert (row["fact_rows"], row["counted_hours"], row["not_counted_system_account_hours"]) == (4, 23, 1)


def test_what_did_not_become_a_row_or_does_not_count_is_named(built: Warehouse) -> None:
    row = books(built, "jira")
    assert (row["rows_read"], row["rows_loaded"], row["rows_quarantined"], row["rows_filtered"]) == (5, 2, 2, 1)
    assert (row["read_hours"], row["loaded_hours"], row["not_loaded_hours"]) == (11, 8, 3)
    assert (row["counted_rows"], row["counted_hours"], row["not_counted_hours"]) == (0, None, 8)
    assert row["not_counted_other_source_has_authority_hours"] == 6
    assert row["not_counted_after_as_of_hours"] == 2
    assert not row["is_complete"]


def test_streams_without_hours_are_in_the_books_too(built: Warehouse) -> None:
    (row,) = built.rows("select * from analyst.marts.mart_reconciliation__source where stream = 'people'")
    assert (row["delivered_rows"], row["staged_rows"], row["staged_hours"]) == (2, 2, None)


TAMPERING = {
    "fct_activities__grain": "insert into analyst.core.fct_activities select * from analyst.core.fct_activities limit 1",
    "fct_activities__holds_every_activity": (
        "delete from analyst.core.fct_activities where activity_key = (select min(activity_key) from analyst.core.fct_activities)"
    ),
    "fct_activities__holds_every_staged_hour": "update analyst.core.fct_activities set duration_us = duration_us + 1",
    "fct_activities__person_key__known": "update analyst.core.fct_activities set person_key = 'nobody' where is_counted",
    "fct_activities__counted_has_no_reason": "update analyst.core.fct_activities set is_counted = true",
    "fct_activities__source__present": "update analyst.core.fct_activities set source = null",
    "fct_capacity_days__effective_is_contracted_less_absent": (
        "update analyst.core.fct_capacity_days set effective_us = 0"
    ),
    "fct_capacity_days__absence_within_contract": (
        "update analyst.core.fct_capacity_days set absent_us = contracted_us + 1, effective_us = -1"
    ),
    "fct_gaps__is_about_what_its_scope_says": (
        "update analyst.core.fct_gaps set scope = 'person', person_key = null, project_key = null"
    ),
    "fct_gaps__is_seen_before_it_is_open": "update analyst.core.fct_gaps set first_seen_date = open_since_date + 1",
    "dim_persons__spans_in_sequence": (
        "insert into analyst.core.dim_persons by name"
        " select * replace ('other' as person_span_key) from analyst.core.dim_persons where valid_from_date is not null"
    ),
    "fct_stream_accounts__delivered_rows_accounted": (
        "update analyst.core.fct_stream_accounts set staged_rows = staged_rows - 1"
    ),
    "fct_stream_accounts__fact_time_accounted": (
        "update analyst.core.fct_stream_accounts set counted_us = counted_us + 1"
    ),
    "mart_reconciliation__source__books_balance": (
        "update analyst.marts.mart_reconciliation__source set counted_difference_rows = 1"
    ),
    "mart_utilisation__person_week__holds_every_counted_hour": (
        "delete from analyst.marts.mart_utilisation__person_week where counted_hours > 0"
    ),
    "mart_utilisation__person_week__hours_in_three_parts": (
        "update analyst.marts.mart_utilisation__person_week set unplaced_hours = unplaced_hours + 1"
    ),
    "mart_utilisation__team_week__ratio_is_its_parts": (
        "update analyst.marts.mart_utilisation__team_week set utilisation_ratio = 0.99"
    ),
    "mart_utilisation__team_month__holds_all_capacity": (
        "update analyst.marts.mart_utilisation__team_month set effective_capacity_hours = 1"
    ),
    "int_schedule_days_cycled__grain": (
        "insert into intermediate.int_schedule_days_cycled select 'CREW A', date '2026-01-01', 0, false from range(2)"
    ),
    "int_exchange_rates_dated__grain": (
        "insert into intermediate.int_exchange_rates_dated"
        " select 'USD', 'EUR', date '2026-01-01', null, 0.9 from range(2)"
    ),
    "int_exchange_rates_dated__into_one_currency": (
        "insert into intermediate.int_exchange_rates_dated"
        " values ('USD', 'EUR', date '2026-01-01', null, 0.9), ('USD', 'GBP', date '2026-02-01', null, 0.8)"
    ),
    "mart_process__activity_month__rework_is_what_is_not_first": (
        "insert into analyst.marts.mart_process__activity_month by name"
        " select 'k' as process_activity_month_key, 2 as case_count, 1 as first_pass_case_count, 2 as step_count,"
        " 1 as rework_step_count"
    ),
    "mart_process__activity_month__grain": (
        "insert into analyst.marts.mart_process__activity_month by name select 'k' as process_activity_month_key from range(2)"
    ),
    "stg_time_entries__grain": ("insert into staging.stg_time_entries select * from staging.stg_time_entries limit 1"),
}


@pytest.mark.parametrize("test_name", TAMPERING)
def test_a_data_test_fails_on_data_that_breaks_it(built: Warehouse, tmp_path: Path, test_name: str) -> None:
    import duckdb

    folder = tmp_path / "tampered"
    shutil.copytree(built.folder, folder, ignore=shutil.ignore_patterns("target", "logs"))
    with duckdb.connect(str(folder / "private" / "state.duckdb")) as connection:
        connection.execute(f"attach '{folder / 'analyst.duckdb'}' as analyst")
        connection.execute(TAMPERING[test_name])
    assert [(result.rule, result.status) for result in failed_data_tests(folder, test_name)] == [(test_name, "failed")]
