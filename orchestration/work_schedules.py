"""What has to hold of ``reference/work_schedules.csv``: every schedule one whole cycle of days, so that no day is left unsaid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import groupby
from pathlib import Path

from data_contracts.errors import WorkledgerError

HOURS_OF_A_DAY = 24
Line = tuple[int, Mapping[str, str]]


def schedule_problems(path: Path, rows: Sequence[Mapping[str, str]]) -> list[WorkledgerError]:
    """Days that are missing, told twice or no days; cycles with two beginnings; days of more than 24 hours.

    ``rows`` are those of the file below its header, with no required cell empty.
    """
    lines = sorted(enumerate(rows, start=2), key=lambda line: (_schedule(line), line[0]))
    return [
        WorkledgerError(f"The schedule {name}: {what}", where=f"{path}, row {number}", remedy=remedy)
        for name, own in groupby(lines, key=_schedule)
        for number, what, remedy in _problems(list(own))
    ]


def _schedule(line: Line) -> str:
    return line[1]["work_schedule"].strip().upper()


def _problems(lines: list[Line]) -> Iterator[tuple[int, str, str]]:
    days: dict[int, int] = {}
    first_number, first = lines[0]
    for number, row in lines:
        day = _whole(row["cycle_day"])
        if day is None or day < 1:
            yield number, f"{row['cycle_day']!r} is no day of a cycle", "Number the days of the cycle 1, 2, 3 ..."
        elif day in days:
            yield number, f"day {day} of the cycle is in row {days[day]} already", "Give each day of the cycle one row."
        else:
            days[day] = number
        if row["cycle_start_date"].strip() != first["cycle_start_date"].strip():
            remedy = f"All its rows begin on the same day; row {first_number} says {first['cycle_start_date'].strip()}."
            yield number, f"its cycle begins on {row['cycle_start_date'].strip()} here", remedy
        hours = _number(row["hours"])
        if hours is None or not 0 <= hours <= HOURS_OF_A_DAY:
            yield number, f"{row['hours']!r} are no hours of a day", "Write hours from 0 to 24 with a point: 7.5."
    missing = sorted(set(range(1, max(days, default=0) + 1)) - set(days))
    if missing:
        listed = ", ".join(map(str, missing[:5]))
        yield first_number, f"its cycle says nothing of day {listed}", "Give a day off a row with 0 hours."


def _whole(text: str) -> int | None:
    return int(text) if text.strip().isascii() and text.strip().isdigit() else None


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
