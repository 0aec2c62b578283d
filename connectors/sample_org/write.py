"""Write the sample organisation: the one entry point of this package."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connectors.sample_org import calendars, organisation, projects, time_entries
from connectors.sample_org.office_files import OfficeFiles
from connectors.sample_org.plan import Plan
from connectors.sample_org.planning import Bookings
from connectors.sample_org.record import Record
from connectors.sample_org.reference import write_reference
from connectors.sample_org.spelling import Texts
from connectors.sample_org.task_files import write_jira, write_redmine
from connectors.sample_org.tracker_files import TrackerFiles
from connectors.sample_org.workspace_file import workspace_yaml

Progress = Callable[[str], None]


@dataclass(frozen=True)
class SampleSummary:
    """What was written. ``hours`` are those of all current time entries, for display only."""

    target: Path
    people: int
    time_entries: int
    hours: float
    files: int
    faults: int
    seconds: float


def write_sample_organisation(
    target: Path,
    *,
    people: int = 150,
    months: int = 14,
    seed: int = 7,
    until: date,
    progress: Progress | None = None,
) -> SampleSummary:
    """Write workledger.yaml, inbox/, reference/ and planted_faults.json into ``target``.

    The same arguments give the same bytes. ``until`` is the last day with data; the earliest month begins
    ``months`` - 1
    months before its own. Raises WorkledgerError where the size or span is too small to plant the faults in.
    """
    began = time.perf_counter()
    tell = progress or (lambda _: None)
    plan = Plan(people, months, seed, until)
    tell("People, contracts and calendars")
    scene, absences = build_scene(plan)
    texts = Texts(plan, scene.org, scene.portfolio, STRANGERS)
    record = Record()
    target.mkdir(parents=True, exist_ok=True)
    bookings = Bookings(scene)
    office = OfficeFiles(target, scene, texts, record)
    office.write_hr(absences)
    write_reference(target / "reference", plan, scene.org, scene.portfolio)
    trackers = TrackerFiles(target, scene, texts, record, bookings)
    for source in trackers.sources:
        tell(f"Time entries of {source}")
        trackers.write(source)
    tell("Issues and worklogs")
    write_jira(target, scene, record, bookings)
    write_redmine(target, scene, record, bookings)
    tell("Plans, customers and finance")
    office.write_plans(bookings)
    office.write_crm()
    office.write_finance()
    (target / "workledger.yaml").write_text(workspace_yaml(), encoding="utf-8")
    record.write(
        target / "planted_faults.json",
        {
            "people": people,
            "months": months,
            "seed": seed,
            "start": plan.start.isoformat(),
            "until": until.isoformat(),
        },
    )
    entries = [one for one in record.files if one.stream == "time_entries" and one.is_current]
    return SampleSummary(
        target,
        people,
        sum(one.rows for one in entries),
        sum(one.us for one in entries) / 3.6e9,
        len(record.files),
        len(record.faults),
        time.perf_counter() - began,
    )


STRANGERS = (("Robin Temp", "robin.temp@example.org"),)


def build_scene(plan: Plan) -> tuple[time_entries.Scene, list[calendars.Absence]]:
    """Everything that is drawn before a file is written."""
    org = organisation.build_organisation(plan)
    days = calendars.build_days(plan, org)
    absences = calendars.draw_absences(plan, org)
    habits = time_entries.draw_habits(plan, len(org.people))
    worked = time_entries.draw_worked(plan, days, habits, absences)
    portfolio = projects.build_portfolio(plan, org)
    return time_entries.Scene(plan, org, days, portfolio, habits, worked), absences
