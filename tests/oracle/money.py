"""What counted work costs and brings in, in the currency of its rate and in the company's own.

Definitions: fct_activity_amounts, docs/operating.md "Money".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.oracle.activities import Activity
from tests.oracle.calendars import HOUR
from tests.oracle.organisation import Organisation, Policy
from tests.oracle.persons import People
from tests.oracle.records import holding, resolve
from tests.oracle.texts import plain

CENT = Decimal("0.0001")


@dataclass(frozen=True)
class Rate:
    """A rate of a person, or of a role, for one project or all; or of everybody on a project."""

    kind: str
    person: str | None
    role: str | None
    project: str | None
    first: date
    last: date
    amount: Decimal
    currency: str

    def values(self, activity: Activity, day: date) -> bool:
        """Whether it may be taken for the activity on the day."""
        if self.person is not None:
            is_owner = self.person == activity.person
        elif self.role is not None:
            is_owner = self.role == plain(activity.role)
        else:
            is_owner = self.project is not None
        is_project = self.project is None or self.project == activity.project
        is_for = self.kind == "cost" or bool(activity.is_billable)
        return is_owner and is_project and is_for and self.first <= day <= self.last

    @property
    def closeness(self) -> tuple[bool, bool, bool, date]:
        """A person's own before the role's before the project's, one for the project before one for all, then the latest."""
        return self.person is not None, self.role is not None, self.project is not None, self.first


def amounts(
    organisation: Organisation, people: People, activities: Iterable[Activity], policy: Policy
) -> list[dict[str, Any]]:
    """Rows of fct_activity_amounts: one per counted activity and kind of rate that values it."""
    rates = list(_rates(organisation, people))
    rows = []
    for activity in activities:
        if not activity.is_counted or activity.duration_us is None or activity.last is None:
            continue
        for kind in ("cost", "bill"):
            offers = [rate for rate in rates if rate.kind == kind and rate.values(activity, activity.last)]
            if offers:
                rows.append(_row(activity, max(offers, key=lambda rate: rate.closeness), policy))
    return rows


def _rates(organisation: Organisation, people: People) -> Iterable[Rate]:
    for version in holding(resolve(organisation.of_stream("rates"), lambda source, row: None)):
        row = version.row
        is_named = any(row.get(f"person_{name}") for name in ("email", "number", "source_id", "name"))
        person = people.match(version.delivery.source, row) if is_named else None
        if is_named and person is None:  # a system account
            continue
        yield Rate(
            kind=row["rate_type"],
            person=person,
            role=None if is_named else plain(row.get("role_name")),
            project=plain(row.get("project_code")),
            first=row["valid_from_date"],
            last=row.get("valid_to_date") or date.max,
            amount=row["hourly_rate_amount"],
            currency=row["currency"],
        )


def _row(activity: Activity, rate: Rate, policy: Policy) -> dict[str, Any]:
    assert activity.last is not None
    assert activity.duration_us is not None
    amount = _money(activity.duration_us * rate.amount / HOUR)
    worth = _worth(rate.currency, activity.last, policy)
    return {
        "source": activity.source,
        "source_record_id": activity.record,
        "day_part": activity.part,
        "rate_type": rate.kind,
        "rated_date": activity.last,
        "hourly_rate_amount": rate.amount,
        "rate_amount": amount,
        "rate_currency": rate.currency,
        "exchange_rate": worth,
        "amount": None if worth is None else _money(amount * worth),
        "currency": policy.currency,
    }


def _worth(currency: str, day: date, policy: Policy) -> Decimal | None:
    """What a unit was worth on the day: by the last line that began; None before the first."""
    if currency == policy.currency:
        return Decimal(1)
    lines = [line for line in policy.exchange_rates if line[0] == currency and line[1] <= day]
    return max(lines, key=lambda line: line[1])[2] if lines else None


def _money(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)
