"""One organisation as the oracle reads it: every table the warehouse publishes of it, computed from its raw streams."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tests.oracle.accounts import accounts
from tests.oracle.activities import Activity, activities
from tests.oracle.bookings import booking_days, booking_row
from tests.oracle.calendars import month_end
from tests.oracle.capacity import capacity_of_people, capacity_of_teams
from tests.oracle.capacity_days import CapacityDay, absences_of, capacity_days
from tests.oracle.completion import completion_of_projects, completion_of_teams
from tests.oracle.contacts import contacts
from tests.oracle.evidence import capture_gaps, fairness
from tests.oracle.gap_counts import MEMBERS, Gap, Gaps
from tests.oracle.milestones import milestone_row, milestones, milestones_of_projects
from tests.oracle.money import amounts
from tests.oracle.organisation import Organisation, Policy
from tests.oracle.packs import FIRST_DAY
from tests.oracle.persons import People, people_of
from tests.oracle.processes import as_activities, months, span_row, steps
from tests.oracle.projects import projects_of
from tests.oracle.task_totals import task_totals
from tests.oracle.tasks import Tasks, span_rows, task_row
from tests.oracle.texts import plain
from tests.oracle.utilisation import Grain, person_week, team_month, team_week, utilisation

Tables = dict[str, list[dict[str, Any]]]
GRAINS: dict[str, Callable[[Policy], Grain]] = {
    "person_week": person_week,
    "team_week": team_week,
    "team_month": lambda policy: team_month(),
}


class Reading:
    """People, capacity and activities of an organisation, and the tables made of them."""

    def __init__(self, organisation: Organisation, policy: Policy) -> None:
        self.organisation = organisation
        self.policy = policy
        self.people: People = people_of(organisation, policy)
        self.everybody = [self.people]
        self.projects = projects_of(organisation)
        self.capacity = capacity_days(organisation, self.people, policy, FIRST_DAY)
        self.told = {(fact.source, person) for person, facts in self.people.facts.items() for fact in facts}
        for (person, _), by_source in absences_of(organisation, self.people).items():
            self.told |= {(source, person) for source in by_source}
        self.steps = steps(organisation, self.people, self.capacity, policy)
        self.activities = activities(organisation, self.people, self.projects, policy) + as_activities(self.steps)
        self.activities += contacts(organisation, self.people, self.projects, policy)
        self.amounts = amounts(organisation, self.people, self.activities, policy)
        self.tasks = Tasks(organisation, self.people, self.projects, policy).found
        self.milestones = milestones(organisation, self.projects, policy)
        self.bookings = booking_days(organisation, self.people, self.projects, self.capacity, policy)

    @classmethod
    def of_all(cls, readings: Iterable[Reading]) -> Reading:
        """Several organisations as one, for rows that they share."""
        together = cls.__new__(cls)
        readings = list(readings)
        together.organisation, together.policy = Organisation(()), readings[0].policy
        together.everybody = [people for reading in readings for people in reading.everybody]
        together.amounts = []
        together.told = {pair for reading in readings for pair in reading.told}
        together.capacity = {key: day for reading in readings for key, day in reading.capacity.items()}
        together.activities = [item for reading in readings for item in reading.activities]
        together.steps = [item for reading in readings for item in reading.steps]
        together.tasks = [item for reading in readings for item in reading.tasks]
        together.milestones = [item for reading in readings for item in reading.milestones]
        together.bookings = [item for reading in readings for item in reading.bookings]
        return together

    def tables(self, gaps: Iterable[Gap]) -> Tables:
        """Every table that is compared, by name. ``gaps`` are the published ones."""
        return {**self.facts(), **self.marts(gaps)}

    def facts(self) -> Tables:
        """What the marts are made of."""
        return {
            "core.fct_activities": [self._activity(item) for item in self.activities],
            "core.fct_process_spans": [span_row(item) for item in self.steps],
            "core.fct_capacity_days": [self._capacity_day(item) for item in self.capacity.values()],
            "core.fct_tasks": [task_row(item) for item in self.tasks],
            "core.fct_task_status_spans": [row for item in self.tasks for row in span_rows(item)],
            "core.fct_milestones": [milestone_row(item) for item in self.milestones],
            "core.fct_task_totals": task_totals(self.tasks, self.activities, self.policy),
            "core.fct_allocation_days": [booking_row(item) for item in self.bookings],
            "core.fct_stream_accounts": accounts(self.organisation, self.activities, self.policy),
        }

    def marts(self, gaps: Iterable[Gap]) -> Tables:
        """The marts; several organisations at once share their rows without a team or project."""
        known = Gaps(gaps, [(item.person, item) for item in self.activities], self.told)
        found: Tables = {}
        for name, grain in GRAINS.items():
            rows = utilisation(grain(self.policy), self.organisation, self.capacity, self.activities, self.policy)
            table = f"marts.mart_utilisation__{name}"
            found[table] = []
            for row in rows:
                made = grain(self.policy)
                start = row[made.start]
                found[table].append(row | known.of_utilisation(row, start, made.last(start), self.policy))
        plan = self.capacity, self.bookings, self.activities, self.policy
        for name, rows in (("person_week", capacity_of_people(*plan)), ("team_week", capacity_of_teams(*plan))):
            found[f"marts.mart_capacity__{name}"] = [row | known.of_capacity(row, self.policy) for row in rows]
        for name, rows in (
            ("project_week", completion_of_projects(self.tasks, self.policy)),
            ("team_week", completion_of_teams(self.tasks, self.policy)),
        ):
            found[f"marts.mart_completion__{name}"] = [row | known.of_completion(row) for row in rows]
        found["marts.mart_milestones__project"] = [
            row | known.of_milestones(row) for row in milestones_of_projects(self.milestones, self.policy)
        ]
        found["marts.mart_capture_gap__person_week"] = [
            row | known.of_capture_gap(row, self.policy)
            for people in self.everybody
            for row in capture_gaps(people, self.capacity, self.activities, self.policy)
        ]
        found["marts.mart_fairness__population_month"] = [
            row | known.of_population(row, month_end(row["month_start_date"]))
            for row in fairness(self.everybody, self.capacity, self.activities, self.policy)
        ]
        found["marts.mart_process__activity_month"] = [
            row | known.of_process(row) for row in months(self.steps, self.policy)
        ]
        found["finance.core.fct_activity_amounts"] = self.amounts
        return {
            table: [{name: value for name, value in row.items() if name != MEMBERS} for row in rows]
            for table, rows in found.items()
        }

    def _activity(self, item: Activity) -> dict[str, Any]:
        return {
            "source": item.source,
            "source_record_id": item.record,
            "activity_kind": item.kind,
            "day_part": item.part,
            "delivery_id": item.delivery_id,
            "person": item.person,
            "team": plain(item.team),
            "role": plain(item.role),
            "project": item.project,
            "work_date": None if item.is_period else item.first,
            "period_start_date": item.first if item.is_period else None,
            "period_end_date": item.last if item.is_period else None,
            "date_basis": item.date_basis,
            "duration_us": item.duration_us,
            "is_billable": item.is_billable,
            "is_counted": item.is_counted,
            "not_counted_reason": item.not_counted_reason,
        }

    def _capacity_day(self, item: CapacityDay) -> dict[str, Any]:
        return {
            "person": item.person,
            "capacity_date": item.day,
            "team": plain(item.team),
            "role": plain(item.role),
            "place": item.place,
            "is_holiday": item.is_holiday,
            "is_absent": item.is_absent,
            "is_working_day": item.is_working_day,
            "contracted_us": item.contracted_us,
            "absent_us": item.absent_us,
            "effective_us": item.effective_us,
        }
