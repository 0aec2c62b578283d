"""What a closed month said, what is known of it now, and the entries that lead from one to the other.

Definitions: fct_adjustments, docs/operating.md "Close a month".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from tests.oracle.activities import Activity, exported_days
from tests.oracle.calendars import month_end
from tests.oracle.organisation import Delivery, Organisation, Pack, Row
from tests.oracle.reading import Reading
from tests.oracle.records import holding, resolve, seen_in
from tests.oracle.texts import plain

#: What an adjustment is compared by.
COLUMNS = (
    "month_start_date",
    "source",
    "source_record_id",
    "adjustment_entry",
    "adjustment_kind",
    "adjusted_by",
    "delivery_id",
    "booked_date",
    "adjustment_us",
    "is_billable",
    "is_counted",
)
#: And by these where it is booked: whoever the books named then may have no name any more.
NAMES = ("person", "team", "project")
Key = tuple[str, str, int]
Rows = Mapping[tuple[str, str], Row]


def known_then(organisation: Organisation) -> Organisation:
    """As it was known when half of the exports had been taken."""
    in_order = sorted(organisation.deliveries, key=seen_in)
    return replace(organisation, deliveries=tuple(in_order[: (len(in_order) + 1) // 2]))


def cut(pack: Pack) -> Pack:
    """Every organisation of a pack as it was known then."""
    return replace(pack, tenants={name: known_then(organisation) for name, organisation in pack.tenants.items()})


def adjustments(then: Reading, now: Reading, months: Iterable[date]) -> Counter[tuple[Any, ...]]:
    """Every reversal and booking of the closed months."""
    found: Counter[tuple[Any, ...]] = Counter()
    pictures = _pictures(then, now)
    tellers = _tellers(pictures)
    rows_then, rows_now = pictures[0][1], pictures[-1][1]
    for month in months:
        books, known = _entries(then, month), _entries(now, month)
        for key in {*books, *known}:
            closed, current = books.get(key), known.get(key)
            if (
                closed
                and current
                and _reads(then, closed, rows_then[key[:2]]) == _reads(now, current, rows_now[key[:2]])
            ):
                continue
            kind = "changed" if closed and current else "added" if current else "removed"
            teller = tellers.get(key[:2])
            for entry, direction, item in (("reversal", -1, closed), ("booking", 1, current)):
                if item is not None:
                    found[_row(month, key, entry, kind, direction, item, teller)] += 1
    return found


def _entries(reading: Reading, month: date) -> Mapping[Key, Activity]:
    """Time entries of the month: by their day, or the last day of their period."""
    return {
        (item.source, item.record, item.part): item
        for item in reading.activities
        if item.kind == "time_entry" and item.last and month <= item.last <= month_end(month)
    }


def _reads(reading: Reading, item: Activity, row: Row) -> tuple[Any, ...]:
    """What the books say of an entry. Somebody whom a roster names is not the stranger who had that address."""
    who = item.person, reading.people.knows(item.person or ""), plain(item.team), plain(item.role)
    project = _project(reading, item, row)
    return (*who, project, item.last, item.duration_us, item.is_billable, item.is_counted)


def _project(reading: Reading, item: Activity, row: Row) -> str | tuple[str, str] | None:
    """A project without a code is a record of its source, whatever its name; one that no list knows is its name."""
    if item.project is None or not item.project.startswith(f"{item.source.lower()}/"):
        return item.project
    if row.get("project_source_id") is not None:
        return item.source, row["project_source_id"]
    listed = [key for key, project in reading.projects.by_record.items() if project == item.project]
    return listed[0] if len(listed) == 1 else item.project


def _pictures(then: Reading, now: Reading) -> list[tuple[str, Rows]]:
    """What the sources said at the close, and after each delivery that the books did not know, with that delivery.

    It is asked anew each time: of all that the books knew, and of those until then.
    """
    known = then.organisation.of_stream("time_entries")
    later = sorted((item for item in now.organisation.of_stream("time_entries") if item not in known), key=seen_in)
    told = ["", *(item.delivery_id for item in later)]
    return [(teller, _said(now, [*known, *later[:count]])) for count, teller in enumerate(told)]


def _tellers(pictures: list[tuple[str, Rows]]) -> Mapping[tuple[str, str], str]:
    """Of each record of which its source says something else than at the close: the delivery since which it does."""
    found = {}
    for record in {record for _, picture in pictures for record in picture}:
        said = [picture.get(record) for _, picture in pictures]
        if said[-1] != said[0]:
            otherwise = max(number for number, what in enumerate(said) if what != said[-1])
            found[record] = pictures[otherwise + 1][0]
    return found


def _said(reading: Reading, deliveries: Iterable[Delivery]) -> Rows:
    """What these deliveries say of every record that is there: its own values, but for its note and when it was saved."""
    versions = resolve(deliveries, lambda source, row: exported_days(reading.organisation, reading.policy, source, row))
    return {
        version.record: {
            name: value
            for name, value in version.row.items()
            if value is not None and name not in ("note", "source_modified_at", "is_deleted")
        }
        for version in holding(versions)
    }


def _row(
    month: date, key: Key, entry: str, kind: str, direction: int, item: Activity, teller: str | None
) -> tuple[Any, ...]:
    us = None if item.duration_us is None else direction * item.duration_us
    who = (item.person, plain(item.team), item.project) if direction == 1 else ()
    told = "delivery" if teller else "rule"
    return (month, *key[:2], entry, kind, told, teller, item.last, us, item.is_billable, item.is_counted, *who)
