"""Random meetings, calls and tickets: with and without a length, an end, an instant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.oracle.calendars import HOUR
from tests.oracle.draws import Draw, Frame, chance, day_in, extraction, instant, number, pick
from tests.oracle.organisation import Delivery
from tests.oracle.random_people import Person
from tests.oracle.random_work import PROJECTS, actor


def contact(draw: Draw, source: str, record: str, everybody: list[Person], life: Frame) -> dict[str, Any]:
    """One version of an interaction."""
    moment = instant(day_in(draw, life), pick(draw, (9, 0, 12, 18, 23)))
    later = moment + timedelta(hours=pick(draw, (1, 0, 3, 30)))
    times: tuple[dict[str, Any], ...] = (
        {"started_at": moment, "ended_at": later},
        {"started_at": moment, "ended_at": later, "handling_us": 2 * HOUR},
        {"ended_at": moment},
        {"started_at": later, "ended_at": moment},
        {"created_at": moment, "completed_at": later},
        {"created_at": moment, "first_response_at": later},
        {"work_date": moment.date(), "handling_us": 3 * HOUR // 2},
        {"created_at": moment, "completed_at": later, "handling_us": HOUR},
        {},
    )
    return {
        "source_record_id": record,
        "interaction_type": pick(draw, ("meeting", "call", "ticket")),
        **actor(draw, source, everybody),
        **pick(draw, times),
        "utc_offset_minutes": pick(draw, (None, -300, 330)) if chance(draw, 4) else None,
        **pick(draw, PROJECTS),
    }


def desk(draw: Draw, source: str, everybody: list[Person], life: Frame) -> list[Delivery]:
    """A calendar or a desk in one or two files."""
    rows = [contact(draw, source, f"i{index}", everybody, life) for index in range(number(draw, 1, 10))]
    again = [contact(draw, source, row["source_record_id"], everybody, life) for row in rows if chance(draw, 5)]
    deliveries = [Delivery(source, "interactions", tuple(rows), extraction(life, 0))]
    return [*deliveries, Delivery(source, "interactions", tuple(again), extraction(life, 1))] if again else deliveries
