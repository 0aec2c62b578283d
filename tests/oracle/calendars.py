"""Days, weeks by the policy's start, months, and local dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

HOUR = 3_600_000_000
ONE_DAY = timedelta(days=1)
FOREVER = date(9999, 12, 31)

_ZONES: dict[str, str] = {}


def days(first: date, last: date) -> Iterator[date]:
    """Each day from the first to the last, inclusive."""
    while first <= last:
        yield first
        first += ONE_DAY


def week_of(day: date, week_starts_on: int) -> date:
    """First day of the week; 1 = Monday."""
    return day - timedelta(days=(day.isoweekday() - week_starts_on) % 7)


def month_of(day: date) -> date:
    """First day of the month."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """Last day of the month."""
    return month_of(month_of(day) + timedelta(days=31)) - ONE_DAY


def zone_named(name: str | None) -> ZoneInfo | None:
    """The IANA zone of that name in any case; None where there is none."""
    if not _ZONES:
        _ZONES.update({zone.lower(): zone for zone in available_timezones()})
    known = _ZONES.get(name.strip().lower()) if name else None
    return ZoneInfo(known) if known else None


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """Date on the wall in the zone."""
    return instant.astimezone(zone).date()


def offset_date(instant: datetime, minutes: int) -> date:
    """Date on a wall that is so many minutes east of UTC."""
    return instant.astimezone(timezone(timedelta(minutes=minutes))).date()


def share(total: int, parts: int) -> list[int]:
    """Whole microseconds that add up to the total; the first take the odd ones."""
    whole, odd = divmod(total, parts)
    return [whole + 1] * odd + [whole] * (parts - odd)
