"""Small random choices, and the calendar that organisations live in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
Draw = st.DrawFn

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC", "America/St_Johns")


@dataclass(frozen=True)
class Frame:
    """First day of the organisation's weeks, always a Monday, and how many days they are."""

    start: date
    length: int

    def day(self, number: int) -> date:
        return self.start + timedelta(days=number)

    @property
    def end(self) -> date:
        return self.day(self.length - 1)


def pick(draw: Draw, options: Sequence[T]) -> T:
    """One of the options."""
    return options[draw(st.integers(0, len(options) - 1))]


def number(draw: Draw, low: int, high: int) -> int:
    """A whole number, both ends included."""
    return draw(st.integers(low, high))


def chance(draw: Draw, one_in: int) -> bool:
    """True once in so many times; False is the simpler."""
    return draw(st.integers(0, one_in - 1)) == one_in - 1


def frame(draw: Draw) -> Frame:
    """Two to four weeks in February to April 2026: both changes of summer time lie in them, and as_of of every policy."""
    start = pick(draw, (date(2026, 3, 2), date(2026, 2, 16), date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 23)))
    return Frame(start, 7 * number(draw, 2, 4))


def day_in(draw: Draw, life: Frame) -> date:
    """A day of the organisation's weeks."""
    return life.day(number(draw, 0, life.length - 1))


def instant(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant in UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def extraction(life: Frame, step: int) -> datetime:
    """Moments at which exports are taken: noon, some days apart, from the end of the weeks on."""
    return instant(life.end - timedelta(days=7), 12) + timedelta(days=3 * step)
