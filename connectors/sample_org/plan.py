"""What is asked for: size, span, seed; and the random stream of each part."""

from __future__ import annotations

import calendar
import zlib
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from data_contracts.errors import WorkledgerError


@dataclass(frozen=True)
class Month:
    """A calendar month as far as the data go: first and last day inclusive, and day indexes from the plan's
    start.
    """

    first: date
    last: date
    first_index: int
    last_index: int

    @property
    def label(self) -> str:
        return f"{self.first.isoformat()}_{self.last.isoformat()}"


@dataclass(frozen=True)
class Plan:
    """Size, span and seed. Day indexes count from ``start``, the first of the earliest month."""

    people: int
    months: int
    seed: int
    until: date

    def __post_init__(self) -> None:
        if self.people < 60:
            raise WorkledgerError(
                f"A sample organisation of {self.people} people is too small to fill its teams",
                where="people",
                remedy="Ask for 60 or more.",
            )
        if self.months < 3:
            raise WorkledgerError(
                f"{self.months} months are too few to plant the faults in",
                where="months",
                remedy="Ask for 3 or more.",
            )

    @property
    def start(self) -> date:
        month = self.until.year * 12 + self.until.month - 1 - (self.months - 1)
        return date(month // 12, month % 12 + 1, 1)

    @property
    def days(self) -> int:
        return (self.until - self.start).days + 1

    def rng(self, part: str, *numbers: int) -> np.random.Generator:
        """An own stream for each part, so that one more draw here changes nothing there."""
        return np.random.default_rng([self.seed, zlib.crc32(part.encode()), *numbers])

    def day(self, index: int) -> date:
        return self.start + timedelta(days=int(index))

    def index(self, day: date) -> int:
        return (day - self.start).days

    def month_list(self) -> list[Month]:
        out = []
        first = self.start
        while first <= self.until:
            last = date(first.year, first.month, calendar.monthrange(first.year, first.month)[1])
            out.append(Month(first, min(last, self.until), self.index(first), self.index(min(last, self.until))))
            first = last + timedelta(days=1)
        return out

    def exported_on(self, month: Month) -> date:
        """Day the month's file is exported: two days after its end, never after the data end."""
        return min(month.last + timedelta(days=2), self.until)
