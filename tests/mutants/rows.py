"""Rows of the organisations made by hand, with everything said that is not the point."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.oracle.calendars import HOUR
from tests.oracle.organisation import Delivery

MONDAY, SUNDAY = date(2026, 3, 2), date(2026, 3, 8)
CREATED, BEGUN = datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 3, 8, tzinfo=UTC)
TAKEN, TAKEN_AGAIN = datetime(2026, 3, 10, 12, tzinfo=UTC), datetime(2026, 3, 12, 12, tzinfo=UTC)


def employed(name: str, **values: Any) -> dict[str, Any]:
    """From 2025 on, 40 hours a week."""
    return {
        "source_record_id": name,
        "person_email": f"~{name}@example.org",
        "person_number": f"~N-{name}",
        "person_name": f"~{name}",
        "valid_from_date": date(2025, 1, 1),
        "valid_from_basis": "reported",
        "employment_type": "employee",
        "contracted_week_us": 40 * HOUR,
        **values,
    }


def worked(name: str, day: date, hours: int = 8, **values: Any) -> dict[str, Any]:
    """An entry of a day."""
    record = {"source_record_id": f"{name} {day}", "person_email": f"~{name}@example.org"}
    return {**record, "date_precision": "day", "work_date": day, "duration_us": hours * HOUR, **values}


def over(name: str, first: date, last: date, hours: int, **values: Any) -> dict[str, Any]:
    """An entry of a period."""
    period = {"date_precision": "period", "work_date": None, "period_start_date": first, "period_end_date": last}
    return worked(name, first, hours, **{"source_record_id": f"{name} from {first}", **period, **values})


def roster(*facts: dict[str, Any]) -> Delivery:
    """Of HR, whole."""
    return Delivery("~hr", "people", facts, TAKEN, mode="full")


def tasks(*rows: dict[str, Any], **values: Any) -> Delivery:
    """Of the tracker, whole."""
    return Delivery("~toggl", "tasks", rows, TAKEN, mode="full", **values)


def moved(
    record: str, task: str, sequence: int, to_status: tuple[str, str], at: datetime, **values: Any
) -> dict[str, Any]:
    """A change of status."""
    return {
        "source_record_id": record,
        "task_source_id": task,
        "change_sequence": sequence,
        "changed_at": at,
        "field": "status",
        "to_value": to_status[0],
        "to_category": to_status[1],
        **values,
    }


def entries(*rows: dict[str, Any], taken: datetime = TAKEN, **values: Any) -> Delivery:
    """Of the tracker."""
    return Delivery("~toggl", "time_entries", rows, taken, **values)


def booked(name: str, first: date, last: date, hours: int) -> dict[str, Any]:
    """So many hours on each working day."""
    return {
        "source_record_id": f"{name} from {first}",
        "person_email": f"~{name}@example.org",
        "start_date": first,
        "end_date": last,
        "booking_status": "confirmed",
        "allocation_basis": "per_day",
        "allocated_us": hours * HOUR,
    }


def away(name: str, day: date) -> dict[str, Any]:
    """Approved leave of a whole day."""
    who = {"source_record_id": f"{name} off {day}", "person_email": f"~{name}@example.org"}
    return {**who, "start_date": day, "end_date": day, "status": "approved", "day_ratio": Decimal(1)}


def met(name: str, day: date, hours: int) -> dict[str, Any]:
    """A meeting of so many hours."""
    who = {"source_record_id": f"{name} met {day}", "person_email": f"~{name}@example.org"}
    return {**who, "interaction_type": "meeting", "work_date": day, "handling_us": hours * HOUR}


def rated(record: str, amount: int, **values: Any) -> dict[str, Any]:
    """A cost rate in euros since 2025."""
    line = {"source_record_id": record, "rate_type": "cost", "valid_from_date": date(2025, 1, 1), "currency": "EUR"}
    return {**line, "hourly_rate_amount": Decimal(amount), **values}
