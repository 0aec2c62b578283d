"""Workflow events become spans by id or in order, across deliveries; interactions keep their measured time. Both are evidence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.warehouse.warehouse_build import HOUR, Warehouse


def at(hour: int, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def event(case: str, lifecycle: str, when: datetime, **values: Any) -> dict[str, Any]:
    return {
        "case_id": case,
        "activity_name": "approve",
        "lifecycle": lifecycle,
        "occurred_at": when,
        "person_email": "ann@example.org",
        **values,
    }


FIRST_DELIVERY = [
    event("in order", "start", at(8)),
    event("in order", "start", at(9)),
    event("in order", "complete", at(10)),
    event("across files", "start", at(23)),
    event("orphan first", "complete", at(7)),
    event("orphan first", "start", at(8)),
    event("orphan first", "complete", at(9)),
    event("by id", "start", at(8), instance_id="a"),
    event("by id", "start", at(9), instance_id="b"),
    event("by id", "complete", at(10), instance_id="b", person_email="bea@example.org"),
    event("by id", "complete", at(12), instance_id="a"),
    event("two people", "start", at(8)),
    event("two people", "start", at(9), person_email="bea@example.org"),
    event("two people", "complete", at(10), person_email="bea@example.org"),
    event("two people", "complete", at(13)),
    event("paused", "start", at(8)),
    event("paused", "suspend", at(9)),
    event("paused", "resume", at(11)),
    event("paused", "suspend", at(14)),
    event("paused", "complete", at(15)),
    event("told twice to stop", "start", at(8)),
    event("told twice to stop", "suspend", at(9)),
    event("told twice to stop", "suspend", at(10)),
    event("told twice to stop", "resume", at(12)),
    event("told twice to stop", "resume", at(13)),
    event("told twice to stop", "complete", at(14)),
    event("nobody", "start", at(8), person_email=None),
    event("nobody", "complete", at(9), person_email=None),
    event("never completed", "start", at(8)),
    event("aborted", "start", at(8)),
    event("aborted", "abort", at(9)),
    event("no length", "complete", at(8)),
    event("no length", "start", at(8)),
    event("scheduled", "schedule", at(8)),
    event("scheduled", "assign", at(9)),
    event("single", "complete", at(8), activity_name="archive"),
    event("automated", "start", at(8), is_automated=True),
    event("automated", "complete", at(9), is_automated=True),
    event("over a weekend", "start", datetime(2026, 3, 6, 12, tzinfo=UTC)),
    event("over a weekend", "complete", datetime(2026, 3, 9, 3, tzinfo=UTC)),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    warehouse = Warehouse(tmp_path_factory.mktemp("processes") / "build")
    warehouse.source("bpm", owner="finance operations")
    fact = {"valid_from_date": date(2026, 1, 1), "contracted_week_us": 40 * HOUR, "zone": "UTC"}
    people = [{**fact, "person_email": f"{name}@example.org"} for name in ("ann", "bea")]
    warehouse.deliver("hr", "people", people)
    warehouse.deliver("bpm", "process_events", FIRST_DELIVERY)
    warehouse.deliver("bpm", "process_events", [event("across files", "complete", at(1, day=3))])
    warehouse.deliver(
        "crm",
        "interactions",
        [
            interaction("call", started_at=at(8), ended_at=at(9)),
            interaction("ticket", created_at=at(8), completed_at=at(9, day=4), handling_us=HOUR // 2),
            interaction("email", created_at=at(8), completed_at=at(9)),
            interaction("meeting", work_date=date(2026, 3, 5), due_at=at(8)),
        ],
    )
    warehouse.deliver("tracker", "time_entries", [{"person_email": "ann@example.org", "work_date": date(2026, 3, 2)}])
    warehouse.build(tests=True)
    yield warehouse
    warehouse.close()


def interaction(kind: str, **values: Any) -> dict[str, Any]:
    return {"source_record_id": kind, "interaction_type": kind, "person_email": "ann@example.org", **values}


def spans(built: Warehouse, case: str) -> list[tuple[int | None, int | None, str]]:
    """Hours of the day of start and end, and how they were paired."""
    rows = built.rows(
        f"select started_at, ended_at, pairing_basis from analyst.core.fct_process_spans where case_id = '{case}'"
    )
    shown = [
        (
            row["started_at"].hour if row["started_at"] else None,
            row["ended_at"].hour if row["ended_at"] else None,
            row["pairing_basis"],
        )
        for row in rows
    ]
    return sorted(shown, key=str)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("in order", [(8, 10, "order"), (9, None, "unmatched_start")]),
        ("across files", [(23, 1, "order")]),
        ("orphan first", [(8, 9, "order"), (None, 7, "unmatched_completion")]),
        ("by id", [(8, 12, "instance"), (9, 10, "instance")]),
        ("two people", [(8, 13, "order"), (9, 10, "order")]),
        ("never completed", [(8, None, "unmatched_start")]),
        ("aborted", [(8, 9, "order")]),
        ("no length", [(8, 8, "order")]),
        ("scheduled", []),
        ("single", [(None, 8, "single")]),
    ],
)
def test_events_are_paired(built: Warehouse, case: str, expected: list[tuple[int | None, int | None, str]]) -> None:
    assert spans(built, case) == sorted(expected, key=str)


def test_every_event_that_can_be_paired_is_in_one_span(built: Warehouse) -> None:
    """Staged = starts and ends of spans + marks (schedule, assign) + pauses."""
    ends = built.one("select count(opening_key) + count(closing_key) from state.intermediate.int_process_events_paired")
    others = built.one(
        "select count(*) from state.staging.stg_process_events where lifecycle not in ('start', 'complete', 'abort')"
    )
    assert (ends, others) == (31 + 1, 9)
    assert ends + others == built.one("select count(*) from state.staging.stg_process_events")


def test_pauses_are_taken_out_and_one_that_nobody_ended_lasts_to_the_end(built: Warehouse) -> None:
    (row,) = built.rows("select elapsed_us, paused_us from analyst.core.fct_process_spans where case_id = 'paused'")
    assert row == {"elapsed_us": 7 * HOUR, "paused_us": 3 * HOUR}


def test_who_is_told_twice_to_stop_stops_once(built: Warehouse) -> None:
    where = "where case_id = 'told twice to stop'"
    assert built.one(f"select paused_us from analyst.core.fct_process_spans {where}") == 3 * HOUR


def test_an_event_without_a_resource_has_no_person(built: Warehouse) -> None:
    (row,) = built.rows("select person_key, pairing_basis from analyst.core.fct_process_spans where case_id = 'nobody'")
    assert row == {"person_key": None, "pairing_basis": "order"}
    named = "select count(*) from directory.core.dim_person_names where coalesce(person_email, person_name) is null"
    assert built.one(named) == 0


def test_a_span_is_clipped_to_working_days_and_the_contract_of_each(built: Warehouse) -> None:
    """Friday noon to Monday 03:00: at most 8 hours of Friday, no weekend, 3 hours of Monday."""
    (row,) = built.rows(
        "select elapsed_us, working_elapsed_us from analyst.core.fct_process_spans where case_id = 'over a weekend'"
    )
    assert row == {"elapsed_us": 63 * HOUR, "working_elapsed_us": 11 * HOUR}


def test_what_a_system_did_has_no_person(built: Warehouse) -> None:
    (row,) = built.rows(
        "select person_key, working_elapsed_us from analyst.core.fct_process_spans where case_id = 'automated'"
    )
    assert row == {"person_key": None, "working_elapsed_us": None}


def test_evidence_never_counts_as_work(built: Warehouse) -> None:
    rows = built.rows(
        """select activity_kind, not_counted_reason from analyst.core.fct_activities
        where activity_kind <> 'time_entry' group by all order by all"""
    )
    assert rows == [
        {"activity_kind": "interaction", "not_counted_reason": "evidence"},
        {"activity_kind": "process_span", "not_counted_reason": "evidence"},
    ]


def test_the_time_of_an_interaction_is_measured_or_unknown(built: Warehouse) -> None:
    """An e-mail that only has a creation and a completion was open for an hour, not worked on."""
    rows = built.rows(
        "select source_record_id, work_date, duration_us from analyst.core.fct_activities where activity_kind = 'interaction'"
    )
    assert {row["source_record_id"]: (row["work_date"].day, row["duration_us"]) for row in rows} == {
        "call": (2, HOUR),
        "ticket": (4, HOUR // 2),
        "email": (2, None),
        "meeting": (5, None),
    }


def test_a_promise_of_an_interaction_that_passed_unmet_is_late(built: Warehouse) -> None:
    rows = built.rows("select source_record_id, is_on_time from analyst.core.fct_interactions")
    assert {row["source_record_id"]: row["is_on_time"] for row in rows} == {
        "call": None,
        "ticket": None,
        "email": None,
        "meeting": False,
    }


def test_unmatched_events_are_told_and_single_ones_are_not(built: Warehouse) -> None:
    rows = built.rows("select detail, owner from analyst.core.fct_gaps where rule = 'unmatched_process_events'")
    assert sorted((row["detail"], row["owner"]) for row in rows) == [
        ("1 completions without a start of approve", "finance operations"),
        ("2 starts without a completion of approve", "finance operations"),
    ]
