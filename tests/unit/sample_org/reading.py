"""Reads the files again with the standard library alone, independent of the code that wrote them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

Row = dict[str, str]
MICROSECONDS = 1_000_000


def rows_of(path: Path, encoding: str = "utf-8-sig") -> list[Row]:
    """Whole rows only: a row with fewer fields than the header was cut off."""
    with path.open(encoding=encoding, newline="") as handle:
        reader = csv.reader(handle)
        header = next(reader)
        return [dict(zip(header, fields, strict=True)) for fields in reader if len(fields) == len(header)]


def line(path: Path, number: int, encoding: str = "utf-8-sig") -> Row:
    """The row on a line, header = 1."""
    return rows_of(path, encoding)[number - 2]


def clock(text: str) -> int:
    hours, minutes, seconds = (int(part) for part in text.split(":"))
    return (hours * 3600 + minutes * 60 + seconds) * MICROSECONDS


def decimal_hours(text: str) -> int:
    return int(Decimal(text) * 3600 * MICROSECONDS)


DURATION: dict[str, Callable[[Row], int]] = {
    "toggl_de": lambda row: clock(row["Duration"]),
    "toggl_gb": lambda row: clock(row["Duration"]),
    "toggl_us": lambda row: clock(row["Duration"]),
    "toggl_in": lambda row: clock(row["Duration"]),
    "clockify": lambda row: clock(row["Duration (h)"]),
    "harvest": lambda row: decimal_hours(row["Hours"].replace(",", ".")),
    "redmine": lambda row: decimal_hours(row["Hours"]),
    "scripts": lambda row: decimal_hours(row["duration_hours"]),
}
"""Time of a row in microseconds, by source."""
