"""A tool that exports events and tasks in two files feeds one stream twice: neither file speaks of what only the other holds."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.warehouse.warehouse_build import Warehouse

MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def extracted(day: int) -> datetime:
    return datetime(2026, 4, day, 6, tzinfo=UTC)


@pytest.mark.parametrize(("mode", "coverage"), [("full", None), ("window", MARCH)])
def test_absence_counts_within_one_format_only(
    warehouse: Warehouse, mode: str, coverage: tuple[date, date] | None
) -> None:
    def deliver(day: int, export: str, *records: str) -> None:
        rows = [
            {"source_record_id": record, "interaction_type": "call", "work_date": date(2026, 3, 5)}
            for record in records
        ]
        warehouse.deliver(
            "crm", "interactions", rows, mode=mode, coverage=coverage, extracted_at=extracted(day), format=export
        )

    deliver(1, "crm__events", "event", "event deleted later")
    deliver(2, "crm__tasks", "task", "task deleted later")
    deliver(3, "crm__events", "event")
    deliver(4, "crm__tasks", "task")
    warehouse.build("stg_interactions")
    rows = warehouse.rows("select source_record_id from state.staging.stg_interactions order by all")
    assert [row["source_record_id"] for row in rows] == ["event", "task"]
