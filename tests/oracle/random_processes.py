"""Random workflow logs: steps done over, beside one another and by several, rests, ends of nothing, told in several files."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.oracle.draws import Draw, Frame, chance, day_in, extraction, instant, number, pick
from tests.oracle.organisation import Delivery
from tests.oracle.random_people import Person
from tests.oracle.random_work import actor

Row = dict[str, Any]
LIVES = (
    ("start", "complete"),
    ("start", "suspend", "resume", "complete"),
    ("start", "suspend", "complete"),
    ("suspend", "start", "suspend", "resume", "complete"),
    ("start", "suspend", "suspend", "resume", "resume", "abort"),
    ("complete",),
    ("schedule", "start"),
)
HOURS = (0, 1, 1, 4, 20, 50)


def step(draw: Draw, source: str, number_of: int, everybody: list[Person], begun: datetime) -> list[Row]:
    """The events of one step of one case, from some instant on. Whoever ends it is mostly who began it."""
    by = number(draw, 0, 7)
    who = {} if by == 6 else actor(draw, source, everybody[:2] if by else everybody)
    what = {
        "process_name": pick(draw, ("~Purchase", "~Purchase", None)),
        "case_id": pick(draw, ("1", "2")),
        "activity_name": pick(draw, ("Check", "Approve")),
        "instance_id": pick(draw, (None, None, f"i{number_of}", "i")),
        "utc_offset_minutes": pick(draw, (None, -300, 330)) if chance(draw, 3) else None,
        "is_automated": True if by == 7 else pick(draw, (None, False)),
    }
    rows: list[Row] = []
    moment = begun
    for lifecycle in pick(draw, LIVES):
        other = actor(draw, source, everybody) if chance(draw, 8) else who
        rows.append({**what, **other, "lifecycle": lifecycle, "occurred_at": moment})
        moment += timedelta(hours=pick(draw, HOURS))
    return rows


def workflow(draw: Draw, source: str, everybody: list[Person], life: Frame) -> list[Delivery]:
    """A log in two files: a start in one may end in the other, and what was told may be told again otherwise."""
    begun = day_in(draw, life)
    rows: list[Row] = []
    for index in range(number(draw, 1, 7)):
        moment = instant(begun, pick(draw, (8, 9, 9, 12, 17, 23))) + timedelta(days=pick(draw, (0, 0, 1, 3, 40)))
        rows += step(draw, source, index, everybody, moment)
    events = [{"source_record_id": f"e{index}", **row} for index, row in enumerate(rows)]
    first = [row for row in events if not chance(draw, 6)]
    second = [row | {"case_id": "2"} if chance(draw, 10) else row for row in events if not chance(draw, 6)]
    mode = pick(draw, ("changes", "full"))
    return [
        Delivery(source, "process_events", tuple(first), extraction(life, 0), mode),
        Delivery(source, "process_events", tuple(second), extraction(life, 2), mode),
    ]
