"""Logged work: whose, on which local day, of which kind, and whether it counts.

Definitions: fct_activities, DESIGN invariants 5 and 6, and the order of reasons in not_counted_reason.
"""

from __future__ import annotations

import fnmatch
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from tests.oracle.calendars import ONE_DAY, days, local_date, offset_date, zone_named
from tests.oracle.organisation import Organisation, Policy, Row
from tests.oracle.persons import People
from tests.oracle.projects import Projects
from tests.oracle.records import Version, holding, resolve
from tests.oracle.texts import plain

#: Kinds of work that are absence without any rule of the company (seeds/activity_types.csv).
SEEDED_ABSENCE = {"absence"}
MICROSECOND = timedelta(microseconds=1)
#: A source that policy does not name on a day comes after all that it names.
UNNAMED = 1_000_000
#: Person, source, whether it is of a period, first and last day.
Claim = tuple[str, str, bool, date, date]


@dataclass(frozen=True)
class Activity:
    """One time entry in the version that holds, or what of it lies on one day; or a step of a workflow."""

    source: str
    record: str
    part: int
    delivery_id: str
    person: str | None
    first: date | None
    last: date | None
    is_period: bool
    date_basis: str
    team: str | None
    role: str | None
    project: str | None
    task: str | None
    duration_us: int | None
    is_billable: bool | None
    not_counted_reason: str | None
    kind: str = "time_entry"
    is_of_one_team: bool = True

    @property
    def is_counted(self) -> bool:
        return self.not_counted_reason is None

    def covered(self) -> Iterable[date]:
        """The days it may lie on."""
        return days(self.first, self.last) if self.first and self.last else ()


def source_zones(organisation: Organisation) -> dict[str, ZoneInfo | None]:
    """Zone of each source that declares one."""
    return {row["source"]: zone_named(row.get("zone")) for row in organisation.sources}


def day_at_source(row: Row, zone: ZoneInfo | None, policy: Policy) -> date | None:
    """The first day as the source sees it, which is known before the person is."""
    started, offset = row.get("started_at"), row.get("utc_offset_minutes")
    stated: date | None = row.get("work_date")
    if stated is not None or started is None:
        return stated or row.get("period_start_date")
    if offset is not None:
        return offset_date(started, offset)
    seen = zone or zone_named(policy.default_zone)
    return local_date(started, seen) if seen else None


def exported_days(organisation: Organisation, policy: Policy, source: str, row: Row) -> tuple[date, date] | None:
    """Days of a time entry as its own source sees them: what a window of dates covers."""
    if row.get("work_date") is not None:
        return row["work_date"], row["work_date"]
    if row.get("started_at") is not None and row.get("utc_offset_minutes") is not None:
        day = offset_date(row["started_at"], row["utc_offset_minutes"])
        return day, day
    if row.get("started_at") is not None:
        zone = source_zones(organisation).get(source) or zone_named(policy.default_zone)
        assert zone is not None
        day = local_date(row["started_at"], zone)
        return day, day
    if row.get("period_start_date") is not None:
        return row["period_start_date"], row["period_start_date"]
    return None


def activities(organisation: Organisation, people: People, projects: Projects, policy: Policy) -> list[Activity]:
    """Every time entry that holds, judged."""
    versions = holding(
        resolve(
            organisation.of_stream("time_entries"),
            lambda source, row: exported_days(organisation, policy, source, row),
        )
    )
    zones = source_zones(organisation)
    found = [part for version in versions for part in _parts(organisation, version, people, projects, policy, zones)]
    return _by_authority(organisation, found)


def _parts(
    organisation: Organisation,
    version: Version,
    people: People,
    projects: Projects,
    policy: Policy,
    zones: Mapping[str, ZoneInfo | None],
) -> Iterator[Activity]:
    """The entry, or where it runs over midnight what of it lies on each local day."""
    row, source = version.row, version.delivery.source
    person = people.match(source, row, day=day_at_source(row, zones.get(source), policy))
    start, end, basis, wall = dated(row, person, people, zones.get(source), policy)
    project = projects.match(source, row)
    billable = row.get("is_billable")
    parts = [(start, end, row.get("duration_us"))]
    if wall and start and start.year >= policy.as_of.year - 10 and start <= policy.as_of:
        parts = [(day, day, us) for day, us in over_midnight(row, start, wall)] or parts
    for number, (first, last, duration_us) in enumerate(parts, start=1):
        yield Activity(
            source=source,
            record=row["source_record_id"],
            part=number,
            delivery_id=version.delivery.delivery_id,
            person=person,
            first=first,
            last=last,
            is_period=basis == "period",
            date_basis=basis,
            team=people.attribute(person, first, "team_name") if person and first else None,
            role=people.attribute(person, first, "role_name") if person and first else None,
            project=project,
            task=row.get("task_source_id"),
            duration_us=duration_us,
            is_billable=projects.is_billable(project) if billable is None else billable,
            not_counted_reason=_reason(organisation, row, person, first, policy),
            is_of_one_team=len(_teams(people, person, days(first, last) if first and last else ())) <= 1,
        )


def _teams(people: People, person: str | None, covered: Iterable[date]) -> set[str | None]:
    """Where the person is on those days; nowhere is one of the answers."""
    return {plain(people.attribute(person, day, "team_name")) for day in covered} if person else set()


def dated(
    row: Row, person: str | None, people: People, source_zone: ZoneInfo | None, policy: Policy
) -> tuple[date | None, date | None, str, tzinfo | None]:
    """First and last local day, how they were found, and the wall clock that an instant was read from."""
    if row["date_precision"] == "period" and row["period_start_date"] == row["period_end_date"]:
        return row["period_start_date"], row["period_start_date"], "stated", None
    if row["date_precision"] == "period":
        first, last = row["period_start_date"], row["period_end_date"]
        return (first, last, "period", None) if last and first <= last else (None, None, "unknown", None)
    started: datetime | None = row.get("started_at")
    stated: date | None = row.get("work_date")
    if row["date_precision"] == "instant" and started is not None:
        wall, basis = person_zone(started, person, people), "person_zone"
        if wall is None and row.get("utc_offset_minutes") is not None:
            wall, basis = timezone(timedelta(minutes=row["utc_offset_minutes"])), "offset"
        if wall is None and source_zone is not None:
            wall, basis = source_zone, "source_zone"
        if wall is None and stated is None:
            wall, basis = zone_named(policy.default_zone), "default_zone"
            assert wall is not None
        if wall is not None:
            day = started.astimezone(wall).date()
            return day, day, basis, wall
    return stated, stated, "stated" if stated else "unknown", None


def person_date(moment: datetime, person: str | None, people: People) -> date | None:
    """The local date of the person."""
    wall = person_zone(moment, person, people)
    return moment.astimezone(wall).date() if wall else None


def person_zone(moment: datetime, person: str | None, people: People) -> tzinfo | None:
    """The zone that held for the person on the very date it gives; the one of the earlier date where two do."""
    fitting = {}
    for name in {fact.row.get("zone") for fact in people.facts.get(person or "", [])}:
        zone = zone_named(name)
        if zone is not None:
            day = local_date(moment, zone)
            if zone_named(people.attribute(person or "", day, "zone")) == zone:
                fitting[day] = zone
    return fitting[min(fitting)] if fitting else None


def over_midnight(row: Row, first: date, wall: tzinfo) -> list[tuple[date, int]]:
    """Each local day that an entry of at most 24 hours reaches, and what of its time lies there.

    Time is spread evenly; what has passed by the end of a day is whole microseconds, rounded down.
    """
    started, ended, total = row["started_at"], row.get("ended_at"), row.get("duration_us")
    if not total or ended is None or not timedelta() < ended - started <= timedelta(hours=24):
        return []
    parts, told, day = [], 0, first
    while told < total:
        over = datetime.combine(day + ONE_DAY, time(), wall).astimezone(UTC)
        passed = min(ended, over) - started
        until = total * (passed // MICROSECOND) // ((ended - started) // MICROSECOND)
        parts.append((day, until - told))
        told, day = until, day + ONE_DAY
    return parts


def _reason(organisation: Organisation, row: Row, person: str | None, first: date | None, policy: Policy) -> str | None:
    if person is None:
        return "system_account"
    if first is None:
        return "undated"
    if first > policy.as_of:
        return "after_as_of"
    if first.year < policy.as_of.year - 10:
        return "outside_calendar"
    if _is_absence(organisation, row, first):
        return "absence"
    return None


def _is_absence(organisation: Organisation, row: Row, day: date) -> bool:
    """By the rule of the lowest number that matches the label on the day, else by the seeded list."""
    label = plain(row.get("activity_name")) or plain(row.get("task_name"))
    if label is None:
        return False
    matching = [
        rule
        for rule in organisation.rows_of("activity_rules")
        if fnmatch.fnmatchcase(label, rule["pattern"].lower())
        and (rule.get("valid_from_date") or date.min) <= day <= (rule.get("valid_to_date") or date.max)
    ]
    if matching:
        return bool(min(matching, key=lambda rule: rule["priority"])["category"] == "absence")
    return label in SEEDED_ABSENCE


def _by_authority(organisation: Organisation, found: list[Activity]) -> list[Activity]:
    """An hour counts once: who is named first for a day has it, with whatever else is logged there left standing aside.

    A claim is what a source has on one day, or over one period. It counts unless a better one with time counts on one of its
    days: an entry of no or of unknown length claims nothing, and neither does what gives way itself. Two of which each is the
    better one on some day both give way.
    """
    with_time: dict[Claim, bool] = defaultdict(bool)
    for activity in found:
        if activity.is_counted:
            with_time[_claim(activity)] |= bool(activity.duration_us)
    better = _better_claims(organisation, with_time)
    counts: dict[Claim, bool] = {}
    settled = -1
    while len(counts) > settled:
        settled = len(counts)
        for claim in with_time.keys() - counts.keys():
            if any(counts.get(other) for other in better[claim]):
                counts[claim] = False
            elif all(other in counts for other in better[claim]):
                counts[claim] = True
    return [
        replace(activity, not_counted_reason="other_source_has_authority")
        if activity.is_counted and not counts.get(_claim(activity))
        else activity
        for activity in found
    ]


def _claim(activity: Activity) -> Claim:
    assert activity.first is not None and activity.last is not None
    return str(activity.person), activity.source, activity.is_period, activity.first, activity.last


def _better_claims(organisation: Organisation, with_time: Mapping[Claim, bool]) -> dict[Claim, set[Claim]]:
    """Those with time, each beside a claim that it goes before on some day."""
    on_day: dict[tuple[str, date], list[tuple[int, Claim]]] = defaultdict(list)
    for claim in with_time:
        person, source, _, first, last = claim
        for day in days(first, last):
            on_day[person, day].append((priority(organisation, source, day), claim))
    better: dict[Claim, set[Claim]] = defaultdict(set)
    for ranked in on_day.values():
        for rank, claim in ranked:
            better[claim] |= {other for other_rank, other in ranked if other_rank < rank and with_time[other]}
    return better


def priority(organisation: Organisation, source: str, day: date) -> int:
    """Rank of the source on the day; the lowest number has authority."""
    ranks = [
        row["priority"]
        for row in organisation.rows_of("authority")
        if row["source"] == source
        and (row.get("valid_from_date") or date.min) <= day <= (row.get("valid_to_date") or date.max)
    ]
    return min(ranks, default=UNNAMED)
