"""Meetings, calls and tickets beside logged work: when they were, whose, and how long.

Definitions: int_interactions_as_activities (its description), fct_activities.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.oracle.activities import MICROSECOND, Activity, dated, day_at_source, source_zones
from tests.oracle.organisation import Organisation, Policy, Row
from tests.oracle.persons import People
from tests.oracle.projects import Projects
from tests.oracle.records import Version, holding, resolve


def contacts(organisation: Organisation, people: People, projects: Projects, policy: Policy) -> list[Activity]:
    """Every interaction that holds: evidence, never counted."""
    zones = source_zones(organisation)
    held = holding(resolve(organisation.of_stream("interactions"), lambda source, row: None))
    return [_contact(version, people, projects, policy, zones) for version in held]


def _contact(
    version: Version, people: People, projects: Projects, policy: Policy, zones: Mapping[str, Any]
) -> Activity:
    row, source = version.row, version.delivery.source
    when = _when(row)
    begun = when["begun"]
    person = people.match(source, row, day=day_at_source({**row, "started_at": begun}, zones.get(source), policy))
    first, last, basis, _ = dated(when, person, people, zones.get(source), policy)
    return Activity(
        source=source,
        record=row["source_record_id"],
        part=1,
        delivery_id=version.delivery.delivery_id,
        person=person,
        first=first,
        last=last,
        is_period=False,
        date_basis=basis,
        team=people.attribute(person, first, "team_name") if person and first else None,
        role=people.attribute(person, first, "role_name") if person and first else None,
        project=projects.match(source, row),
        task=None,
        duration_us=_length(row),
        is_billable=projects.is_billable(projects.match(source, row)),
        not_counted_reason="evidence",
        kind="interaction",
    )


def _when(row: Row) -> dict[str, Any]:
    """The instant that dates it: its start, else its end; a ticket's answer, else its creation, but once it is closed its close.

    ``begun`` is its start where it has one.
    """
    started, ended, day = row.get("started_at"), row.get("ended_at"), row.get("work_date")
    if started is None and ended is None and day is not None:
        return {"date_precision": "day", "work_date": day, "begun": None}
    if started is None and ended is None:
        ended = row.get("completed_at")
        started = None if ended else row.get("first_response_at") or row.get("created_at")
    told = {"utc_offset_minutes": row.get("utc_offset_minutes"), "work_date": day, "begun": started}
    return {"date_precision": "instant", "started_at": started or ended, **told}


def _length(row: Row) -> int | None:
    """What the tool measured, else what lies between start and end."""
    if row.get("handling_us") is not None:
        return int(row["handling_us"])
    started, ended = row.get("started_at"), row.get("ended_at")
    return (ended - started) // MICROSECOND if started and ended and ended >= started else None
