"""Rows of people and time entries in few words."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.warehouse.warehouse_build import HOUR


def employee(name: str, **values: Any) -> dict[str, Any]:
    """A fact from 2025 on: 40 hours a week in Berlin; known by e-mail and by the number ``n-<name>``."""
    return {
        "source_record_id": name,
        "person_email": f"{name}@example.org",
        "person_number": f"n-{name}",
        "person_name": name.title(),
        "valid_from_date": date(2025, 1, 1),
        "role_name": "Engineer",
        "team_name": "Delivery",
        "place": "DE",
        "zone": "Europe/Berlin",
        "contracted_week_us": 40 * HOUR,
        **values,
    }


def worked(name: str, day: date, hours: float = 8, **values: Any) -> dict[str, Any]:
    """A time entry of a day, the person known by e-mail."""
    return {
        "person_email": f"{name}@example.org",
        "work_date": day,
        "duration_us": round(hours * HOUR),
        **values,
    }
