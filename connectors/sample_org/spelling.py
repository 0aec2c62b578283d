"""Text tables: every date, clock time and duration is spelled once, then gathered by number. That is what
makes it fast.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from connectors.sample_org.organisation import Organisation
from connectors.sample_org.plan import Plan
from connectors.sample_org.projects import Portfolio

if TYPE_CHECKING:
    import polars as pl

Ints = npt.NDArray[np.int64]
MARGIN = 400  # days spelled before the start and after the end
LONGEST = 60 * 3600


@cache
def _table(kind: str) -> pl.Series:
    import polars as pl

    if kind == "clock24":
        return pl.Series([f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(86_400)])
    if kind == "clock12":
        return pl.Series(
            [
                f"{(s // 3600 + 11) % 12 + 1:02d}:{s // 60 % 60:02d}:{s % 60:02d} {half}"
                for s, half in ((s, "AM" if s < 43_200 else "PM") for s in range(86_400))
            ]
        )
    return pl.Series([f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(LONGEST)])


def gather(table: pl.Series, numbers: npt.NDArray[np.int64]) -> pl.Series:
    """Text of each number."""
    import polars as pl

    return table.gather(pl.Series(numbers.astype(np.uint32)))


def clock24(seconds: Ints) -> pl.Series:
    """13:05:09."""
    return gather(_table("clock24"), seconds % 86_400)


def clock12(seconds: Ints) -> pl.Series:
    """01:05:09 PM."""
    return gather(_table("clock12"), seconds % 86_400)


def elapsed(seconds: Ints) -> pl.Series:
    """01:05:09, hours beyond 24 written on."""
    return gather(_table("elapsed"), seconds)


def decimals(values: npt.NDArray[np.float64] | Ints, places: int = 2) -> pl.Series:
    """Fixed decimals, point."""
    import polars as pl

    scale = 10**places
    numbers = np.rint(np.asarray(values, np.float64) * scale).astype(np.int64)
    whole = pl.Series(numbers // scale).cast(pl.String)
    return whole + "." + pl.Series(numbers % scale).cast(pl.String).str.zfill(places)


@cache
def comma_hundredths() -> pl.Series:
    """7,5 and 0,25 and 20,0: at most two decimals, at least one, point for thousands."""
    import polars as pl

    return pl.Series(
        [f"{n // 100:,}".replace(",", ".") + "," + (f"{n % 100:02d}".rstrip("0") or "0") for n in range(400_000)]
    )


class Texts:
    """Tables of one sample: people, projects, days. ``strangers`` are e-mails that no roster knows."""

    def __init__(
        self, plan: Plan, org: Organisation, portfolio: Portfolio, strangers: tuple[tuple[str, str], ...]
    ) -> None:
        self.plan, self.org, self.portfolio = plan, org, portfolio
        self.strangers = strangers
        count = len(org.people)
        self._renamed_on = np.full(count + len(strangers), -(10**6), np.int64)
        for i, person in enumerate(org.people):
            if person.renamed_on is not None:
                self._renamed_on[i] = person.renamed_on

    @cached_property
    def names(self) -> pl.Series:
        import polars as pl

        return pl.Series([p.name for p in self.org.people] + [name for name, _ in self.strangers])

    @cached_property
    def numbers(self) -> pl.Series:
        import polars as pl

        return pl.Series([p.number for p in self.org.people] + [""] * len(self.strangers))

    @cached_property
    def is_employee(self) -> npt.NDArray[np.bool_]:
        kinds = [p.employment_type == "employee" for p in self.org.people]
        return np.array(kinds + [False] * len(self.strangers), bool)

    @cached_property
    def team_names(self) -> pl.Series:
        """Number 0 is no team; team n is at n + 1."""
        import polars as pl

        return pl.Series([None, *(team.name for team in self.org.teams)], dtype=pl.String)

    @cached_property
    def _emails(self) -> pl.Series:
        import polars as pl

        now = [p.email for p in self.org.people] + [email for _, email in self.strangers]
        before = [p.earlier_email or p.email for p in self.org.people] + [email for _, email in self.strangers]
        return pl.Series(now + before)

    def present_emails(self, person: Ints) -> pl.Series:
        """Address as it is today."""
        return gather(self._emails, person)

    def emails(self, person: Ints, day: Ints) -> pl.Series:
        """Address as the tool knew it on the day: the earlier one before a change of name."""
        early = day < self._renamed_on[person]
        return gather(self._emails, person + np.where(early, len(self._emails) // 2, 0))

    def days(self, day: Ints, style: str = "iso") -> pl.Series:
        return gather(self._iso if style == "iso" else self._us, day + MARGIN)

    @cached_property
    def _iso(self) -> pl.Series:
        import polars as pl

        return pl.Series([self.plan.day(i - MARGIN).isoformat() for i in range(self.plan.days + 2 * MARGIN)])

    @cached_property
    def _us(self) -> pl.Series:
        import polars as pl

        return pl.Series([self.plan.day(i - MARGIN).strftime("%m/%d/%Y") for i in range(self.plan.days + 2 * MARGIN)])

    @cached_property
    def project_names(self) -> pl.Series:
        import polars as pl

        return pl.Series([p.name for p in self.portfolio.projects])

    @cached_property
    def project_codes(self) -> pl.Series:
        import polars as pl

        return pl.Series([p.code for p in self.portfolio.projects])

    @cached_property
    def clients(self) -> pl.Series:
        import polars as pl

        return pl.Series([p.client or None for p in self.portfolio.projects])

    @cached_property
    def activities(self) -> pl.Series:
        import polars as pl

        return pl.Series(list(self.portfolio.activities))

    @cached_property
    def notes(self) -> pl.Series:
        import polars as pl

        from connectors.sample_org.names import NOTES

        return pl.Series([note or None for note in NOTES])

    @staticmethod
    def yes_no(flags: npt.NDArray[np.bool_]) -> pl.Series:
        import polars as pl

        return gather(pl.Series(["No", "Yes"]), flags.astype(np.int64))
