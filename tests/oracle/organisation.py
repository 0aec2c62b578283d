"""An organisation as its exports tell it, and the policy of a pack of organisations that share one warehouse."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

Row = Mapping[str, Any]

#: Stands for the tenant in every name that would otherwise be shared between organisations (e-mails, teams, sources, places …).
TENANT = "~"


@dataclass(frozen=True)
class Delivery:
    """One stream of one delivery. ``coverage`` is inclusive; rows carry ``source_record_id``, maybe ``is_deleted``."""

    source: str
    stream: str
    rows: tuple[Row, ...]
    extracted_at: datetime
    mode: str = "changes"
    coverage: tuple[date, date] | None = None
    is_complete: bool = True
    format: str = "test"

    @cached_property
    def sha256(self) -> str:
        """Hash of the content: equal bytes have equal hashes."""
        return hashlib.sha256(json.dumps(self.rows, default=str, sort_keys=True).encode()).hexdigest()

    @cached_property
    def delivery_id(self) -> str:
        """As the ledger names it: source, coverage, moment of extraction and hash. Here the stream too, as a file holds one."""
        parts = (self.source, self.stream, str(self.coverage), self.extracted_at.isoformat(), self.sha256)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Organisation:
    """Deliveries in their order of arrival, and the reference tables kept by hand (workspace.*) by name."""

    deliveries: tuple[Delivery, ...]
    sources: tuple[Row, ...] = ()
    reference: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)

    def rows_of(self, table: str) -> tuple[Row, ...]:
        """Rows of one reference table."""
        return self.reference.get(table, ())

    def of_stream(self, stream: str) -> list[Delivery]:
        """Deliveries of one stream."""
        return [delivery for delivery in self.deliveries if delivery.stream == stream]

    @property
    def row_count(self) -> int:
        """Stream rows in all deliveries."""
        return sum(len(delivery.rows) for delivery in self.deliveries)


@dataclass(frozen=True)
class Policy:
    """What a warehouse has one of."""

    as_of: date = date(2026, 3, 31)
    week_starts_on: int = 1
    working_weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    default_zone: str = "UTC"
    unlogged_grace_days: int = 3
    reconciliation_tolerance_us: int = 60_000_000
    currency: str = "EUR"
    #: What a unit of a currency is worth in it, from a day on.
    exchange_rates: tuple[tuple[str, date, Decimal], ...] = (
        ("USD", date(2026, 1, 1), Decimal("0.92345678")),
        ("USD", date(2026, 3, 16), Decimal("0.9")),
        ("CHF", date(2026, 3, 9), Decimal("1.05")),
    )


@dataclass(frozen=True)
class Pack:
    """Organisations by tenant name, in one warehouse under one policy."""

    policy: Policy
    tenants: Mapping[str, Organisation]

    def items(self) -> Iterator[tuple[str, Organisation]]:
        """Tenant and organisation, its names already made its own."""
        for tenant, organisation in self.tenants.items():
            yield tenant, for_tenant(organisation, tenant)

    def alone(self, tenant: str) -> Pack:
        """The same policy over one of the organisations."""
        return replace(self, tenants={tenant: self.tenants[tenant]})


def for_tenant(organisation: Organisation, tenant: str) -> Organisation:
    """The organisation with TENANT replaced in every text."""

    def own(value: Any) -> Any:
        return value.replace(TENANT, tenant) if isinstance(value, str) else value

    def rows(table: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple({name: own(value) for name, value in row.items()} for row in table)

    return Organisation(
        deliveries=tuple(
            replace(delivery, source=own(delivery.source), rows=rows(delivery.rows))
            for delivery in organisation.deliveries
        ),
        sources=rows(organisation.sources),
        reference={name: rows(table) for name, table in organisation.reference.items()},
    )
