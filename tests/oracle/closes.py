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
    tellers = _tellers(then, now)
    for month in months:
        books, known = _entries(then, month), _entries(now, month)
        for key in {*books, *known}:
            closed, current = books.get(key), known.get(key)
            if closed is not None and current is not None and _reads(closed) == _reads(current):
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


def _reads(item: Activity) -> tuple[Any, ...]:
    """What the books say of an entry."""
    who = item.person, plain(item.team), plain(item.role), item.project
    return (*who, item.last, item.duration_us, item.is_billable, item.is_counted)


def _tellers(then: Reading, now: Reading) -> Mapping[tuple[str, str], str]:
    """Of each record of which its source says something else than at the close: the delivery since which it does.

    What a source says is asked anew after each delivery that the books did not know: of all they knew, and those until then.
    """
    known = then.organisation.of_stream("time_entries")
    later = sorted((item for item in now.organisation.of_stream("time_entries") if item not in known), key=seen_in)
    pictures = [_said(now, [*known, *later[:count]]) for count in range(len(later) + 1)]
    found = {}
    for record in {record for picture in pictures for record in picture}:
        said = [picture.get(record) for picture in pictures]
        if said[-1] != said[0]:
            otherwise = max(number for number, what in enumerate(said) if what != said[-1])
            found[record] = later[otherwise].delivery_id
    return found


def _said(reading: Reading, deliveries: Iterable[Delivery]) -> Mapping[tuple[str, str], Row]:
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
