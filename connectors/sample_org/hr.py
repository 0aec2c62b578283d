"""The roster as the HR system exports it: one row an employment fact, dated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sample_org.calendars import Absence
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
    """Facts as known on a day, sixty days ahead since contracts are signed early; later ends are open. All
    columns text.
    """
    horizon = known_on + 60
    rows = [
        _roster_row(plan, org, person, span, horizon)
        for person in org.people
        for span in person.spans
        if span.first <= horizon
    ]
    return text_frame(ROSTER_HEADERS, rows)


def text_frame(headers: tuple[str, ...], rows: list[list[str]]) -> pl.DataFrame:
    """Rows of text as a frame; empty cells are NULL, so that they are written as nothing and not as quotes."""
    import polars as pl

    frame = pl.DataFrame(rows, schema=dict.fromkeys(headers, pl.String), orient="row")
    return frame.with_columns(pl.all().replace("", None))


ABSENCE_HEADERS = (
    "Employee Number", "E-mail", "Absence Type", "Start Date", "End Date", "Day Part", "Hours per Day", "Status",
)  # fmt: skip
DAY_PART = {"full": "Full day", "half": "Half day", "hours": ""}


def absences_frame(plan: Plan, org: Organisation, absences: list[Absence], known_on: int) -> pl.DataFrame:
    """Absences that begin up to thirty days after ``known_on``: leave is asked for ahead."""
    rows = []
    for one in absences:
        if one.first <= known_on + 30:
            person = org.people[one.person]
            rows.append([
                person.number, person.email, one.kind, iso_day(plan, one.first), iso_day(plan, one.last),
                DAY_PART[one.part], hours_text(one.minutes), one.status,
            ])  # fmt: skip
    return text_frame(ABSENCE_HEADERS, rows)


def _roster_row(plan: Plan, org: Organisation, person: Person, span: Span, horizon: int) -> list[str]:
    manager = "" if span.manager is None else org.people[span.manager].email
    hours = span.hours
    left = person.left if person.left is not None and person.left <= horizon else None
    last = span.last if span.last <= horizon else OPEN_END
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
