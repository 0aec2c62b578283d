"""Random rosters, leave, holidays and crosswalks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.oracle.calendars import HOUR
from tests.oracle.draws import ZONES, Draw, Frame, chance, day_in, extraction, number, pick
from tests.oracle.organisation import Delivery
from tests.oracle.persons import HOURS, WEEKDAYS

TEAMS = ("~North", "~South", "~NORTH ", None)
ROLES = ("~Engineer", "~Lead", None)
SCHEDULES = ("~Crew A", " ~crew a", "~Crew B", "~Nobody's")
PLACES = ("~", "~-BY", "~-BE", None, "~X")


@dataclass(frozen=True)
class Person:
    """How a person is written; HR knows a number, or only an address."""

    index: int
    number: str | None
    name: str

    @property
    def email(self) -> str:
        return f"~p{self.index}@example.org"

    @property
    def source_id(self) -> str:
        return f"u{self.index}"

    def identity(self) -> dict[str, Any]:
        return {"person_email": self.email, "person_number": self.number, "person_name": self.name}


def people(draw: Draw) -> list[Person]:
    """Three to eight people."""
    count = number(draw, 3, 8)
    return [Person(index, None if chance(draw, 8) else f"~N{index}", f"~Person {index}") for index in range(count)]


def contract(draw: Draw) -> dict[str, Any]:
    """Full time, part time in all ways, in shifts, unknown, none."""
    kind = number(draw, 0, 10)
    if kind >= 9:
        return {"work_schedule": pick(draw, SCHEDULES), "contracted_week_us": pick(draw, (None, 40 * HOUR))}
    week = {0: 40 * HOUR, 1: 20 * HOUR, 2: 20 * HOUR + 1, 3: 38 * HOUR + HOUR // 2, 4: 0}.get(kind)
    if kind <= 4:
        return {"contracted_week_us": week}
    if kind == 5:
        return {}
    pattern: list[int | None] = [8 * HOUR, 4 * HOUR, 0, 6 * HOUR, 2 * HOUR, 0, 0]
    if kind == 6:
        return {"contracted_week_us": 20 * HOUR, **dict(zip(WEEKDAYS, pattern, strict=True))}
    pattern = [8 * HOUR, None, 5 * HOUR + 1, None, None, 2 * HOUR, None]
    return {
        "contracted_week_us": 15 * HOUR + 1 if kind == 7 else 30 * HOUR,
        **dict(zip(WEEKDAYS, pattern, strict=True)),
    }


def _facts(draw: Draw, person: Person, life: Frame) -> list[dict[str, Any]]:
    """One to three employment facts, each with its own first day: joiners, changes within a week, holes, leavers."""
    starts = [date(2025, 6, 1) if not chance(draw, 4) else day_in(draw, life)]
    for _ in range(pick(draw, (0, 0, 1, 1, 2))):
        start = day_in(draw, life)
        if start > starts[-1]:
            starts.append(start)
    system = "system" if person.index == 2 and chance(draw, 4) else None
    team, role, place, zone = pick(draw, TEAMS), pick(draw, ROLES), pick(draw, PLACES), pick(draw, ZONES)
    hours = contract(draw)
    facts = []
    for position, start in enumerate(starts):
        if position:
            change = number(draw, 0, 4)
            team = pick(draw, TEAMS) if change in (0, 4) else team
            role = pick(draw, ROLES) if change in (1, 4) else role
            zone = pick(draw, ZONES) if change == 2 else zone
            hours = contract(draw) if change in (3, 4) else hours
        following = starts[position + 1] if position + 1 < len(starts) else None
        end = (
            pick(draw, (None, following - timedelta(days=1), None, following - timedelta(days=3)))
            if following
            else None
        )
        facts.append(
            {
                "source_record_id": f"{person.index}-{position}",
                **person.identity(),
                "valid_from_date": start,
                "valid_to_date": end if end is None or end >= start else start,
                "valid_from_basis": "reported",
                "employment_type": system or pick(draw, ("employee", "employee", "contractor")),
                "role_name": role,
                "team_name": team,
                "place": place,
                "zone": None if chance(draw, 6) else zone,
                **hours,
            }
        )
    if chance(draw, 6):
        facts[-1]["hired_date"] = starts[-1] + timedelta(days=number(draw, 0, 3))
    if len(facts) > 1 and chance(draw, 6):
        facts[-1]["person_email"] = f"~renamed{person.index}@example.org" if person.number else person.email
    if chance(draw, 5):
        leaves = day_in(draw, life)
        facts[-1]["left_date"] = max(leaves, starts[-1])
    return facts


def roster(draw: Draw, everybody: list[Person], life: Frame) -> list[Delivery]:
    """HR's dated facts: delivered whole, or as changes with late edits and tombstones; sometimes role and hours apart."""
    facts = [fact for person in everybody for fact in _facts(draw, person, life)]
    if chance(draw, 4):
        workers = [_without_position(fact) for fact in facts]
        return [*_delivered(draw, workers, life), _positions(draw, facts, life)]
    return _delivered(draw, facts, life)


def _without_position(fact: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in fact.items() if name not in ("role_name", *HOURS)}
    return {**kept, "person_source_id": _worker_id(fact)}


def _positions(draw: Draw, facts: list[dict[str, Any]], life: Frame) -> Delivery:
    """Another export of the same roster, tied by the worker's id alone: it starts when it likes, and may say no hours."""
    rows = [
        {
            "source_record_id": f"{fact['source_record_id']} position",
            "person_source_id": _worker_id(fact),
            "person_name": fact["person_name"],
            "valid_from_date": fact["valid_from_date"] + timedelta(days=pick(draw, (0, 0, -3, 2, 6))),
            "valid_to_date": None
            if fact["valid_to_date"] is None or chance(draw, 2)
            else fact["valid_to_date"] + timedelta(days=6),
            "valid_from_basis": "reported",
            "employment_type": fact["employment_type"],
            "role_name": fact["role_name"],
            **({} if chance(draw, 4) else {name: fact[name] for name in HOURS if name in fact}),
        }
        for fact in facts
        if not chance(draw, 6)
    ]
    return Delivery("~hr", "people", tuple(rows), extraction(life, 0), mode="full", format="positions")


def _worker_id(fact: dict[str, Any]) -> str:
    return "w" + str(fact["source_record_id"]).partition("-")[0]


def _delivered(draw: Draw, facts: list[dict[str, Any]], life: Frame) -> list[Delivery]:
    if chance(draw, 2):
        first = [fact for fact in facts if not chance(draw, 5)]
        return [
            Delivery("~hr", "people", tuple(first), extraction(life, 0), mode="full"),
            Delivery("~hr", "people", tuple(facts), extraction(life, 1), mode="full"),
        ]
    edited: list[dict[str, Any]] = []
    for fact in facts:
        if chance(draw, 6):
            edited.append(fact | {"team_name": pick(draw, TEAMS)})
        elif chance(draw, 12):
            edited.append(fact | {"is_deleted": True})
    return [
        Delivery("~hr", "people", tuple(facts), extraction(life, 0)),
        Delivery("~hr", "people", tuple(edited), extraction(life, 1)),
    ]


def user_list(draw: Draw, source: str, everybody: list[Person], life: Frame) -> list[Delivery]:
    """A tracker's own users, without dates: pictures at some moments. It may know somebody whom HR does not."""
    listed = [person for person in everybody if not chance(draw, 4)]
    strangers = [Person(90, None, "~Person 90")] if chance(draw, 2) else []
    accounts = [(person, person.source_id) for person in (*listed, *strangers)]
    if listed and chance(draw, 4):
        accounts.append((listed[0], f"{listed[0].source_id} second"))
    deliveries = []
    for step in range(number(draw, 1, 3)):
        rows = [
            {
                "source_record_id": source_id,
                "person_email": person.email.upper() if chance(draw, 4) else person.email,
                "person_source_id": source_id,
                "person_name": person.name,
                "valid_from_basis": "observed",
                "employment_type": None,
                "zone": pick(draw, ("Asia/Tokyo", None)),
                "role_name": "~User" if chance(draw, 2) else None,
                "contracted_week_us": 10 * HOUR if chance(draw, 3) else None,
            }
            for person, source_id in accounts
            if not chance(draw, 6)
        ]
        deliveries.append(Delivery(source, "people", tuple(rows), extraction(life, step - 3), mode="full"))
    if chance(draw, 3):
        deliveries[-1] = replace(deliveries[-1], rows=(*deliveries[-1].rows, _shared_login(source)))
    return deliveries


def _shared_login(source: str) -> dict[str, Any]:
    """Listed like anybody, by id alone."""
    return {
        "source_record_id": "desk",
        "person_source_id": "desk",
        "person_name": f"~Desk in {source}",
        "valid_from_basis": "observed",
        "employment_type": None,
    }


def leave(draw: Draw, everybody: list[Person], life: Frame) -> list[Delivery]:
    """Whole days, parts of days in shares and hours, twice told, not approved."""

    sizes: tuple[dict[str, Any], ...] = (
        {"day_ratio": Decimal(1)},
        {"day_ratio": Decimal("0.5")},
        {},
        {"day_absent_us": 3 * HOUR},
        {"day_ratio": Decimal("0.333333")},
    )

    def absence(source: str, record: int) -> dict[str, Any]:
        person = pick(draw, everybody)
        first = day_in(draw, life)
        login = {"person_source_id": "desk", "person_name": "~Desk in ~toggl"}
        named = {"person_name": f"{person.name} in {source}"} if source == "hr" else login
        return {
            "source_record_id": f"{source}-{record}",
            **pick(draw, ({"person_email": person.email}, person.identity(), named)),
            "start_date": first,
            "end_date": first + timedelta(days=number(draw, 0, 4)),
            "status": pick(draw, ("approved", "approved", "approved", "requested", "cancelled")),
            **pick(draw, sizes),
        }

    hr = [absence("hr", index) for index in range(number(draw, 0, 5))]
    other = [absence("other", index) for index in range(number(draw, 0, 2))]
    deliveries = [Delivery("~hr", "absences", tuple(hr), extraction(life, 0), mode="full")]
    if hr and chance(draw, 2):
        kept = [row | {"status": "approved"} for row in hr if not chance(draw, 3)]
        deliveries.append(Delivery("~hr", "absences", tuple(kept), extraction(life, 2), mode="full"))
    if other:
        deliveries.append(Delivery("~toggl", "absences", tuple(other), extraction(life, 0)))
    return deliveries


def work_schedules(draw: Draw, life: Frame) -> tuple[dict[str, Any], ...]:
    """Two crews: their cycles begin within the organisation's life, so that there are days before."""
    asked = ("8", "0", "12", "7.7", "0", "10.25", "0.000001")
    return tuple(
        {
            "work_schedule": name,
            "cycle_start_date": start,
            "cycle_day": day,
            "hours": Decimal(pick(draw, asked)),
            "is_worked_on_holidays": pick(draw, (None, True, False)),
        }
        for name, start in (("~Crew A", day_in(draw, life)), ("~crew b ", day_in(draw, life)))
        for day in range(1, number(draw, 1, 9) + 1)
    )


def holidays(draw: Draw, life: Frame) -> tuple[dict[str, Any], ...]:
    """A calendar of the country, one of a part of it, or none."""
    rows = []
    for place in ("~", "~-BY"):
        if chance(draw, 2):
            rows += [
                {"place": place, "holiday_date": day_in(draw, life), "holiday_name": f"Day {index}"}
                for index in range(number(draw, 1, 3))
            ]
    return tuple(rows)
