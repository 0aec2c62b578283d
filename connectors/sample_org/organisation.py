"""People, their teams, and what their employment said on each day."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from connectors.sample_org import teams as t
from connectors.sample_org.contracts import Hours, draw_hours, full_time
from connectors.sample_org.names import FIRST_NAMES, LAST_NAMES
from connectors.sample_org.plan import Plan

DOMAIN = "example.org"
OPEN_END = 10**6


@dataclass(frozen=True)
class Span:
    """Employment facts from ``first`` to ``last`` (day indexes, inclusive; ``OPEN_END`` where open)."""

    first: int
    last: int
    role: str
    team: int
    manager: int | None
    place: str
    hours: Hours


@dataclass
class Person:
    number: str
    name: str
    email: str
    employment_type: str
    hired: int
    left: int | None
    spans: list[Span] = field(default_factory=list)
    earlier_email: str | None = None
    renamed_on: int | None = None


@dataclass
class Team:
    """``lead_until``: day index on which ``deputy`` takes over as manager, None where the lead stays."""

    name: str
    family: t.Family | None
    lead: int
    deputy: int | None = None
    lead_until: int | None = None


@dataclass
class Organisation:
    people: list[Person]
    teams: list[Team]

    def team_on(self, person: int, day: int) -> Team | None:
        for span in self.people[person].spans:
            if span.first <= day <= span.last:
                return self.teams[span.team]
        return None

    def members(self, source: str, day: int) -> list[int]:
        """People whose team logs time in ``source`` on ``day``."""
        out = []
        for index, person in enumerate(self.people):
            for span in person.spans:
                family = self.teams[span.team].family
                if span.first <= day <= span.last and family is not None and family.source == source:
                    out.append(index)
        return out


def build_organisation(plan: Plan) -> Organisation:
    """People and teams for ``plan``. Person 0 is the head, person 1 the system account."""
    rng = plan.rng("organisation")
    sizes = _family_sizes(plan.people - 2)
    names = _draw_names(rng, plan.people)
    head = _person(plan, 0, names, -2000)
    head.spans = [
        Span(head.hired, OPEN_END, "Managing Partner", 0, None, "DE-BY", full_time("DE-BY", with_pattern=True))
    ]
    bot = Person("E00002", "Integration Bot", f"bot@{DOMAIN}", "system", -1500, None)
    bot.spans = [Span(bot.hired, OPEN_END, "System Account", 0, None, "DE-BY", Hours(None, None, None))]
    org = Organisation([head, bot], [Team(t.HEAD_TEAM, None, 0)])
    for family, size in sizes:
        for number, count in enumerate(_split(size), 1):
            label = family.name if size <= t.TEAM_SIZE * 2 and number == 1 else f"{family.name} {number}"
            _add_team(plan, org, rng, names, family, label, count)
    _move_people(plan, org, rng)
    _close_open_ends(org)
    return org


def _family_sizes(people: int) -> list[tuple[t.Family, int]]:
    rest = people - t.SMALL_TEAM_SIZE
    sizes = []
    for family in t.FAMILIES:
        size = max(3, round(family.share * rest))
        sizes.append((family, size if family.limit is None else min(size, family.limit)))
    missing = rest - sum(size for _, size in sizes)
    if missing >= 0:
        # what rounding and limits leave goes to the trackers, evenly
        trackers = [i for i, (family, _) in enumerate(sizes) if family.limit is None]
        for i in trackers:
            sizes[i] = (sizes[i][0], sizes[i][1] + missing // len(trackers))
    first, size = sizes[0]
    sizes[0] = (first, size + rest - sum(size for _, size in sizes))
    return [*sizes, (t.SMALL_TEAM, t.SMALL_TEAM_SIZE)]


def _split(size: int) -> list[int]:
    count = max(1, round(size / t.TEAM_SIZE))
    return [size // count + (1 if i < size % count else 0) for i in range(count)]


def _draw_names(rng: np.random.Generator, count: int) -> list[tuple[str, str]]:
    """Names and e-mails. Two people may share a name, never an e-mail."""
    firsts = rng.integers(0, len(FIRST_NAMES), count)
    lasts = rng.integers(0, len(LAST_NAMES), count)
    taken: dict[str, int] = {}
    out = []
    for first, last in zip(firsts, lasts, strict=True):
        base = f"{FIRST_NAMES[first]}.{LAST_NAMES[last]}".lower()
        taken[base] = taken.get(base, 0) + 1
        suffix = "" if taken[base] == 1 else str(taken[base])
        out.append((f"{FIRST_NAMES[first]} {LAST_NAMES[last]}", f"{base}{suffix}@{DOMAIN}"))
    return out


def _person(plan: Plan, index: int, names: list[tuple[str, str]], hired: int) -> Person:
    name, email = names[index]
    return Person(f"E{index + 1:05d}", name, email, "employee", hired, None)


def _add_team(
    plan: Plan,
    org: Organisation,
    rng: np.random.Generator,
    names: list[tuple[str, str]],
    family: t.Family,
    label: str,
    count: int,
) -> None:
    lead = len(org.people)
    team = Team(label, family, lead)
    if count >= 5 and rng.random() < 0.2:
        team.deputy, team.lead_until = lead + 1, _month_first(plan, rng)
    org.teams.append(team)
    for seat in range(count):
        index = len(org.people)
        person = _person(plan, index, names, -int(rng.integers(30, 3000)))
        anchored = seat < 2  # lead and deputy stay throughout
        if not anchored and rng.random() < 0.14:
            person.hired = int(rng.integers(1, plan.days))
        if not anchored and rng.random() < 0.08:
            left = int(rng.integers(20, plan.days + 60))
            person.left = left if left > person.hired + 30 else None
        if not anchored and rng.random() < 0.08:
            person.employment_type = "contractor"
        place = family.place if rng.random() > 0.05 else str(rng.choice(t.PLACES))
        contractor = person.employment_type == "contractor"
        hours = full_time(place, with_pattern=True) if seat == 0 else draw_hours(rng, place, contractor=contractor)
        role = "Team Lead" if seat == 0 else family.roles[int(rng.integers(0, len(family.roles)))]
        manager = 0 if seat == 0 else lead
        person.spans = [Span(person.hired, OPEN_END, role, len(org.teams) - 1, manager, place, hours)]
        if not anchored and rng.random() < 0.03:
            person.renamed_on = _month_first(plan, rng)
            person.earlier_email = person.email.replace("@", f".{index}@")
        org.people.append(person)


def _month_first(plan: Plan, rng: np.random.Generator) -> int:
    months = plan.month_list()
    return months[int(rng.integers(1, len(months)))].first_index


def _move_people(plan: Plan, org: Organisation, rng: np.random.Generator) -> None:
    """Role, team, place and hours changes, each from the first of a month; managers follow their team's
    lead.
    """
    for index in range(2, len(org.people)):
        person = org.people[index]
        team = org.teams[person.spans[0].team]
        if index not in (team.lead, team.deputy):
            for kind, chance in (("role", 0.08), ("team", 0.05), ("hours", 0.05), ("place", 0.01)):
                if rng.random() < chance:
                    _change(org, person, kind, _month_first(plan, rng), rng)
    for number, team in enumerate(org.teams):
        if team.deputy is not None and team.lead_until is not None:
            _hand_over(org, number, team.lead, team.deputy, team.lead_until)


def _change(org: Organisation, person: Person, kind: str, day: int, rng: np.random.Generator) -> None:
    before = person.spans[-1]
    if day <= before.first:
        return
    after = replace(before, first=day)
    family = org.teams[before.team].family
    assert family is not None
    if kind == "role":
        after = replace(after, role=family.roles[-1] if before.role != family.roles[-1] else family.roles[0])
    elif kind == "team":
        number = int(rng.integers(1, len(org.teams)))
        other = org.teams[number]
        if number == before.team or other.family is None or other.family is t.SMALL_TEAM:
            return
        after = replace(after, team=number, manager=other.lead, role=other.family.roles[0])
    elif kind == "place":
        after = replace(after, place="GB" if before.place != "GB" else "DE-BY")
    elif person.employment_type == "employee":
        after = replace(after, hours=draw_hours(rng, before.place, contractor=False))
    if replace(after, first=before.first) != before:
        person.spans[-1] = replace(before, last=day - 1)
        person.spans.append(after)


def _hand_over(org: Organisation, team: int, lead: int, deputy: int, day: int) -> None:
    """From ``day`` the deputy leads: everyone's manager changes, the old lead reports to the deputy."""
    for index, person in enumerate(org.people):
        spans = []
        for span in person.spans:
            if span.team != team or span.last < day:
                spans.append(span)
                continue
            role = "Team Lead" if index == deputy else ("Principal" if index == lead else span.role)
            manager = 0 if index == deputy else deputy
            if span.first < day:
                spans.append(replace(span, last=day - 1))
            spans.append(replace(span, first=max(day, span.first), manager=manager, role=role))
        person.spans = spans


def _close_open_ends(org: Organisation) -> None:
    for person in org.people:
        if person.left is not None:
            kept = [span for span in person.spans if span.first <= person.left]
            kept[-1] = replace(kept[-1], last=person.left)
            person.spans = kept


def weekday_of(plan: Plan) -> npt.NDArray[np.int64]:
    """Weekday of each day of the plan, Monday = 0."""
    return (np.arange(plan.days) + calendar.weekday(plan.start.year, plan.start.month, plan.start.day)) % 7


def iso_day(plan: Plan, index: int | None) -> str:
    """ISO text of a day index; empty for None and open ends."""
    if index is None or index >= OPEN_END:
        return ""
    return date.fromordinal(plan.start.toordinal() + index).isoformat()
