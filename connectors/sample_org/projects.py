"""Clients, projects and kinds of work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from connectors.sample_org import teams as t
from connectors.sample_org.names import CLIENT_NAMES, INTERNAL_PROJECTS, UNDERTAKINGS
from connectors.sample_org.organisation import Organisation
from connectors.sample_org.plan import Plan

CURRENCY_OF_PLACE = {"DE-BY": "EUR", "GB": "GBP", "US": "USD", "IN": "INR"}
INTERNAL_ACTIVITIES = ("Administration", "Training", "Interviewing", "Proposal writing", "Team meeting")


@dataclass(frozen=True)
class Project:
    """``first`` and ``last``: planned day indexes; ``family`` None for work that every team does for the
    organisation.
    """

    code: str
    name: str
    client: str
    family: t.Family | None
    is_billable: bool
    is_internal: bool
    first: int
    last: int
    budget_hours: int | None
    fee: int | None
    currency: str
    status: str


@dataclass(frozen=True)
class Portfolio:
    """All projects, general internal ones first; ``activities`` the kinds of work, internal ones first."""

    projects: list[Project]
    activities: tuple[str, ...]

    def active(self, family: t.Family, first: int, last: int) -> list[int]:
        """Client projects of ``family`` planned for any day from ``first`` to ``last``."""
        return [
            i
            for i, p in enumerate(self.projects)
            if p.family is family and not p.is_internal and p.first <= last and p.last >= first
        ]

    def own_internal(self, family: t.Family) -> int:
        return next(i for i, p in enumerate(self.projects) if p.family is family and p.is_internal)

    def activity_numbers(self, family: t.Family) -> list[int]:
        return [self.activities.index(name) for name in family.activities]


def build_portfolio(plan: Plan, org: Organisation) -> Portfolio:
    """Internal projects, then client projects family by family, staggered so that every month has some."""
    rng = plan.rng("projects")
    whole = (-400, plan.days + 200)
    projects = [
        Project(code, name, "", None, False, True, *whole, None, None, "EUR", "Active")
        for code, name in INTERNAL_PROJECTS
    ]
    activities = list(INTERNAL_ACTIVITIES)
    taken: dict[str, int] = {}
    for family in (*t.FAMILIES, t.SMALL_TEAM):
        activities += [name for name in family.activities if name not in activities]
        currency = CURRENCY_OF_PLACE[family.place]
        projects.append(
            Project(
                f"{family.prefix}-000",
                f"{family.name} operations",
                "",
                family,
                False,
                True,
                *whole,
                None,
                None,
                currency,
                "Active",
            )
        )
        if family.billable == 0:
            continue
        size = sum(1 for team in org.teams if team.family is family) * t.TEAM_SIZE
        projects += _client_projects(plan, rng, family, max(4, round(size * 0.5)), taken)
    return Portfolio(projects, tuple(activities))


def _client_projects(
    plan: Plan, rng: np.random.Generator, family: t.Family, count: int, taken: dict[str, int]
) -> list[Project]:
    out = []
    for number in range(1, count + 1):
        client = CLIENT_NAMES[int(rng.integers(0, len(CLIENT_NAMES)))]
        base = f"{UNDERTAKINGS[int(rng.integers(0, len(UNDERTAKINGS)))]} {client}"
        taken[base] = taken.get(base, 0) + 1
        name = base if taken[base] == 1 else f"{base} {taken[base]}"
        # the first two run throughout: no month without client work
        first = -100 if number <= 2 else int(rng.integers(-150, plan.days - 30))
        last = plan.days + 60 if number <= 2 else first + int(rng.integers(60, 300))
        billable = rng.random() > 0.08
        budget = int(rng.integers(20, 400)) * 10
        has_fee = billable and rng.random() < 0.3
        status = "Planned" if first >= plan.days else "Active" if last >= plan.days else "Closed"
        currency = CURRENCY_OF_PLACE[family.place]
        out.append(
            Project(
                f"{family.prefix}-{number:03d}", name, client, family, bool(billable), False, first, last,
                budget if rng.random() > 0.1 else None, budget * 110 if has_fee else None, currency, status,
            )
        )  # fmt: skip
    return out
