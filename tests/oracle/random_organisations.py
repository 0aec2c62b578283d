"""Random organisations: small, and nasty in every way we know exports to be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.oracle.draws import Draw, Frame, chance, day_in, frame, pick
from tests.oracle.organisation import Organisation
from tests.oracle.random_contacts import desk
from tests.oracle.random_milestones import plan_of_dates
from tests.oracle.random_money import rates
from tests.oracle.random_people import holidays, leave, people, roster, user_list, work_schedules
from tests.oracle.random_plans import plan
from tests.oracle.random_processes import workflow
from tests.oracle.random_tasks import task_source
from tests.oracle.random_work import project_list, tracker, zones_of_sources

TRACKERS = ("~toggl", "~jira", "~sap")
TASK_SOURCES = ("~jira", "~redmine")


@st.composite
def organisations(draw: Draw) -> Organisation:
    """One organisation with a roster, leave, projects and one to three trackers."""
    life = frame(draw)
    everybody = people(draw)
    trackers = TRACKERS[: pick(draw, (2, 1, 3))]
    deliveries = roster(draw, everybody, life)
    if chance(draw, 2):
        deliveries += user_list(draw, "~toggl", everybody, life)
    deliveries += leave(draw, everybody, life)
    deliveries += project_list(draw, life)
    deliveries += plan(draw, everybody, life)
    for source in TASK_SOURCES[: pick(draw, (1, 0, 2))]:
        deliveries += task_source(draw, source, everybody)
    if chance(draw, 2):
        deliveries += workflow(draw, "~bpm", everybody, life)
    if chance(draw, 2):
        deliveries += rates(draw, everybody, life)
    if chance(draw, 2):
        deliveries += desk(draw, "~desk", everybody, life)
    if chance(draw, 2):
        deliveries += plan_of_dates(draw, "~planner", life)
    for source in trackers:
        deliveries += tracker(draw, source, everybody, life)
    return Organisation(
        deliveries=tuple({delivery.delivery_id: delivery for delivery in deliveries}.values()),
        sources=zones_of_sources(draw, ("~hr", "~crm", "~planner", "~redmine", "~bpm", "~desk", *TRACKERS)),
        reference={
            "holidays": holidays(draw, life),
            "work_schedules": work_schedules(draw, life),
            "authority": authority(draw, life),
            "people_crosswalk": crosswalk(draw, life),
            "projects_crosswalk": ({"source": "~jira", "project_name": "~rollout", "maps_to_code": "~A-1"},),
            "activity_rules": activity_rules(draw, life),
            "targets": (
                {"team_name": "~north", "utilisation_target_ratio": 0.8, "valid_from_date": day_in(draw, life)},
            ),
        },
    )


def crosswalk(draw: Draw, life: Frame) -> tuple[dict[str, Any], ...]:
    """An account of one person, and shared logins that go from hand to hand."""
    change = day_in(draw, life)
    first = {"maps_to_email": "~p0@example.org", "valid_to_date": change + timedelta(days=3)}
    second = {
        "maps_to_email": "~P1@example.org",
        "valid_from_date": change,
        "valid_to_date": change + timedelta(days=1),
    }
    holders = [first, second]
    if chance(draw, 5):
        holders.append(
            {**second, "maps_to_email": pick(draw, ("~p0@example.org", "~p1@example.org", "~left@example.org"))}
        )
    desks = [{"source": source, "person_source_id": "desk"} for source in ("~toggl", "~bpm")]
    return (
        {"source": "~toggl", "person_source_id": "x1", "maps_to_number": "~n1"},
        *({**desk, **holder} for desk in desks for holder in holders),
    )


def authority(draw: Draw, life: Frame) -> tuple[dict[str, Any], ...]:
    """None named; one; an order; an order that changes on a day."""
    change = day_in(draw, life)
    options: tuple[tuple[dict[str, Any], ...], ...] = (
        (),
        ({"source": "~toggl", "priority": 1},),
        ({"source": "~toggl", "priority": 1}, {"source": "~jira", "priority": 2}),
        (
            {"source": "~jira", "priority": 1, "valid_to_date": change},
            {"source": "~toggl", "priority": 2},
            {"source": "~sap", "priority": 1, "valid_from_date": change},
        ),
    )
    return pick(draw, options)


def activity_rules(draw: Draw, life: Frame) -> tuple[dict[str, Any], ...]:
    """Leave logged as work, from a day on or always."""
    rule = {"priority": 1, "pattern": "~leave*", "activity_type": "~Time off", "category": "absence"}
    return pick(draw, ((rule,), (), (rule | {"valid_from_date": day_in(draw, life)},)))


def draw_organisations(count: int, first_seed: int) -> list[Organisation]:
    """So many different organisations, the same ones for the same seed.

    Hypothesis tries the simplest case first and then variations of what it has seen: a fresh start for every few gives variety.
    """
    drawn: list[Organisation] = []
    start = first_seed * 1_000_000
    while len(drawn) < count:
        drawn += [organisation for organisation in _some(start)[1:] if organisation not in drawn[-8:]]
        start += 1
    return drawn[:count]


def _some(from_seed: int) -> list[Organisation]:
    found: list[Organisation] = []

    @seed(from_seed)
    @settings(
        max_examples=4,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(organisations())
    def collect(organisation: Organisation) -> None:
        found.append(organisation)

    collect()
    return found
