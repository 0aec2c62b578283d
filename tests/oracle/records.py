"""Which version of a record holds, and what became of every other delivered row.

DESIGN, "Deliveries and the ledger": the current version of a record is the one with the greatest (source_modified_at,
extracted_at), ties by hash. ``window`` is the whole truth for its dates and ``full`` for everything, if complete; ``changes``
says nothing by absence. A record is gone if a later complete delivery, of its source and format, covers its day and lacks it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tests.oracle.organisation import Delivery, Row

Fate = str  # holds | superseded | tombstoned | vanished


Seen = tuple[datetime, str, str]


def seen_in(delivery: Delivery) -> Seen:
    """The order of deliveries: by extraction, between equal moments by hash."""
    return delivery.extracted_at, delivery.sha256, delivery.delivery_id


@dataclass(frozen=True)
class Version:
    """One delivered row of a record."""

    row: Row
    delivery: Delivery
    number: int

    @property
    def record(self) -> tuple[str, str]:
        """Identity within the stream."""
        return self.delivery.source, self.row["source_record_id"]

    @property
    def seen(self) -> Seen:
        """When it was seen."""
        return seen_in(self.delivery)

    @property
    def rank(self) -> tuple[Any, ...]:
        """The greatest holds. A version that says when it was modified comes after one that does not say."""
        modified = self.row.get("source_modified_at")
        return modified is not None, modified or self.delivery.extracted_at, *self.seen, self.number


def resolve(
    deliveries: Iterable[Delivery], day_of: Callable[[str, Row], tuple[date, date] | None]
) -> list[tuple[Version, Fate]]:
    """Every delivered row of one stream and its fate. ``day_of(source, row)`` gives its first and last local day, if dated."""
    deliveries = list(deliveries)
    versions: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for delivery in deliveries:
        for number, row in enumerate(delivery.rows, start=1):
            version = Version(row, delivery, number)
            versions[version.record].append(version)
    fates: list[tuple[Version, Fate]] = []
    for found in versions.values():
        current = max(found, key=lambda version: version.rank)
        fates += [(version, "superseded") for version in found if version is not current]
        fates.append((current, _fate(current, found, deliveries, day_of)))
    return fates


def holding(fates: Iterable[tuple[Version, Fate]]) -> list[Version]:
    """The versions that hold."""
    return [version for version, fate in fates if fate == "holds"]


def _fate(
    current: Version,
    found: list[Version],
    deliveries: list[Delivery],
    day_of: Callable[[str, Row], tuple[date, date] | None],
) -> Fate:
    if current.row.get("is_deleted"):
        return "tombstoned"
    last_seen = max(version.seen for version in found)
    days = day_of(current.delivery.source, current.row)
    for delivery in deliveries:
        if (
            delivery.source == current.delivery.source
            and delivery.format == current.delivery.format
            and seen_in(delivery) > last_seen
            and speaks_of(delivery, days)
        ):
            return "vanished"
    return "holds"


def speaks_of(delivery: Delivery, days: tuple[date, date] | None) -> bool:
    """Whether absence from a delivery means that the record is gone."""
    if not delivery.is_complete or delivery.mode == "changes":
        return False
    if delivery.mode == "full":
        return True
    if delivery.coverage is None or days is None:
        return False
    return delivery.coverage[0] <= days[0] and days[1] <= delivery.coverage[1]
