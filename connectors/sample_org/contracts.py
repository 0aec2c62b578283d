"""Contracted hours: full time by place, part-timers by weekday or by shorter days, compressed weeks, and
the unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FULL_DAY = {"DE-BY": 480, "GB": 450, "US": 480, "IN": 480}
UNKNOWN_BUT_WORKED = 480  # minutes a day that people without known hours really work


@dataclass(frozen=True)
class Hours:
    """Contracted minutes. ``week`` None where unknown, ``pattern`` (Monday to Sunday) None where the roster
    reports none.
    """

    week: int | None
    pattern: tuple[int, ...] | None
    fte: float | None

    def worked(self) -> tuple[int, ...]:
        """Minutes the person really plans for, Monday to Sunday."""
        if self.pattern is not None:
            return self.pattern
        day = UNKNOWN_BUT_WORKED if self.week is None else self.week // 5
        return (day,) * 5 + (0, 0)


def _pattern(days: tuple[int, ...], full_week: int) -> Hours:
    week = sum(days)
    return Hours(week, days, round(week / full_week, 4))


def full_time(place: str, *, with_pattern: bool) -> Hours:
    day = FULL_DAY[place]
    return Hours(day * 5, (day,) * 5 + (0, 0) if with_pattern else None, 1.0)


def draw_hours(rng: np.random.Generator, place: str, *, contractor: bool) -> Hours:
    """Draw what a person's contract says; about seven in ten are full time."""
    day = FULL_DAY[place]
    throw = float(rng.random())
    if throw < 0.015:
        return Hours(None, None, None)
    if contractor:
        return Hours(day * 4, None, None)
    if throw < 0.06:
        return _pattern((day, day, day, 0, 0, 0, 0), day * 5)
    if throw < 0.11:
        return _pattern((day, day, day, day, 0, 0, 0), day * 5)
    if throw < 0.15:
        return _pattern((0, day, day, day, 0, 0, 0), day * 5)
    if throw < 0.20:
        return _pattern((240,) * 5 + (0, 0), day * 5)
    if throw < 0.25:
        return _pattern((day * 5 // 4,) * 4 + (0, 0, 0), day * 5)  # compressed: the week in four long days
    return full_time(place, with_pattern=throw < 0.65)
