"""The books: where every delivered row and its time went.

Definitions: fct_stream_accounts, DESIGN invariant 1.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from tests.oracle.activities import Activity, exported_days
from tests.oracle.organisation import Delivery, Organisation, Policy, Row
from tests.oracle.records import Version, resolve

FATES = ("superseded", "tombstoned", "vanished", "holds")
STREAM_OF = {"time_entry": "time_entries", "interaction": "interactions", "process_span": "process_events"}
REASONS = (
    "evidence",
    "system_account",
    "undated",
    "after_as_of",
    "outside_calendar",
    "absence",
    "other_source_has_authority",
)


def accounts(organisation: Organisation, activities: Iterable[Activity], policy: Policy) -> list[dict[str, Any]]:
    """One row per source and stream that was delivered."""
    logged: dict[tuple[str, str], list[Activity]] = defaultdict(list)
    for activity in activities:
        logged[activity.source, STREAM_OF[activity.kind]].append(activity)
    rows = []
    for stream in sorted({delivery.stream for delivery in organisation.deliveries}):
        deliveries = organisation.of_stream(stream)
        fates = _fates(organisation, stream, deliveries, policy)
        for source in sorted({delivery.source for delivery in deliveries}):
            own = [delivery for delivery in deliveries if delivery.source == source]
            rows.append(
                {
                    "source": source,
                    "stream": stream,
                    "delivery_count": len(own),
                    "delivered_rows": sum(len(delivery.rows) for delivery in own),
                    "delivered_us": _us(stream, [row for delivery in own for row in delivery.rows]),
                    **_by_fate(stream, [(version, fate) for version, fate in fates if version.record[0] == source]),
                    **_in_fact(logged[source, stream]),
                }
            )
    return rows


def _fates(
    organisation: Organisation, stream: str, deliveries: list[Delivery], policy: Policy
) -> list[tuple[Version, str]]:
    day_of: Callable[[str, Row], tuple[date, date] | None] = lambda source, row: None  # noqa: E731
    if stream == "time_entries":
        day_of = lambda source, row: exported_days(organisation, policy, source, row)  # noqa: E731
    if stream != "people":
        return resolve(deliveries, day_of)
    # A picture of a roster without dates stays true of its day.
    dated = [
        replace(item, rows=tuple(row for row in item.rows if row.get("valid_from_date") is not None))
        for item in deliveries
    ]
    pictures = [
        (Version(row, item, number), "holds")
        for item in deliveries
        for number, row in enumerate(item.rows, start=1)
        if row.get("valid_from_date") is None
    ]
    return resolve(dated, day_of) + pictures


def _by_fate(stream: str, fates: list[tuple[Version, str]]) -> dict[str, Any]:
    counted = Counter(fate for _, fate in fates)
    found: dict[str, Any] = {}
    for fate in FATES:
        name = "staged" if fate == "holds" else fate
        found[f"{name}_rows"] = counted[fate]
        found[f"{name}_us"] = _us(stream, [version.row for version, its in fates if its == fate])
    return found


def _in_fact(activities: list[Activity]) -> dict[str, Any]:
    """A row is where its entry begins; its time is where it was spent."""
    counted = [item for item in activities if item.is_counted]
    found: dict[str, Any] = {
        "fact_rows": _rows(activities),
        "fact_us": _sum(activities),
        "counted_rows": _rows(counted),
        "counted_us": _sum(counted),
        "counted_rows_without_duration": _rows(item for item in counted if item.duration_us is None),
    }
    for reason in REASONS:
        excluded = [item for item in activities if item.not_counted_reason == reason]
        found |= {f"not_counted_{reason}_rows": _rows(excluded), f"not_counted_{reason}_us": _sum(excluded)}
    return found


def _rows(activities: Iterable[Activity]) -> int:
    return sum(item.part == 1 for item in activities)


def _us(stream: str, rows: Iterable[Row]) -> int | None:
    """Time that rows of a stream tell; None where there is none."""
    column = {"time_entries": "duration_us", "interactions": "handling_us"}.get(stream)
    known = [row[column] for row in rows if column and row.get(column) is not None]
    return sum(known) if known else None


def _sum(activities: Iterable[Activity]) -> int | None:
    known = [item.duration_us for item in activities if item.duration_us is not None]
    return sum(known) if known else None
