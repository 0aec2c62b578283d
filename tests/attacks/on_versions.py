"""Attacks that take two versions from each other: what a late entry, a leaver or a booking changed."""

from __future__ import annotations

from itertools import combinations, pairwise

from tests.attacks.organisation import Attacked
from tests.attacks.registry import Found, attack
from tests.attacks.truth import (
    CLOSE,
    ENOUGH,
    HOURS,
    QUANTITIES,
    Span,
    combined,
    contributed,
    figures,
    in_words,
    shown,
    sums,
    told,
)


@attack
def differencing_versions(attacked: Attacked) -> Found:
    """Figures that differ between two versions, where fewer people changed than the smallest group."""
    found, tried = [], 0
    for column in HOURS:
        for before, after in pairwise(range(len(attacked.versions))):
            old, new = shown(attacked, before, column), shown(attacked, after, column)
            for span in old.keys() & new.keys():
                tried += 1
                changed = _changed(attacked, span)
                if old[span] != new[span] and len(changed) < ENOUGH:
                    found.append(
                        f"{column} of {span[1]} went from {old[span]} to {new[span]}: {len(changed)} people changed"
                    )
    return tried, found


def _changed(attacked: Attacked, span: Span) -> set[str]:
    """Whose hours in a span, worked, booked or owed, differ between the first version and the last."""
    changed: set[str] = set()
    for figure in HOURS:
        first, last = (sums(contributed(attacked, version, (figure, None)), span) for version in (0, -1))
        changed |= combined((1, last), (-1, first)).keys()
    return changed


@attack
def differencing_single_figures_of_versions(attacked: Attacked) -> Found:
    """Figures, or differences of two of one unit, that differ between two versions: did enough people change that very one?"""
    found, tried = [], 0
    for quantity in QUANTITIES:
        amounts = [told(attacked, version, quantity) for version in range(len(attacked.versions))]
        told_figures = [figures(attacked, version, quantity) for version in range(len(attacked.versions))]
        for before, after in combinations(range(len(attacked.versions)), 2):
            for span in told_figures[before].keys() & told_figures[after].keys():
                tried += 1
                if abs(told_figures[before][span] - told_figures[after][span]) < CLOSE:
                    continue
                people = combined((1, sums(amounts[after], span)), (-1, sums(amounts[before], span)))
                if len(people) < ENOUGH:
                    found.append(
                        f"{in_words(quantity)} of {span[1]} to {span[2]} differs by what {len(people)} people changed"
                    )
    return tried, found


@attack
def late_entries_between_a_month_and_its_weeks(attacked: Attacked) -> Found:
    """A month that was told after its weeks must not differ from them by what one person entered in between."""
    found, tried = [], 0
    every: dict[Span, set[float]] = {}
    for version in range(len(attacked.versions)):
        for span, hours in shown(attacked, version).items():
            every.setdefault(span, set()).add(round(hours, 6))
    for month in [span for span in every if (span[2] - span[1]).days > 6]:
        weeks = [
            span
            for span in every
            if span[0] == month[0] and month[1] <= span[1] and span[2] <= month[2] and span != month
        ]
        tried += 1
        # Four whole weeks make the month: what is left over is somebody's.
        if sum((span[2] - span[1]).days + 1 for span in weeks) == (month[2] - month[1]).days + 1:
            rest = min(every[month]) - sum(min(every[week]) for week in weeks)
            if abs(rest) > 1e-6 and len(_changed(attacked, month)) < ENOUGH:
                found.append(f"{month[1]}: {rest} hours are left over between the month and its weeks")
    return tried, found
