"""Random workflow logs: steps that begin twice, end without a beginning, rest, are aborted, and are told in several files."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.oracle.draws import Draw, Frame, chance, day_in, extraction, instant, number, pick
from tests.oracle.organisation import Delivery
from tests.oracle.random_people import Person
from tests.oracle.random_work import actor

LIFECYCLES = ("start", "complete", "start", "complete", "suspend", "resume", "abort", "schedule")


def event(draw: Draw, source: str, record: str, everybody: list[Person], moment: datetime) -> dict[str, Any]:
    """One transition of a step."""
    by = number(draw, 0, 5)
    return {
        "source_record_id": record,
        "process_name": pick(draw, ("~Purchase", None)),
        "case_id": pick(draw, ("1", "2")),
        "activity_name": pick(draw, ("Check", "Approve", "Check")),
        "lifecycle": pick(draw, LIFECYCLES),
        "instance_id": pick(draw, (None, None, "a", "b")),
        "occurred_at": moment,
        "utc_offset_minutes": pick(draw, (None, -300, 330)) if chance(draw, 3) else None,
        "is_automated": True if by == 5 else pick(draw, (None, False)),
        **({} if by == 4 else actor(draw, source, everybody[:2] if by else everybody)),
    }


def workflow(draw: Draw, source: str, everybody: list[Person], life: Frame) -> list[Delivery]:
    """A log in two files: a start in one may end in the other, and what was told may be told again otherwise."""
    begun = day_in(draw, life)
    events = []
    for index in range(number(draw, 2, 18)):
        moment = instant(begun, pick(draw, (8, 9, 9, 12, 17, 23))) + timedelta(days=pick(draw, (0, 0, 1, 3, 40)))
        events.append(event(draw, source, f"e{index}", everybody, moment))
    first = [row for row in events if not chance(draw, 4)]
    second = [
        row | {"lifecycle": pick(draw, LIFECYCLES)} if chance(draw, 8) else row for row in events if not chance(draw, 3)
    ]
    mode = pick(draw, ("changes", "full"))
    return [
        Delivery(source, "process_events", tuple(first), extraction(life, 0), mode),
        Delivery(source, "process_events", tuple(second), extraction(life, 2), mode),
    ]
