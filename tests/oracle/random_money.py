"""Random rates: of people, of roles and of projects, for a project or all, from several days on, in several currencies."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.oracle.draws import Draw, Frame, chance, day_in, extraction, number, pick
from tests.oracle.organisation import Delivery
from tests.oracle.random_people import Person

AMOUNTS = ("85.5", "100.0001", "0", "33.3333", "120")


def rates(draw: Draw, everybody: list[Person], life: Frame) -> list[Delivery]:
    """A rate card that is exported twice; no two of its lines hold for the same from the same day."""
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for index in range(number(draw, 1, 10)):
        person = pick(draw, everybody)
        owners: tuple[dict[str, Any], ...] = (
            {"person_email": person.email},
            {"role_name": "~Engineer"},
            {"person_email": "~zoe@example.org"},
            {"role_name": "~LEAD "},
        )
        owner = pick(draw, owners)
        project = pick(draw, (None, None, "~A-1", "~b-2"))
        first = pick(draw, (date(2025, 1, 1), day_in(draw, life)))
        kind = pick(draw, ("cost", "bill"))
        lines[(*owner.values(), project, first, kind)] = {
            "source_record_id": f"line {index}",
            "rate_type": kind,
            **owner,
            "project_code": project,
            "valid_from_date": first,
            "valid_to_date": first + timedelta(days=number(draw, 0, 20)) if chance(draw, 3) else None,
            "hourly_rate_amount": Decimal(pick(draw, AMOUNTS)),
            "currency": pick(draw, ("EUR", "EUR", "USD", "CHF", "GBP")),
        }
    drawn = tuple(lines.values())
    changed = tuple(
        line | {"hourly_rate_amount": Decimal(pick(draw, AMOUNTS))} if chance(draw, 4) else line for line in drawn
    )
    shown = number(draw, 1, 10)
    of_projects = _of_projects(draw, life) if chance(draw, 2) else ()
    first_card, second = drawn + of_projects, changed[:shown] + of_projects
    return [
        Delivery("~erp", "rates", first_card, extraction(life, 0), mode="full"),
        Delivery("~erp", "rates", second, extraction(life, 1), mode="full"),
    ]


def _of_projects(draw: Draw, life: Frame) -> tuple[dict[str, Any], ...]:
    """For everybody on a project, another from a day on, and one that names nothing."""
    line = {
        "rate_type": pick(draw, ("bill", "cost")),
        "valid_from_date": date(2025, 1, 1),
        "hourly_rate_amount": Decimal(70),
        "currency": "EUR",
    }
    return (
        {**line, "source_record_id": "on a", "project_code": "~a-1"},
        {**line, "source_record_id": "on a later", "project_code": "~A-1", "valid_from_date": day_in(draw, life)},
        {**line, "source_record_id": "on nothing", "hourly_rate_amount": Decimal(1)},
    )
