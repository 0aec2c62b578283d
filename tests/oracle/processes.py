"""Steps of workflows: which events belong together, how long a step took, rested and waited, and how often it was done over.

Definitions: fct_process_spans, mart_process__activity_month, DESIGN measures "process spans".
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

from tests.oracle.activities import MICROSECOND, Activity, day_at_source, person_zone, source_zones
from tests.oracle.calendars import HOUR, ONE_DAY, days, month_end, month_of, zone_named
from tests.oracle.capacity_days import CapacityDay
from tests.oracle.organisation import Organisation, Policy
from tests.oracle.persons import People
from tests.oracle.records import Version, holding, resolve

Row = dict[str, Any]
OPENING, CLOSING = ("start",), ("complete", "abort")
BY_NAME = ("email", "number", "source_id", "name")


@dataclass(frozen=True)
class Step:
    """A start with its end, or one of them alone."""

    opening: Version | None
    closing: Version | None
    basis: str
    paused_us: int | None
    person: str | None
    work_date: date | None
    date_basis: str
    team: str | None
    role: str | None
    working_us: int | None

    @property
    def last(self) -> Version:
        """The event that names the step: its end, else its start."""
        found = self.closing or self.opening
        assert found is not None
        return found

    @property
    def started(self) -> datetime | None:
        return self.opening.row["occurred_at"] if self.opening else None

    @property
    def ended(self) -> datetime | None:
        return self.closing.row["occurred_at"] if self.closing else None

    @property
    def elapsed_us(self) -> int | None:
        return (self.ended - self.started) // MICROSECOND if self.started and self.ended else None

    @property
    def is_aborted(self) -> bool:
        return self.closing is not None and self.closing.row["lifecycle"] == "abort"

    @property
    def is_automated(self) -> bool | None:
        closing = self.closing.row.get("is_automated") if self.closing else None
        opening = self.opening.row.get("is_automated") if self.opening else None
        return opening if closing is None else closing


def steps(
    organisation: Organisation, people: People, capacity: Mapping[tuple[str, date], CapacityDay], policy: Policy
) -> list[Step]:
    """Every step of every case."""
    events = holding(resolve(organisation.of_stream("process_events"), lambda source, row: None))
    lanes: dict[tuple[Any, ...], list[Version]] = defaultdict(list)
    for event in events:
        lanes[_lane(event)].append(event)
    with_starts = {_activity_of(event) for event in events if event.row["lifecycle"] == "start"}
    found = []
    for lane in lanes.values():
        rests = _rests(lane)
        for opening, closing in _pairs(lane):
            found.append(_step(organisation, people, capacity, policy, opening, closing, rests, with_starts))
    return found


def _activity_of(event: Version) -> tuple[Any, ...]:
    return event.delivery.source, event.row.get("process_name"), event.row["activity_name"]


def _lane(event: Version) -> tuple[Any, ...]:
    """Events that may be parts of one step: of one instance where the log has ids, else of one resource."""
    instance = event.row.get("instance_id")
    resource = tuple(event.row.get(f"person_{name}") for name in BY_NAME)
    tied = ("instance", instance) if instance is not None else ("resource", resource)
    return (*_activity_of(event), event.row["case_id"], tied)


def _pairs(lane: list[Version]) -> Iterator[tuple[Version | None, Version | None]]:
    """First in, first out; at one instant what opens comes first."""
    waiting: deque[Version] = deque()

    def order(event: Version) -> tuple[Any, ...]:
        return event.row["occurred_at"], event.row["lifecycle"] in CLOSING, event.row["source_record_id"]

    for event in sorted(lane, key=order):
        if event.row["lifecycle"] in OPENING:
            waiting.append(event)
        elif event.row["lifecycle"] in CLOSING:
            yield (waiting.popleft() if waiting else None), event
    for event in waiting:
        yield event, None


def _rests(lane: list[Version]) -> list[tuple[datetime, datetime | None]]:
    """When the lane rested. A second suspension changes nothing, nor do a suspension and a resumption at one instant."""
    told: dict[datetime, set[str]] = defaultdict(set)
    for event in lane:
        if event.row["lifecycle"] in ("suspend", "resume"):
            told[event.row["occurred_at"]].add(event.row["lifecycle"])
    found: list[tuple[datetime, datetime | None]] = []
    since = None
    for moment in sorted(told):
        if told[moment] == {"suspend"} and since is None:
            since = moment
        elif told[moment] == {"resume"} and since is not None:
            found.append((since, moment))
            since = None
    return [*found, (since, None)] if since else found


def _step(
    organisation: Organisation,
    people: People,
    capacity: Mapping[tuple[str, date], CapacityDay],
    policy: Policy,
    opening: Version | None,
    closing: Version | None,
    rests: list[tuple[datetime, datetime | None]],
    with_starts: set[tuple[Any, ...]],
) -> Step:
    event = closing or opening
    assert event is not None
    made = Step(opening, closing, "", None, None, None, "unknown", None, None, None)
    if opening and closing:
        basis = "instance" if opening.row.get("instance_id") is not None else "order"
    elif opening:
        basis = "unmatched_start"
    else:
        basis = "unmatched_completion" if _activity_of(event) in with_starts else "single"
    paused = None
    if made.started and made.ended:
        paused = sum(
            (
                max(timedelta(), min(until or made.ended, made.ended) - max(since, made.started))
                for since, until in rests
            ),
            timedelta(),
        )
    offset = next(
        (
            one.row["utc_offset_minutes"]
            for one in (opening, closing)
            if one and one.row.get("utc_offset_minutes") is not None
        ),
        None,
    )
    source, begun = event.delivery.source, made.started
    named = [one.row for one in (closing, opening) if one and any(one.row.get(f"person_{name}") for name in BY_NAME)]
    acted = named[0] if named and not made.is_automated else None
    seen = {"started_at": begun, "utc_offset_minutes": offset}
    acted_on = day_at_source(seen, source_zones(organisation).get(source), policy)
    person = people.match(source, acted, day=acted_on) if acted else None
    moment = begun or made.ended
    assert moment is not None
    wall, date_basis = _wall(organisation, people, policy, source, person, moment, offset)
    day = moment.astimezone(wall).date()
    return Step(
        opening=opening,
        closing=closing,
        basis=basis,
        paused_us=None if paused is None else paused // MICROSECOND,
        person=person,
        work_date=day,
        date_basis=date_basis,
        team=people.attribute(person, day, "team_name") if person else None,
        role=people.attribute(person, day, "role_name") if person else None,
        working_us=_working_us(organisation, people, capacity, policy, made, person, source),
    )


def _wall(
    organisation: Organisation,
    people: People,
    policy: Policy,
    source: str,
    person: str | None,
    moment: datetime,
    offset: int | None,
) -> tuple[tzinfo, str]:
    """The clock by which the moment has a date: the person's, else the one written beside it, else the source's."""
    own = person_zone(moment, person, people)
    if own is not None:
        return own, "person_zone"
    if offset is not None:
        return timezone(timedelta(minutes=offset)), "offset"
    of_source = source_zones(organisation).get(source)
    if of_source is not None:
        return of_source, "source_zone"
    default = zone_named(policy.default_zone)
    assert default is not None
    return default, "default_zone"


def _working_us(
    organisation: Organisation,
    people: People,
    capacity: Mapping[tuple[str, date], CapacityDay],
    policy: Policy,
    step: Step,
    person: str | None,
    source: str,
) -> int | None:
    """What of the step lies on the person's days, each up to its contract; None where a contract is unknown.

    Days are those of the zone that holds when it starts.
    """
    if person is None or step.started is None or step.ended is None:
        return None
    wall, _ = _wall(organisation, people, policy, source, person, step.started, None)
    total = 0
    for day in days(step.started.astimezone(wall).date(), step.ended.astimezone(wall).date()):
        known = capacity.get((person, day))
        if known is None or known.contracted_us is None:
            return None
        midnight, following = (datetime.combine(one, time(), wall).astimezone(UTC) for one in (day, day + ONE_DAY))
        inside = min(step.ended, following) - max(step.started, midnight)
        total += min(inside // MICROSECOND, known.contracted_us)
    return total


def as_activities(found: Iterable[Step]) -> list[Activity]:
    """Steps beside logged work: evidence, never counted."""
    return [
        Activity(
            source=step.last.delivery.source,
            record=step.last.row["source_record_id"],
            part=1,
            delivery_id=step.last.delivery.delivery_id,
            person=step.person,
            first=step.work_date,
            last=step.work_date,
            is_period=False,
            date_basis=step.date_basis,
            team=step.team,
            role=step.role,
            project=None,
            task=None,
            duration_us=None if step.elapsed_us is None else step.elapsed_us - (step.paused_us or 0),
            is_billable=None,
            not_counted_reason="evidence",
            kind="process_span",
        )
        for step in found
    ]


def span_row(step: Step) -> Row:
    """As fct_process_spans has it."""
    return {
        "source": step.last.delivery.source,
        "source_record_id": step.last.row["source_record_id"],
        "process_name": step.last.row.get("process_name"),
        "case_id": step.last.row["case_id"],
        "activity_name": step.last.row["activity_name"],
        "person": step.person,
        "work_date": step.work_date,
        "started_at": step.started,
        "ended_at": step.ended,
        "pairing_basis": step.basis,
        "is_aborted": step.is_aborted,
        "is_automated": step.is_automated,
        "elapsed_us": step.elapsed_us,
        "paused_us": step.paused_us,
        "working_elapsed_us": step.working_us,
    }


def months(found: Iterable[Step], policy: Policy) -> list[Row]:
    """Rows of mart_process__activity_month: cases in the month in which they first reached the step."""
    cases: dict[tuple[Any, ...], list[Step]] = defaultdict(list)
    for step in found:
        if step.ended is not None and not step.is_aborted:
            cases[step.last.delivery.source, step.last.row.get("process_name"), step.last.row["case_id"]].append(step)
    cells: dict[tuple[str, str | None, str, date], list[list[tuple[Step, int | None]]]] = defaultdict(list)
    for (source, process, _), done in cases.items():
        by_name: dict[str, list[tuple[Step, int | None]]] = defaultdict(list)
        for step, waited in _waits(done):
            by_name[step.last.row["activity_name"]].append((step, waited))
        for name, own in by_name.items():
            first = min(step.work_date for step, _ in own if step.work_date)
            cells[source, process, name, month_of(first)].append(own)
    return [_month(key, its_cases, policy) for key, its_cases in cells.items()]


def _waits(done: list[Step]) -> Iterator[tuple[Step, int | None]]:
    """Each step of a case with the time from the latest end of what began before it to its start.

    What took no time comes before what began at the same instant and lasted.
    """

    def begun(step: Step) -> tuple[datetime, bool]:
        assert step.ended is not None
        moment = step.started or step.ended
        return moment, step.ended > moment

    for step in done:
        before = [other.ended for other in done if begun(other) < begun(step) and other.ended]
        if step.started is None or not before:
            yield step, None
        else:
            yield step, max(step.started - max(before), timedelta()) // MICROSECOND


def _month(key: tuple[str, str | None, str, date], cases: list[list[tuple[Step, int | None]]], policy: Policy) -> Row:
    source, process, name, month = key
    own = [step for case in cases for step, _ in case]
    once = sum(len(case) == 1 for case in cases)
    again = sum(len(case) - 1 for case in cases)
    return {
        "source": source,
        "process_name": process,
        "activity_name": name,
        "month_start_date": month,
        "month_end_date": month_end(month),
        "case_count": len(cases),
        "first_pass_case_count": once,
        "step_count": len(own),
        "rework_step_count": again,
        "automated_step_count": sum(bool(step.is_automated) for step in own),
        "first_pass_ratio": once / len(cases),
        "rework_ratio": again / len(own),
        "elapsed_hours": _hours(step.elapsed_us for step in own),
        "paused_hours": _hours(step.paused_us for step in own),
        "working_elapsed_hours": _hours(step.working_us for step in own),
        "waiting_hours": _hours(waited for case in cases for _, waited in case),
        "is_complete": month_end(month) <= policy.as_of,
    }


def _hours(values: Iterable[int | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / HOUR if known else None
