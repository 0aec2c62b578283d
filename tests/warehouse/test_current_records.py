"""The current version of a record: edits, tombstones, re-exports, and what absence means."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests.warehouse.warehouse_build import HOUR, Warehouse


def extracted(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 6, tzinfo=UTC)


JANUARY = (date(2026, 1, 1), date(2026, 1, 31))
FEBRUARY = (date(2026, 2, 1), date(2026, 2, 28))


def entry(record: str, day: date, hours: float, **values: object) -> dict[str, object]:
    return {"source_record_id": record, "work_date": day, "duration_us": int(hours * HOUR), **values}


def staged(warehouse: Warehouse) -> dict[str, tuple[date, float]]:
    warehouse.build("stg_time_entries")
    return {
        row["source_record_id"]: (row["work_date"], row["duration_us"] / HOUR)
        for row in warehouse.rows("select * from state.staging.stg_time_entries")
    }


def test_a_later_extraction_supersedes_an_earlier_one_whatever_arrived_first(warehouse: Warehouse) -> None:
    warehouse.deliver("toggl", "time_entries", [entry("1", date(2026, 1, 5), 3)], extracted_at=extracted(2, 1))
    warehouse.deliver("toggl", "time_entries", [entry("1", date(2026, 1, 5), 2)], extracted_at=extracted(1, 10))
    assert staged(warehouse) == {"1": (date(2026, 1, 5), 3.0)}


def test_the_time_of_modification_weighs_more_than_the_time_of_extraction(warehouse: Warehouse) -> None:
    late, early = extracted(1, 9), extracted(1, 6)
    warehouse.deliver(
        "toggl",
        "time_entries",
        [entry("1", date(2026, 1, 5), 3, source_modified_at=late)],
        extracted_at=extracted(1, 10),
    )
    warehouse.deliver(
        "toggl",
        "time_entries",
        [entry("1", date(2026, 1, 5), 2, source_modified_at=early)],
        extracted_at=extracted(2, 1),
    )
    assert staged(warehouse) == {"1": (date(2026, 1, 5), 3.0)}


def test_a_tombstone_removes_the_record(warehouse: Warehouse) -> None:
    warehouse.deliver("toggl", "time_entries", [entry("1", date(2026, 1, 5), 3)], extracted_at=extracted(1, 10))
    warehouse.deliver(
        "toggl",
        "time_entries",
        [entry("1", date(2026, 1, 5), 3, is_deleted=True)],
        extracted_at=extracted(1, 11),
    )
    assert staged(warehouse) == {}


def test_absence_from_changes_means_nothing(warehouse: Warehouse) -> None:
    rows = [entry("1", date(2026, 1, 5), 3), entry("2", date(2026, 1, 6), 4)]
    warehouse.deliver("toggl", "time_entries", rows, extracted_at=extracted(1, 10))
    warehouse.deliver("toggl", "time_entries", rows[:1], extracted_at=extracted(1, 11))
    assert set(staged(warehouse)) == {"1", "2"}


def test_absence_from_a_later_window_over_its_day_removes_a_record(warehouse: Warehouse) -> None:
    rows = [entry("1", date(2026, 1, 31), 3), entry("2", date(2026, 2, 1), 4)]
    warehouse.deliver("toggl", "time_entries", rows, extracted_at=extracted(2, 10))
    warehouse.deliver("toggl", "time_entries", [], mode="window", coverage=JANUARY, extracted_at=extracted(2, 11))
    assert set(staged(warehouse)) == {"2"}


def test_an_incomplete_window_removes_nothing(warehouse: Warehouse) -> None:
    warehouse.deliver("toggl", "time_entries", [entry("1", date(2026, 1, 31), 3)], extracted_at=extracted(2, 10))
    warehouse.deliver(
        "toggl",
        "time_entries",
        [],
        mode="window",
        coverage=JANUARY,
        extracted_at=extracted(2, 11),
        is_complete=False,
    )
    assert set(staged(warehouse)) == {"1"}


def test_a_window_of_another_source_says_nothing(warehouse: Warehouse) -> None:
    warehouse.deliver("toggl", "time_entries", [entry("1", date(2026, 1, 31), 3)], extracted_at=extracted(2, 10))
    warehouse.deliver("harvest", "time_entries", [], mode="window", coverage=JANUARY, extracted_at=extracted(2, 11))
    assert set(staged(warehouse)) == {"1"}


def test_a_record_that_left_one_window_comes_back_in_another(warehouse: Warehouse) -> None:
    warehouse.deliver(
        "toggl",
        "time_entries",
        [entry("1", date(2026, 1, 31), 3)],
        mode="window",
        coverage=JANUARY,
        extracted_at=extracted(2, 1),
    )
    warehouse.deliver("toggl", "time_entries", [], mode="window", coverage=JANUARY, extracted_at=extracted(2, 2))
    warehouse.deliver(
        "toggl",
        "time_entries",
        [entry("1", date(2026, 2, 2), 3)],
        mode="window",
        coverage=FEBRUARY,
        extracted_at=extracted(2, 3),
    )
    assert staged(warehouse) == {"1": (date(2026, 2, 2), 3.0)}


def test_a_record_deleted_from_its_new_window_does_not_rise_again_in_the_old_one(warehouse: Warehouse) -> None:
    warehouse.deliver(
        "toggl",
        "time_entries",
        [entry("1", date(2026, 1, 31), 3)],
        mode="window",
        coverage=JANUARY,
        extracted_at=extracted(2, 1),
    )
    warehouse.deliver(
        "toggl",
        "time_entries",
        [entry("1", date(2026, 2, 2), 3)],
        mode="window",
        coverage=FEBRUARY,
        extracted_at=extracted(2, 3),
    )
    warehouse.deliver("toggl", "time_entries", [], mode="window", coverage=FEBRUARY, extracted_at=extracted(2, 4))
    assert staged(warehouse) == {}


def test_a_full_delivery_removes_what_it_lacks_with_or_without_a_date(warehouse: Warehouse) -> None:
    rows = [entry("1", date(2026, 1, 5), 3), {"source_record_id": "2", "duration_us": HOUR}]
    warehouse.deliver("toggl", "time_entries", rows, extracted_at=extracted(1, 10))
    warehouse.deliver(
        "toggl",
        "time_entries",
        [entry("3", date(2026, 1, 7), 1)],
        mode="full",
        extracted_at=extracted(1, 11),
    )
    assert set(staged(warehouse)) == {"3"}


def test_the_window_is_read_in_local_time(warehouse: Warehouse) -> None:
    """22:30 UTC on 31 January is 1 February in Tallinn: January's export does not cover it."""
    warehouse.source("toggl", zone="Europe/Tallinn")
    instant = datetime(2026, 1, 31, 22, 30, tzinfo=UTC)
    row = {"source_record_id": "1", "date_precision": "instant", "started_at": instant, "duration_us": HOUR}
    warehouse.deliver("toggl", "time_entries", [row], extracted_at=extracted(2, 10))
    warehouse.deliver("toggl", "time_entries", [], mode="window", coverage=JANUARY, extracted_at=extracted(2, 11))
    assert set(staged(warehouse)) == {"1"}


def test_equal_deliveries_are_decided_by_their_hash(warehouse: Warehouse) -> None:
    at = extracted(1, 10)
    warehouse.deliver("toggl", "time_entries", [entry("1", date(2026, 1, 5), 3)], extracted_at=at, sha256="b")
    warehouse.deliver("toggl", "time_entries", [entry("1", date(2026, 1, 5), 2)], extracted_at=at, sha256="a")
    assert staged(warehouse) == {"1": (date(2026, 1, 5), 3.0)}
