"""Workflow events of the finance teams: journals, reconciliations and the month's close in CSV, invoices
and approvals in XES.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

import numpy as np

from connectors.sample_org.calendars import offsets
from connectors.sample_org.organisation import Organisation
from connectors.sample_org.plan import Month, Plan
from connectors.sample_org.teams import PLACES
from connectors.sample_org.time_entries import DAY_SECONDS, Scene

EVENT_HEADERS = (
    "Process", "Case ID", "Activity", "Resource", "Lifecycle", "Timestamp", "Instance ID", "Amount", "Currency",
)  # fmt: skip
SYSTEM = "bot@example.org"
MOST_PEOPLE = 60  # cases grow with the team up to here


@dataclass(frozen=True)
class Event:
    """``at``: seconds of the plan, local in Munich. ``instance`` empty where the log has none: pairing is
    left to the reader.
    """

    process: str
    case: str
    activity: str
    resource: str
    lifecycle: str
    at: int
    instance: str
    amount: str


@dataclass(frozen=True)
class Step:
    """``who``: preparer, reviewer or system. ``minutes`` of work; ``wait`` hours before it. 0 minutes: only
    a complete event.
    """

    activity: str
    who: str
    minutes: int
    wait: int


PROCESSES: dict[str, tuple[Step, ...]] = {
    "Journals": (
        Step("Prepare journal", "preparer", 35, 0),
        Step("Review journal", "reviewer", 15, 6),
        Step("Post journal", "system", 0, 1),
    ),
    "Reconciliations": (
        Step("Reconcile account", "preparer", 90, 0),
        Step("Review reconciliation", "reviewer", 25, 20),
        Step("Sign off", "reviewer", 0, 2),
    ),
    "Invoices": (
        Step("Receive invoice", "system", 0, 0),
        Step("Check invoice", "preparer", 12, 8),
        Step("Approve invoice", "reviewer", 6, 30),
        Step("Pay invoice", "system", 0, 40),
    ),
    "Month-end close": (
        Step("Close subledger", "preparer", 120, 0),
        Step("Accruals", "preparer", 75, 3),
        Step("Approve close", "reviewer", 20, 10),
    ),
}
IN_CSV = ("Journals", "Reconciliations", "Month-end close")
CASES_A_PERSON = {"Journals": 3.0, "Reconciliations": 2.0, "Invoices": 6.0, "Month-end close": 1.0}


def draw_events(scene: Scene, month: Month) -> list[Event]:
    """Events of the cases that begin in the month, as far as they had happened by the end of the data."""
    rng = scene.plan.rng("finance", month.first_index)
    crew = _crew(scene, month)
    if len(crew) < 2:
        return []
    out: list[Event] = []
    for process, steps in PROCESSES.items():
        count = int(rng.poisson(CASES_A_PERSON[process] * min(len(crew), MOST_PEOPLE)))
        for number in range(count):
            case = f"{process[:3].upper()}-{month.first:%Y%m}-{number + 1:04d}"
            out += _case(scene.plan, scene.org, rng, process, steps, case, month, crew)
    limit = scene.plan.days * DAY_SECONDS
    return [event for event in out if event.at < limit]


def in_order(event: Event) -> tuple[int, str, str, bool]:
    """By instant; of two at once the start comes first."""
    return event.at, event.case, event.activity, event.lifecycle != "start"


def _crew(scene: Scene, month: Month) -> list[int]:
    wanted = [n for n, team in enumerate(scene.org.teams) if team.family and team.family.name == "Finance"]
    window = slice(month.first_index, month.last_index + 1)
    return [int(i) for i in np.flatnonzero(np.isin(scene.days.team[:, window], wanted).any(axis=1))]


def _case(
    plan: Plan, org: Organisation, rng: np.random.Generator, process: str, steps: tuple[Step, ...], case: str,
    month: Month, crew: list[int],
) -> list[Event]:  # fmt: skip
    first_days = 4 if process == "Month-end close" else month.last_index - month.first_index + 1
    day = month.first_index + int(rng.integers(0, max(1, min(first_days, month.last_index - month.first_index + 1))))
    at = _at_work(plan, day * DAY_SECONDS + int(rng.integers(8 * 60, 15 * 60)) * 60)
    preparer, reviewer = (org.people[i].email for i in rng.choice(np.array(crew), 2, replace=False))
    amount = f"{float(rng.lognormal(7, 1.2)):.2f}"
    events: list[Event] = []
    redo = process != "Invoices" and rng.random() < 0.08
    plan_of_steps = (*steps[:2], *steps[:1], *steps[1:]) if redo else steps  # sent back once
    for order, step in enumerate(plan_of_steps):
        at = _at_work(plan, at + int(step.wait * 3600 * rng.uniform(0.3, 1.5)))
        who = {"preparer": preparer, "reviewer": reviewer, "system": SYSTEM}[step.who]
        instance = f"{case}.{order}" if process != "Month-end close" else ""

        def event(lifecycle: str, when: int, *, step: Step = step, who: str = who, instance: str = instance) -> Event:
            return Event(process, case, step.activity, who, lifecycle, when, instance, amount)

        if step.minutes == 0:
            events.append(event("complete", at))
            continue
        seconds = max(120, int(step.minutes * 60 * rng.lognormal(0, 0.4)))
        if step.who == "reviewer":
            events.append(event("assign", at - 300))
        events.append(event("start", at))
        if seconds > 3600 and rng.random() < 0.25:
            events += [event("suspend", at + seconds // 3), event("resume", at + seconds // 3 + 2700)]
            seconds += 2700
        at += seconds
        events.append(event("complete", at))
    return events


def _at_work(plan: Plan, at: int) -> int:
    """The moment itself on a weekday between 8 and 18, else the next morning at work."""
    day, second = divmod(at, DAY_SECONDS)
    if second >= 18 * 3600:
        day, second = day + 1, 8 * 3600 + second % 3600
    second = max(second, 8 * 3600)
    while plan.day(day).weekday() > 4:
        day += 1
    return day * DAY_SECONDS + second


class Clock:
    """Spells instants of Munich with their offset."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.east = offsets(plan)[PLACES.index("DE-BY")]

    def text(self, at: int) -> str:
        """2026-03-02T09:15:00+01:00."""
        day, second = divmod(at, DAY_SECONDS)
        hours = int(self.east[min(max(day, 0), self.plan.days - 1)]) // 3600
        clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        return f"{self.plan.day(day).isoformat()}T{clock}+{hours:02d}:00"


def csv_rows(events: list[Event], clock: Clock) -> list[list[str]]:
    return [
        [e.process, e.case, e.activity, e.resource, e.lifecycle, clock.text(e.at), e.instance, e.amount, "EUR"]
        for e in events
    ]


def xes(events: list[Event], clock: Clock) -> str:
    """An XES log, a trace a case, traces in the order in which they begin."""
    cases: dict[str, list[Event]] = {}
    for event in events:
        cases.setdefault(event.case, []).append(event)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<log xes.version="1.0" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">',
        '  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>',
        '  <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>',
        '  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>',
        '  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>',
        '  <string key="concept:name" value="Invoices"/>',
    ]
    for case, its in cases.items():
        lines += [
            "  <trace>",
            f'    <string key="concept:name" value={quoteattr(case)}/>',
            f'    <float key="(case)_Amount" value="{its[0].amount}"/>',
            '    <string key="(case)_Currency" value="EUR"/>',
        ]
        for event in its:
            lines += [
                "    <event>",
                f'      <string key="concept:name" value={quoteattr(event.activity)}/>',
                f'      <string key="concept:instance" value={quoteattr(event.instance)}/>',
                f'      <string key="lifecycle:transition" value="{event.lifecycle}"/>',
                f'      <string key="org:resource" value={quoteattr(event.resource)}/>',
                f'      <date key="time:timestamp" value="{clock.text(event.at)}"/>',
                "    </event>",
            ]
        lines.append("  </trace>")
    return "\n".join([*lines, "</log>", ""])
