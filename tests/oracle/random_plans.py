"""Random bookings: by share, day, week and in all, of people, strangers and roles."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.oracle.calendars import HOUR
from tests.oracle.draws import Draw, Frame, chance, day_in, extraction, number, pick
from tests.oracle.organisation import Delivery
from tests.oracle.random_people import Person

SIZES: tuple[dict[str, Any], ...] = (
    {"allocation_basis": "per_day", "allocated_us": 4 * HOUR},
    {"allocation_basis": "ratio", "allocation_ratio": Decimal("0.5")},
    {"allocation_basis": "ratio", "allocation_ratio": Decimal("1.333333")},
    {"allocation_basis": "per_week", "allocated_us": 20 * HOUR + 3},
    {"allocation_basis": "total", "allocated_us": 30 * HOUR + 1},
    {"allocation_basis": "total", "allocated_us": 0},
    {"allocation_basis": "per_day", "allocated_us": 12 * HOUR},
)


def booking(draw: Draw, record: str, everybody: list[Person], life: Frame) -> dict[str, Any]:
    """One version of a booking."""
    person = pick(draw, everybody)
    first = day_in(draw, life) + timedelta(days=pick(draw, (0, 0, 0, 14, 170)))
    who: tuple[dict[str, Any], ...] = (
        {"person_email": person.email},
        {"person_email": person.email.upper(), "person_name": "somebody"},
        {"role_name": "~Developer"},
        {"person_email": "~zoe@example.org"},
    )
    last, size = first + timedelta(days=pick(draw, (4, 0, 1, 9, 20))), pick(draw, SIZES)
    is_open = chance(draw, 30) and size["allocation_basis"] != "per_week"
    return {
        "source_record_id": record,
        **who[number(draw, 0, 3) if chance(draw, 2) else 0],
        "project_code": "~A-1" if chance(draw, 2) else None,
        "start_date": first,
        "end_date": date(9999, 12, 31) if is_open else last,
        "booking_status": pick(draw, ("confirmed", "confirmed", "tentative", "confirmed", "cancelled")),
        **size,
    }


def plan(draw: Draw, everybody: list[Person], life: Frame) -> list[Delivery]:
    """A plan that is exported whole, again and again."""
    deliveries = []
    bookings = [booking(draw, f"b{index}", everybody, life) for index in range(number(draw, 0, 8))]
    for step in range(number(draw, 1, 2)):
        rows = [
            booking(draw, row["source_record_id"], everybody, life) if step and chance(draw, 4) else row
            for row in bookings
            if not chance(draw, 6)
        ]
        deliveries.append(Delivery("~planner", "allocations", tuple(rows), extraction(life, step), mode="full"))
    return deliveries
