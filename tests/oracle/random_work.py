"""Random time entries: several trackers, every way to name a person and a day, and exports that contradict each other."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.oracle.calendars import HOUR
from tests.oracle.draws import ZONES, Draw, Frame, chance, day_in, extraction, instant, number, pick
from tests.oracle.organisation import Delivery
from tests.oracle.random_people import Person

DURATIONS = (8 * HOUR, HOUR, 3 * HOUR // 2, 0, None, 1, 7 * HOUR + 36 * HOUR // 60, 12 * HOUR)
PROJECTS: tuple[dict[str, Any], ...] = (
    {"project_code": "~A-1"},
    {},
    {"project_code": " ~a-1 ", "project_name": "whatever"},
    {"project_code": "~B-2"},
    {"project_name": "~Rollout"},
    {"project_source_id": "r1"},
    {"project_code": "~UNLISTED"},
)
LABELS: tuple[dict[str, Any], ...] = (
    {},
    {"activity_name": "Design"},
    {"activity_name": "Absence"},
    {"activity_name": "~Leave, paid"},
    {"task_name": "~leave 2"},
)


def actor(draw: Draw, source: str, everybody: list[Person]) -> dict[str, Any]:
    """A person as a tracker may write one: known, half known, a stranger, a name that proves nothing."""
    person = pick(draw, everybody)
    ways: tuple[dict[str, Any], ...] = (
        {"person_email": person.email},
        {"person_email": f" {person.email.upper()} "},
        {"person_number": person.number or f"~N{person.index}"},
        {"person_source_id": person.source_id, "person_name": f"~P{person.index} in {source}"},
        {"person_email": person.email, "person_number": "~N0"},
        {"person_email": "~zoe@example.org"},
        {"person_name": f"~Nobody in {source}"},
        {"person_source_id": "x1", "person_name": f"~X in {source}"},
        {"person_source_id": "desk", "person_name": f"~Desk in {source}"},
    )
    return ways[number(draw, 0, len(ways) - 1) if chance(draw, 3) else 0]


def when(draw: Draw, life: Frame) -> dict[str, Any]:
    """A day, an instant near any midnight or change of the clock, a period that may cross a week or a month.

    Rarely nothing, or a period without an end or the wrong way round.
    """
    day = day_in(draw, life)
    kind = number(draw, 0, 9)
    if kind <= 4:
        return {"date_precision": "day", "work_date": day}
    if kind <= 7:
        started = instant(day, pick(draw, (9, 0, 4, 5, 10, 11, 12, 18, 20, 22, 23)), pick(draw, (0, 30)))
        return {
            "date_precision": "instant",
            "started_at": started,
            "ended_at": started + timedelta(hours=pick(draw, (1, 3, 9, 24, 25))) if chance(draw, 2) else None,
            "work_date": day if chance(draw, 4) else None,
            "utc_offset_minutes": pick(draw, (-300, 330, 60, 780)) if chance(draw, 4) else None,
        }
    if kind == 8:
        last = day + timedelta(days=pick(draw, (6, 0, 2, 13, 30)))
        return {"date_precision": "period", "period_start_date": day, "period_end_date": last}
    odd: tuple[dict[str, Any], ...] = (
        {"date_precision": "day"},
        {"date_precision": "day", "work_date": date(1999, 12, 31)},
        {"date_precision": "instant", "work_date": day},
        {"date_precision": "period", "period_start_date": day, "period_end_date": None},
        {"date_precision": "period", "period_start_date": day, "period_end_date": day - timedelta(days=3)},
    )
    return pick(draw, odd)


def entry(draw: Draw, source: str, record: str, everybody: list[Person], life: Frame) -> dict[str, Any]:
    """One version of a record."""
    return {
        "source_record_id": record,
        **actor(draw, source, everybody),
        **when(draw, life),
        "duration_us": pick(draw, DURATIONS),
        "task_source_id": pick(draw, (None, "t0", "t1", "t9")),
        "is_billable": pick(draw, (None, True, False)),
        **pick(draw, PROJECTS),
        **(pick(draw, LABELS) if chance(draw, 3) else {}),
    }


def edited(draw: Draw, source: str, row: dict[str, Any], everybody: list[Person], life: Frame) -> dict[str, Any]:
    """A later version: another length, another day, another person."""
    change = number(draw, 0, 2)
    if change == 0:
        return row | {"duration_us": pick(draw, DURATIONS)}
    if change == 1:
        cleared = dict.fromkeys(
            ("work_date", "started_at", "ended_at", "utc_offset_minutes", "period_start_date", "period_end_date")
        )
        return row | cleared | when(draw, life)
    unnamed = dict.fromkeys(("person_email", "person_number", "person_source_id", "person_name"))
    return row | unnamed | actor(draw, source, everybody)


def tracker(draw: Draw, source: str, everybody: list[Person], life: Frame) -> list[Delivery]:
    """Some exports of a tracker. Each holds some records in some version: late edits, re-exports, deletes, A, B and A again."""
    mode = pick(draw, ("changes", "window", "full"))
    says_modified = chance(draw, 2)
    records: list[list[dict[str, Any]]] = []
    for index in range(number(draw, 4, 14)):
        versions = [entry(draw, source, f"r{index}", everybody, life)]
        while len(versions) < 3 and chance(draw, 3):
            versions.append(edited(draw, source, versions[-1], everybody, life))
        if says_modified:
            versions = [
                version | {"source_modified_at": instant(life.start, 1) + timedelta(days=2 * age)}
                if not chance(draw, 10)
                else version
                for age, version in enumerate(versions)
            ]
        records.append(versions)
    deliveries: list[Delivery] = []
    for step in range(number(draw, 1, 4)):
        if len(deliveries) > 1 and chance(draw, 4):
            again = deliveries[0]
            deliveries.append(
                Delivery(source, "time_entries", again.rows, extraction(life, step), mode, again.coverage)
            )
            continue
        deliveries.append(_export(draw, source, records, mode, step, life))
    if len(deliveries) > 1 and chance(draw, 3):
        deliveries.reverse()
    return deliveries


def _export(
    draw: Draw, source: str, records: list[list[dict[str, Any]]], mode: str, step: int, life: Frame
) -> Delivery:
    coverage = None
    if mode == "window":
        first = life.day(7 * number(draw, 0, life.length // 7 - 1))
        coverage = (first, max(first + timedelta(days=6), life.day(number(draw, 6, life.length - 1))))
    rows = []
    for versions in records:
        if chance(draw, 4) or (step == 0 and chance(draw, 4)):
            continue
        row = versions[min(step, len(versions) - 1)]
        if coverage and not chance(draw, 12) and not _lies_in(row, coverage):
            continue
        rows.append(row | {"is_deleted": True} if step and chance(draw, 8 if mode == "changes" else 20) else row)
        if mode == "changes" and chance(draw, 20):
            rows.append(versions[-1])
    complete = not chance(draw, 8)
    taken = extraction(life, step - (step > 0 and chance(draw, 8)))
    layout = "other" if chance(draw, 10) else "test"
    return Delivery(source, "time_entries", tuple(rows), taken, mode, coverage, complete, layout)


def _lies_in(row: dict[str, Any], coverage: tuple[date, date]) -> bool:
    """Roughly: what an honest tool would put into the export."""
    started = row.get("started_at")
    day = row.get("work_date") or (started.date() if started else None) or row.get("period_start_date")
    return day is None or coverage[0] <= day <= coverage[1]


def project_list(draw: Draw, life: Frame) -> list[Delivery]:
    """A list of projects with codes, and that of a tracker with ids and names."""
    alpha: dict[str, Any] = {"source_record_id": "c1", "project_code": "~A-1", "project_name": "~Alpha"}
    beta: dict[str, Any] = {"source_record_id": "c2", "project_code": "~b-2", "project_name": "~Beta"}
    listed = (alpha | {"is_billable": pick(draw, (True, None, False))}, beta | {"is_billable": chance(draw, 2)})
    own = [{"source_record_id": "r1", "project_name": "~Rollout", "is_billable": pick(draw, (True, False, None))}]
    deliveries = [Delivery("~crm", "projects", listed, extraction(life, 0), mode="full")]
    if chance(draw, 2):
        deliveries.append(Delivery("~toggl", "projects", tuple(own), extraction(life, 0)))
    return deliveries


def zones_of_sources(draw: Draw, names: tuple[str, ...]) -> tuple[dict[str, Any], ...]:
    """Trackers with and without a declared zone."""
    return tuple(
        {"source": name, "mode": "changes", "owner": "somebody", "zone": pick(draw, (None, *ZONES))} for name in names
    )
