"""Working days of a country, and the days on which a healthy source exports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache

import holidays

FIRST, LAST = date(2025, 9, 1), date(2026, 10, 31)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]


@cache
def holidays_of(country: str) -> frozenset[date]:
    """Public holidays."""
    return frozenset(holidays.country_holidays(country, years=(2025, 2026, 2027)))


@cache
def working_days(country: str) -> tuple[date, ...]:
    """Mondays to Fridays that are no holidays."""
    return tuple(day for day in DAYS if day.isoweekday() <= 5 and day not in holidays_of(country))


def exports(country: str, rhythm: str, is_covered: bool, turn: int) -> Iterator[tuple[datetime, date | None]]:
    """Moment of extraction and the last day covered, if declared. ``turn`` is the working day of a week or month."""
    days = working_days(country)
    if rhythm == "daily":
        for number, day in enumerate(days):
            if not is_covered:
                yield datetime.combine(day, time(19)), None
            elif number:
                yield datetime.combine(day, time(6)), days[number - 1]
        return
    for first, period in _periods(days, rhythm):
        if not is_covered:
            yield datetime.combine(period[-1], time(19)), None
        else:
            yield datetime.combine(period[min(turn, len(period)) - 1], time(8)), first - timedelta(days=1)


def _periods(days: tuple[date, ...], rhythm: str) -> Iterator[tuple[date, list[date]]]:
    """First day and working days of each week or month."""
    found: dict[date, list[date]] = {}
    for day in days:
        first = day.replace(day=1) if rhythm == "monthly" else day - timedelta(days=day.weekday())
        found.setdefault(first, []).append(day)
    yield from found.items()
