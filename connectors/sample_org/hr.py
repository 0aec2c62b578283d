"""The roster as the HR system exports it: one row an employment fact, dated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sample_org.organisation import OPEN_END, Organisation, Person, Span, iso_day
from connectors.sample_org.plan import Plan
from connectors.sample_org.teams import ZONE_OF_PLACE

if TYPE_CHECKING:
    import polars as pl

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ROSTER_HEADERS = (
    "Employee Number", "Name", "E-mail", "Valid From", "Valid To", "Hired", "Left", "Employment Type",
    "Role", "Team", "Manager E-mail", "Place", "Time Zone", "Weekly Hours", "FTE", *WEEKDAYS,
)  # fmt: skip


def hours_text(minutes: int | None) -> str:
    """Decimal hours without needless zeros; empty for None."""
    return "" if minutes is None else f"{minutes / 60:g}"


def roster(plan: Plan, org: Organisation, known_on: int) -> pl.DataFrame:
    """Facts as known on a day: those that had begun, the then open ones open. All columns text."""
    import polars as pl

    rows = [
        _roster_row(plan, org, person, span, known_on)
        for person in org.people
        for span in person.spans
        if span.first <= known_on
    ]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(ROSTER_HEADERS, pl.String), orient="row")
    return frame.with_columns(pl.all().replace("", None))


def _roster_row(plan: Plan, org: Organisation, person: Person, span: Span, known_on: int) -> list[str]:
    manager = "" if span.manager is None else org.people[span.manager].email
    hours = span.hours
    left = person.left if person.left is not None and person.left <= known_on + 60 else None  # notice is given ahead
    last = span.last if span.last < known_on or span.last == left else OPEN_END
    return [
        person.number,
        person.name,
        person.email,
        iso_day(plan, span.first),
        iso_day(plan, last),
        iso_day(plan, person.hired),
        iso_day(plan, left),
        person.employment_type,
        span.role,
        org.teams[span.team].name,
        manager,
        span.place,
        ZONE_OF_PLACE[span.place],
        hours_text(hours.week),
        "" if hours.fte is None else f"{hours.fte:g}",
        *(("",) * 7 if hours.pattern is None else tuple(hours_text(minutes) for minutes in hours.pattern)),
    ]
