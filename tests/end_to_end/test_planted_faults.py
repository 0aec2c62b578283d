"""The faults that the sample organisation plants are found where they are, and little else is reported."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

Refreshed = tuple[Path, dict[str, Any]]
US_PER_HOUR = 3_600_000_000
# What the sample organisation holds beside its planted faults: people who forget to log now and then, plans over what a person
# has, roles booked without a person, tasks without a promised date, contracts without hours, accounts without activity.
EXPECTED_BESIDE = {
    "unlogged_days",
    "over_allocated",
    "unplaced_bookings",
    "unknown_baselines",
    "unknown_capacity",
    "roster_without_activity",
    "evidence_without_hours",
}


@pytest.fixture(scope="module")
def faults(refreshed: Refreshed) -> dict[str, dict[str, Any]]:
    planted = json.loads((refreshed[0] / "planted_faults.json").read_text())
    return {fault["fault"]: fault for fault in planted["faults"]}


@pytest.fixture(scope="module")
def published(refreshed: Refreshed) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:")
    for audience in ("analyst", "directory"):
        con.execute(f"attach '{refreshed[0]}/published/current/{audience}.duckdb' as {audience} (read_only)")
    return con


def _gaps(con: duckdb.DuckDBPyConnection, rule: str, email: str | None = None) -> list[tuple[Any, ...]]:
    """(source, start, end, hours) of the gaps of a rule, of one person where an address is given."""
    return con.execute(
        "select source, start_date, end_date, hours_at_stake from analyst.core.fct_gaps as gaps where rule = ?"
        " and (? is null or person_key in (select person_key from directory.core.dim_person_names where person_email = ?))",
        [rule, email, email],
    ).fetchall()


@pytest.mark.parametrize(
    ("fault", "rule"), [("overlap", "overlapping_entries"), ("day_over_24_hours", "over_24_hours")]
)
def test_a_fault_of_one_day_is_found_on_that_day(faults: Any, published: Any, fault: str, rule: str) -> None:
    detail = faults[fault]["detail"]
    found = _gaps(published, rule, detail["email"])
    assert date.fromisoformat(detail["date"]) in {start for _, start, _, _ in found}


def test_hours_of_an_unknown_address_are_kept_and_shown(faults: Any, published: Any) -> None:
    fault = faults["unknown_email"]
    (found,) = _gaps(published, "unmatched_people")
    assert (found[0], found[3]) == (fault["source"], fault["detail"]["us"] / US_PER_HOUR)


def test_a_cut_off_row_is_in_quarantine(faults: Any, published: Any) -> None:
    (found,) = _gaps(published, "quarantined_rows")
    assert found[0] == faults["truncated_file"]["source"]


def test_a_total_that_its_log_does_not_reach_is_told(faults: Any, published: Any) -> None:
    detail = faults["unreconciled_task"]["detail"]
    (found,) = _gaps(published, "task_totals_disagree")
    assert found[3] == (detail["us_reported"] - detail["us_logged"]) / US_PER_HOUR


def test_a_silent_week_shows_as_unlogged_days(faults: Any, published: Any) -> None:
    fault = faults["silent_week"]
    first, last = date.fromisoformat(fault["detail"]["from"]), date.fromisoformat(fault["detail"]["to"])
    people = published.execute(
        "select count(distinct person_key) from analyst.core.fct_gaps where rule = 'unlogged_days'"
        " and start_date <= ? and end_date >= ?",
        [last, first],
    ).fetchone()[0]
    assert people >= fault["detail"]["people"] - 1  # one of them may be on leave all week


def test_a_moved_due_date_keeps_its_first_promise(faults: Any, published: Any) -> None:
    detail = faults["moved_due_date"]["detail"]
    row = published.execute(
        "select baseline_due_date, due_date, due_move_count > 0 from analyst.core.fct_tasks where source_record_id = ?",
        [detail["id"]],
    ).fetchone()
    assert row == (date.fromisoformat(detail["first_due"]), date.fromisoformat(detail["due"]), True)


def test_hours_claimed_twice_count_once(faults: Any, published: Any) -> None:
    fault = faults["double_claim"]
    uncounted = published.execute(
        "select sum(duration_us)::bigint from analyst.core.fct_activities"
        " where source = ? and not_counted_reason = 'other_source_has_authority'",
        [fault["source"]],
    ).fetchone()[0]
    assert uncounted == fault["detail"]["us"]


def test_nothing_else_is_reported(faults: Any, published: Any) -> None:
    planted = {fault["rule"] for fault in faults.values()}
    rules = {row[0] for row in published.execute("select distinct rule from analyst.core.fct_gaps").fetchall()}
    assert rules - planted <= EXPECTED_BESIDE
