"""iCalendar (RFC 5545): a row an event, a recurring one a row an occurrence, in the order in which they start.

Series have no end, files have: a series is followed up to the last moment that the file itself speaks of (a time stamp, or an
event that is written out). ``start`` and ``end`` are instants in UTC with a Z, local times without, or dates, and ``time_basis``
says which (instant, local, date). ``participants`` is a JSON list of people ({"email", "position", "name"}) who organised or
accepted, without rooms and lists; NULL where the event names nobody at all. ``occurrence`` tells the meetings of a series apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.format_spec import CalendarRead, FormatSpec
from connectors.readers.batches import GrowingTable
from connectors.readers.text_tables import TextTable
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    import duckdb

FILE_KINDS = ("text",)
BEGINS = b"BEGIN:VCALENDAR"
MOST_OCCURRENCES = 200_000
COLUMNS = (
    "uid",
    "occurrence",
    "start",
    "end",
    "time_basis",
    "summary",
    "status",
    "class",
    "transparency",
    "categories",
    "participants",
    "calendar",
    "last_modified",
)
NOT_PEOPLE = frozenset(["ROOM", "RESOURCE", "GROUP"])
TOO_OFTEN = frozenset(["SECONDLY", "MINUTELY", "HOURLY"])
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
LAST_YEAR = 2100

Row = dict[str, str | None]


def headers(path: Path, spec: FormatSpec) -> dict[str, tuple[str, ...]]:
    """The columns above. Raises WorkledgerError where the file is no calendar."""
    with path.open("rb") as file:
        start = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.upper().startswith(BEGINS):
        raise WorkledgerError("This is text, but no iCalendar file", remedy="Export the calendar as .ics.")
    (part,) = spec.tables
    return {part: COLUMNS}


def read(con: duckdb.DuckDBPyConnection, path: Path, spec: FormatSpec, scratch: Path) -> tuple[TextTable, ...]:
    """Events as table ``raw_<part>`` in ``con``. Raises WorkledgerError where the file is damaged or larger than allowed."""
    ((part, rules),) = spec.tables.items()
    assert isinstance(spec.read, CalendarRead), f"{spec.name} does not read calendars"
    table = GrowingTable(con, part, scratch)
    for row in _rows(_parse(path, spec.read.most_bytes)):
        table.add(row)
    return (table.finish(rules),)


def _parse(path: Path, most: int) -> Any:
    import icalendar

    if path.stat().st_size > most:
        raise WorkledgerError(
            f"The calendar has more than {most:,} bytes",
            remedy="Export fewer years, or raise `most_bytes` under `read` in a format that extends this one.",
        )
    try:
        return icalendar.Calendar.from_ical(path.read_bytes())
    except Exception as error:  # A damaged file makes the library fail in ways that it does not announce.
        raise WorkledgerError(
            f"The calendar cannot be read: {_first_line(error)}",
            remedy="Export it again; a cut-off file ends like this.",
        ) from error


def _rows(calendar: Any) -> Iterator[Row]:
    try:
        _refuse_endless(calendar)
        name = _text(calendar.get("X-WR-CALNAME"))
        for event in _occurrences(calendar):
            yield _row(event, name)
    except WorkledgerError:
        raise
    except Exception as error:  # As above: values are read when they are asked for.
        raise WorkledgerError(
            f"An event of the calendar cannot be read: {_first_line(error)}",
            remedy="Mend or remove the event in the calendar and export it again.",
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def _occurrences(calendar: Any) -> Iterator[Any]:
    import recurring_ical_events

    horizon = max((_latest(event) for event in calendar.walk("VEVENT")), default=BEGINNING)
    for number, event in enumerate(recurring_ical_events.of(calendar).after(BEGINNING)):
        if _instant(event.start) > horizon:
            return
        if number == MOST_OCCURRENCES:
            raise WorkledgerError(
                f"The calendar has more than {MOST_OCCURRENCES:,} occurrences",
                where=f"event {event.get('UID')}",
                remedy="Export fewer years.",
            )
        yield event


def _refuse_endless(calendar: Any) -> None:
    """A rule that makes an occurrence a second would be followed for hours before anybody could count them."""
    for event in calendar.walk("VEVENT"):
        rules = event.get("RRULE") or []
        for rule in rules if isinstance(rules, list) else [rules]:
            often = {str(frequency).upper() for frequency in rule.get("FREQ", ())}
            if often & TOO_OFTEN:
                raise WorkledgerError(
                    f"A series repeats {often.pop().lower()}: that is no meeting",
                    where=f"event {event.get('UID')}",
                    remedy="Remove the event from the calendar and export it again.",
                )


def _latest(event: Any) -> datetime:
    """The last moment that an event writes out. Series without an end are followed up to it, so it must be a likely one."""
    latest = max(_moments(event), default=BEGINNING)
    if latest.year > LAST_YEAR:
        raise WorkledgerError(
            f"An event is of the year {latest.year}",
            where=f"event {event.get('UID')}",
            remedy="Correct or remove it in the calendar and export it again.",
        )
    return latest


def _moments(event: Any) -> Iterator[datetime]:
    """Every moment that an event writes out."""
    for name in ("DTSTAMP", "LAST-MODIFIED", "CREATED", "DTSTART", "RECURRENCE-ID"):
        written = event.get(name)
        if written is not None and isinstance(written.dt, date):
            yield _instant(written.dt)


def _row(event: Any, calendar: str | None) -> Row:
    categories = event.get("CATEGORIES")
    start, end = event.start, event.end
    return {
        "uid": _text(event.get("UID")),
        "occurrence": _written(event.get("RECURRENCE-ID").dt) if event.get("RECURRENCE-ID") else _written(start),
        "start": _written(start),
        "end": _written(end),
        "time_basis": "date" if not isinstance(start, datetime) else "local" if start.tzinfo is None else "instant",
        "summary": _text(event.get("SUMMARY")),
        "status": _text(event.get("STATUS")),
        "class": _text(event.get("CLASS")),
        "transparency": _text(event.get("TRANSP")),
        "categories": ", ".join(map(str, getattr(categories, "cats", ()))) or None,
        "participants": _participants(event),
        "calendar": calendar,
        "last_modified": _written(event["LAST-MODIFIED"].dt) if event.get("LAST-MODIFIED") else None,
    }


def _participants(event: Any) -> str | None:
    """Whoever called the meeting stands at position 0, the invited follow as they are listed, so that an answer moves nobody."""
    attendees = event.get("ATTENDEE") or []
    attendees = attendees if isinstance(attendees, list) else [attendees]
    organizer = event.get("ORGANIZER")
    if organizer is None and not attendees:
        return None
    people: dict[str, dict[str, Any]] = {}
    answers = {_email(one): one.params.get("PARTSTAT", "").upper() for one in attendees}
    if organizer is not None and answers.get(_email(organizer)) != "DECLINED":
        people[_email(organizer)] = {"position": 0, "name": organizer.params.get("CN")}
    for position, one in enumerate(attendees, start=1):
        is_person = one.params.get("CUTYPE", "INDIVIDUAL").upper() not in NOT_PEOPLE
        if is_person and answers[_email(one)] == "ACCEPTED":
            people.setdefault(_email(one), {"position": position, "name": one.params.get("CN")})
    listed = [{"email": email, **rest} for email, rest in people.items() if email]
    return json.dumps(listed, ensure_ascii=False)


def _email(address: Any) -> str:
    text = str(address)
    return (text[len("mailto:") :] if text.lower().startswith("mailto:") else text).strip().lower()


def _instant(moment: date) -> datetime:
    """A moment as an instant that can be compared; local ones as if they were UTC."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(), UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _written(moment: date) -> str:
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return moment.strftime("%Y-%m-%dT%H:%M:%S" if isinstance(moment, datetime) else "%Y-%m-%d")


def _text(value: Any) -> str | None:
    return str(value).strip() or None if value is not None else None
