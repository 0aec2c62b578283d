"""Who an account is, and the employment facts that held for a person on a day.

Definitions: int_actors_matched, int_people_identified, int_person_spans_resolved, dim_persons (their descriptions), DESIGN
invariants 3 and 5. A person is called by the number, else the address, in lower case; a stranger by whatever the account shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tests.oracle.calendars import FOREVER, ONE_DAY, local_date, zone_named
from tests.oracle.organisation import Delivery, Organisation, Policy, Row
from tests.oracle.records import Version, holding, resolve
from tests.oracle.texts import plain

WEEKDAYS = ("monday_us", "tuesday_us", "wednesday_us", "thursday_us", "friday_us", "saturday_us", "sunday_us")
HOURS = ("contracted_week_us", *WEEKDAYS, "work_schedule")


@dataclass(frozen=True)
class Fact:
    """What one roster says of a person for some days, both inclusive."""

    person: str
    version: Version
    first: date
    last: date
    is_reported: bool

    @property
    def row(self) -> Row:
        return self.version.row

    @property
    def source(self) -> str:
        return self.version.delivery.source

    @property
    def format(self) -> str:
        return self.version.delivery.format

    def holds_on(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def says_hours(self) -> bool:
        return any(self.row.get(name) is not None for name in HOURS)


@dataclass
class People:
    """Everybody an organisation's rosters know, and how accounts lead to them."""

    facts: dict[str, list[Fact]] = field(default_factory=lambda: defaultdict(list))
    by_email: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_number: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_source_id: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    systems: set[str] = field(default_factory=set)
    known_by_id_alone: set[str] = field(default_factory=set)
    _asked: dict[tuple[str, date], list[Fact]] = field(default_factory=dict)
    _known: set[str] | None = None
    crosswalk: tuple[Row, ...] = ()

    def facts_on(self, person: str, day: date) -> list[Fact]:
        """What each roster says of the day, the one that decides first. Empty where the person is not employed.

        Within one format of a roster the fact that starts later speaks alone (then the one told later, then by record);
        between its formats it speaks first. Between rosters one decides who is employed (dated before observed, with hours
        before without, then by name); the others fill in what it leaves open.
        """
        if (person, day) not in self._asked:
            self._asked[person, day] = self._facts_on(person, day)
        return self._asked[person, day]

    def _facts_on(self, person: str, day: date) -> list[Fact]:
        facts = self.facts.get(person, [])

        def standing(source: str) -> tuple[bool, bool, str]:
            own = [fact for fact in facts if fact.source == source]
            return not any(fact.is_reported for fact in own), not any(fact.says_hours for fact in own), source

        rosters = sorted({fact.source for fact in facts}, key=standing)
        said = [[fact for fact in facts if fact.source == roster and fact.holds_on(day)] for roster in rosters]
        if not said or not said[0]:
            return []
        return [fact for own in said for fact in _latest_of_formats(own)]

    def attribute(self, person: str, day: date, name: str) -> Any:
        """Role, team, place or zone on the day."""
        return next((fact.row[name] for fact in self.facts_on(person, day) if fact.row.get(name) is not None), None)

    def hours(self, person: str, day: date) -> Mapping[str, Any]:
        """Weekly time and weekday pattern that hold on the day, from one fact; empty where none says."""
        for fact in self.facts_on(person, day):
            if fact.says_hours:
                return fact.row
        return {}

    def knows(self, person: str) -> bool:
        """Whether some roster names the person, on whatever days."""
        if self._known is None:
            named = (*self.by_email.values(), *self.by_number.values(), *self.by_source_id.values())
            self._known = {name for names in named for name in names} - self.systems
        return person in self._known

    def is_employed(self, person: str, day: date) -> bool:
        return bool(self.facts_on(person, day))

    def match(self, source: str, row: Mapping[str, Any], prefix: str = "person", day: date | None = None) -> str | None:
        """Person of an account as written in a row: by address, number, id in the source's own list, crosswalk, else a stranger.

        None for a system account. An account that leads nowhere, or that its own source's list knows by nothing but
        the id, may have been somebody's for some days, by the crosswalk.
        """
        email = plain(row.get(f"{prefix}_email"))
        number = plain(row.get(f"{prefix}_number"))
        source_id, name = row.get(f"{prefix}_source_id"), plain(row.get(f"{prefix}_name"))
        for found in (
            self.by_email.get(email or ""),
            self.by_number.get(number or ""),
            self.by_source_id.get((source, source_id or "")),
            self._crosswalked(source, row, prefix),
        ):
            if found and len(found) == 1:
                (person,) = found
                if person in self.systems:
                    return None
                lent = self._lent(source, row, prefix, day) if person in self.known_by_id_alone else None
                return lent or person
        return self._lent(source, row, prefix, day) or email or number or (name if name else f"{source}/{source_id}")

    def _lent(self, source: str, row: Mapping[str, Any], prefix: str, day: date | None) -> str | None:
        """Of the lines that hold on the day the one that starts later, also where it leads to nobody we know.

        Two lines of the same days that disagree lead to nobody.
        """
        lines = [
            line
            for line in self.crosswalk
            if _is_dated(line) and line["source"] == source and _names(line, row, prefix) and day is not None
        ]
        holding = [line for line in lines if day and _span(line)[0] <= day <= _span(line)[1]]
        latest = max((_span(line) for line in holding), default=None)
        led = [self._led_to(line) for line in holding if _span(line) == latest]
        return next(iter(led[0])) if led and led[0] and all(found == led[0] for found in led) else None

    def _led_to(self, line: Row) -> set[str]:
        to_email, to_number = plain(line.get("maps_to_email")), plain(line.get("maps_to_number"))
        candidates = (self.by_email.get(to_email or "", set()), self.by_number.get(to_number or "", set()))
        return next((found for found in candidates if len(found) == 1), set())

    def _crosswalked(self, source: str, row: Mapping[str, Any], prefix: str) -> set[str]:
        for lines in _undated(self.crosswalk, source, row, prefix):
            found = {person for line in lines for person in self._led_to(line)}
            if len(found) == 1:
                return found
        return set()


def _latest_of_formats(facts: list[Fact]) -> list[Fact]:
    latest = [
        max((fact for fact in facts if fact.format == name), key=_start) for name in {fact.format for fact in facts}
    ]
    return sorted(latest, key=_start, reverse=True)


def _start(fact: Fact) -> tuple[Any, ...]:
    return fact.first, fact.version.seen, fact.version.record


def _is_dated(line: Row) -> bool:
    return line.get("valid_from_date") is not None or line.get("valid_to_date") is not None


def _undated(crosswalk: Iterable[Row], source: str, row: Mapping[str, Any], prefix: str) -> list[list[Row]]:
    """The undated lines that name the account: those by id, those by address, those by name. Lines of one kind may disagree."""
    own = [line for line in crosswalk if not _is_dated(line) and line["source"] == source and _names(line, row, prefix)]
    by_id = [line for line in own if line.get("person_source_id") is not None]
    by_email = [line for line in own if line not in by_id and line.get("person_email") is not None]
    return [by_id, by_email, [line for line in own if line not in by_id and line not in by_email]]


def _span(line: Row) -> tuple[date, date]:
    return line.get("valid_from_date") or date.min, line.get("valid_to_date") or FOREVER


def _names(line: Row, row: Mapping[str, Any], prefix: str) -> bool:
    """Whether a line of the crosswalk names the account, by id, else address, else name."""
    if line.get("person_source_id") is not None:
        return bool(line["person_source_id"] == row.get(f"{prefix}_source_id"))
    if line.get("person_email") is not None:
        return plain(line["person_email"]) == plain(row.get(f"{prefix}_email"))
    return plain(line.get("person_name")) == plain(row.get(f"{prefix}_name"))


@dataclass(frozen=True)
class Identity:
    """What names a person wherever they are met."""

    email: str | None = None
    number: str | None = None

    def __bool__(self) -> bool:
        return bool(self.email or self.number)


def _shown(row: Mapping[str, Any]) -> Identity:
    return Identity(plain(row.get("person_email")), plain(row.get("person_number")))


class Identities:
    """Who each row of a roster is.

    By itself: its number, the one number that goes with its address, the address, the id. A row with nothing but an id is who its
    source's other rows say. An undated line of the crosswalk corrects it where no other source knows its address or number; lines
    that disagree say nothing, and a roster that a line corrects itself is no witness against another.
    """

    def __init__(self, versions: list[Version], crosswalk: tuple[Row, ...]) -> None:
        self._versions, self._crosswalk = versions, crosswalk
        self._numbers_of: dict[str, set[str]] = defaultdict(set)
        for version in versions:
            own = self._own(version)
            if own.email and own.number:
                self._numbers_of[own.email].add(own.number)
        self._witnesses = [version for version in versions if self._line(version)[0] in (None, self._alone(version))]

    def person_of(self, version: Version) -> str:
        """Name of the person."""
        return (self._line(version)[0] if self._is_corrected(version) else None) or self._alone(version)

    def told(self, version: Version) -> Identity:
        """What the row and the crosswalk together say of the person."""
        return self._line(version)[1] if self._is_corrected(version) else self._own(version)

    def _own(self, version: Version) -> Identity:
        shown, source_id = _shown(version.row), version.row.get("person_source_id")
        if shown or not source_id:
            return shown
        same = [
            _shown(other.row)
            for other in self._versions
            if other.delivery.source == version.delivery.source and other.row.get("person_source_id") == source_id
        ]
        numbers, emails = {item.number for item in same} - {None}, {item.email for item in same} - {None}
        if numbers:
            return Identity(number=numbers.pop()) if len(numbers) == 1 else shown
        return Identity(email=emails.pop()) if len(emails) == 1 else shown

    def _alone(self, version: Version) -> str:
        own, row = self._own(version), version.row
        linked = self._numbers_of.get(own.email or "", set())
        account = plain(row.get("person_name")) or f"{version.delivery.source}/{row.get('person_source_id')}"
        return own.number or (next(iter(linked)) if len(linked) == 1 else None) or own.email or account

    def _line(self, version: Version) -> tuple[str | None, Identity]:
        own = self._own(version)
        account = {"person_source_id": version.row.get("person_source_id"), "person_email": own.email}
        by_id, by_email, _ = _undated(self._crosswalk, version.delivery.source, account, "person")
        for lines in (by_id, by_email):
            led = [found for line in lines if (found := self._led_to(line))[0]]
            if len({person for person, _ in led}) == 1:
                return led[0]
        return None, Identity()

    def _led_to(self, line: Row) -> tuple[str | None, Identity]:
        """Whoever the rosters know by the address; else the number; else an address that nobody knows."""
        email, number = plain(line.get("maps_to_email")), plain(line.get("maps_to_number"))
        known = {self._alone(other) for other in self._versions if email and self._own(other).email == email}
        if len(known) == 1:
            return known.pop(), Identity(email=email)
        if number:
            return number, Identity(number=number)
        return (None, Identity()) if known else (email, Identity(email=email))

    def _is_corrected(self, version: Version) -> bool:
        if self._line(version)[0] in (None, self._alone(version)):
            return False
        own = self._own(version)
        for witness in self._witnesses:
            if witness.delivery.source != version.delivery.source:
                other = self._own(witness)
                if (own.email and own.email == other.email) or (own.number and own.number == other.number):
                    return False
        return True


def people_of(organisation: Organisation, policy: Policy) -> People:
    """Read the rosters of an organisation."""
    people = People(crosswalk=organisation.rows_of("people_crosswalk"))
    fates = resolve(organisation.of_stream("people"), lambda source, row: None)
    dated = [version for version in holding(fates) if version.row.get("valid_from_date") is not None]
    pictures = [version for version, _ in fates if version.row.get("valid_from_date") is None]
    identities = Identities([*dated, *pictures], people.crosswalk)
    person_of = identities.person_of
    named = set()
    for version in (*dated, *pictures):
        person, row = person_of(version), version.row
        told = identities.told(version)
        for identity in (_shown(row), told):
            people.by_email[identity.email or "?"].add(person)
            people.by_number[identity.number or "?"].add(person)
        if told.email or told.number:
            named.add(person)
        people.known_by_id_alone.add(person)
        people.by_source_id[version.delivery.source, row.get("person_source_id") or "?"].add(person)
        if row.get("employment_type") == "system":
            people.systems.add(person)
    people.known_by_id_alone -= named
    for index in (people.by_email, people.by_number):
        index.pop("?", None)
    for version in dated:
        fact = _reported(person_of(version), version)
        people.facts[fact.person].append(fact)
    for fact in _observed(organisation, pictures, person_of, policy):
        people.facts[fact.person].append(fact)
    for system in people.systems:
        people.facts.pop(system, None)
    for person, facts in people.facts.items():
        people.facts[person] = [kept for fact in facts if (kept := _until_leaving(fact, facts)).first <= kept.last]
    return people


def _until_leaving(fact: Fact, facts: list[Fact]) -> Fact:
    """Whoever left by a fact that starts later has left, also if an earlier one was never given an end."""
    left = [
        other.row["left_date"]
        for other in facts
        if other.source == fact.source and other.first >= fact.first and other.row.get("left_date") is not None
    ]
    return replace(fact, last=min([fact.last, *(day for day in left if day >= fact.first)]))


def _reported(person: str, version: Version) -> Fact:
    row = version.row
    ends = [day for day in (row.get("valid_to_date"), row.get("left_date")) if day is not None]
    first = max(row["valid_from_date"], row.get("hired_date") or row["valid_from_date"])
    return Fact(person, version, first, min(ends, default=FOREVER), True)


def _observed(
    organisation: Organisation, pictures: Iterable[Version], person_of: Callable[[Version], str], policy: Policy
) -> list[Fact]:
    """A roster without dates: what it shows of a record holds from the local day of the picture until a later picture."""
    records: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for version in pictures:
        records[version.record].append(version)

    def taken(delivery: Delivery) -> date:
        return _taken(organisation, delivery, policy)

    facts = []
    for found in records.values():
        source = found[0].delivery.source
        whole = [item for item in organisation.of_stream("people") if _is_whole(item) and item.source == source]
        for version in found:
            first = taken(version.delivery)
            full = [taken(item) for item in whole if item.format == version.delivery.format]
            later = [taken(item.delivery) for item in found] + full
            last = min((day - ONE_DAY for day in later if day > first), default=FOREVER)
            last = min(last, version.row.get("left_date") or FOREVER)
            if first <= last and not version.row.get("is_deleted"):
                facts.append(Fact(person_of(version), version, first, last, False))
    return facts


def _taken(organisation: Organisation, delivery: Delivery, policy: Policy) -> date:
    """Local day of an export."""
    zones = {row["source"]: zone_named(row.get("zone")) for row in organisation.sources}
    zone = zones.get(delivery.source) or zone_named(policy.default_zone)
    assert zone is not None
    return local_date(delivery.extracted_at, zone)


def _is_whole(delivery: Delivery) -> bool:
    return delivery.mode == "full" and delivery.is_complete
