"""What a closed month said, what is known of it now, and the entries that lead from one to the other.

Definitions: fct_adjustments, docs/operating.md "Close a month".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from tests.oracle.activities import Activity
from tests.oracle.calendars import month_end
from tests.oracle.organisation import Delivery, Organisation, Pack
from tests.oracle.reading import Reading
from tests.oracle.records import seen_in
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
    for month in months:
        books, known = _entries(then, month), _entries(now, month)
        for key in {*books, *known}:
            closed, current = books.get(key), known.get(key)
            if closed is not None and current is not None and _reads(closed) == _reads(current):
                continue
            kind = "changed" if closed and current else "added" if current else "removed"
            teller = _teller(then, now, closed, current)
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


def _teller(then: Reading, now: Reading, closed: Activity | None, current: Activity | None) -> str | None:
    """The later delivery that told of it; None where a rule or a list of people or projects changed how it reads."""
    known = {delivery.delivery_id for delivery in then.organisation.of_stream("time_entries")}
    if current is not None:
        return None if current.delivery_id in known else current.delivery_id
    assert closed is not None
    later = [
        delivery
        for delivery in now.organisation.of_stream("time_entries")
        if delivery.delivery_id not in known and delivery.source == closed.source and _speaks(delivery, closed)
    ]
    return min(later, key=lambda item: (item.extracted_at, item.delivery_id)).delivery_id if later else None


def _speaks(delivery: Delivery, closed: Activity) -> bool:
    """Whether it could tell that the entry is gone."""
    if delivery.mode != "window":
        return True
    assert closed.last is not None
    return delivery.coverage is not None and delivery.coverage[0] <= closed.last <= delivery.coverage[1]


def _row(
    month: date, key: Key, entry: str, kind: str, direction: int, item: Activity, teller: str | None
) -> tuple[Any, ...]:
    us = None if item.duration_us is None else direction * item.duration_us
    who = (item.person, plain(item.team), item.project) if direction == 1 else ()
    told = "delivery" if teller else "rule"
    return (month, *key[:2], entry, kind, told, teller, item.last, us, item.is_billable, item.is_counted, *who)
