"""One organisation as the oracle reads it: every table the warehouse publishes of it, computed from its raw streams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tests.oracle.activities import Activity, activities
from tests.oracle.bookings import booking_days, booking_row
from tests.oracle.capacity import capacity_of_people, capacity_of_teams
from tests.oracle.capacity_days import CapacityDay, capacity_days
from tests.oracle.completion import completion_of_projects, completion_of_teams
from tests.oracle.organisation import Organisation, Policy
from tests.oracle.packs import FIRST_DAY
from tests.oracle.persons import People, people_of
from tests.oracle.projects import projects_of
from tests.oracle.tasks import Tasks, task_row
from tests.oracle.texts import plain
from tests.oracle.utilisation import person_week, team_month, team_week, utilisation

Tables = dict[str, list[dict[str, Any]]]


class Reading:
    """People, capacity and activities of an organisation, and the tables made of them."""

    def __init__(self, organisation: Organisation, policy: Policy) -> None:
        self.organisation = organisation
        self.policy = policy
        self.people: People = people_of(organisation, policy)
        self.projects = projects_of(organisation)
        self.capacity = capacity_days(organisation, self.people, policy, FIRST_DAY)
        self.activities = activities(organisation, self.people, self.projects, policy)
        self.tasks = Tasks(organisation, self.people, self.projects, policy).found
        self.bookings = booking_days(organisation, self.people, self.projects, self.capacity, policy)

    @classmethod
    def of_all(cls, readings: Iterable[Reading]) -> Reading:
        """Several organisations as one, for rows that they share."""
        together = cls.__new__(cls)
        readings = list(readings)
        together.organisation, together.policy = Organisation(()), readings[0].policy
        together.capacity = {key: day for reading in readings for key, day in reading.capacity.items()}
        together.activities = [item for reading in readings for item in reading.activities]
        together.tasks = [item for reading in readings for item in reading.tasks]
        together.bookings = [item for reading in readings for item in reading.bookings]
        return together

    def tables(self) -> Tables:
        """Every table that is compared, by name."""
        return {
            "core.fct_activities": [self._activity(item) for item in self.activities],
            "core.fct_capacity_days": [self._capacity_day(item) for item in self.capacity.values()],
            "marts.mart_utilisation__person_week": [
                row | {"person": self.people.label(row["person"])}
                for row in utilisation(
                    person_week(self.policy), self.organisation, self.capacity, self.activities, self.policy
                )
            ],
            "core.fct_tasks": [task_row(item, self.people) for item in self.tasks],
            "core.fct_allocation_days": [booking_row(item, self.people) for item in self.bookings],
            "marts.mart_completion__project_week": self.completion_of_projects(),
            "marts.mart_capacity__person_week": [
                row | {"person": self.people.label(row["person"])}
                for row in capacity_of_people(self.capacity, self.bookings, self.activities, self.policy)
            ],
            **self.team_tables(),
        }

    def shared_tables(self) -> Tables:
        """Those with a row for what belongs to no team or project."""
        return {**self.team_tables(), "marts.mart_completion__project_week": self.completion_of_projects()}

    def team_tables(self) -> Tables:
        """Those whose rows are teams."""
        found: Tables = defaultdict(list)
        for name, grain in (("team_week", team_week(self.policy)), ("team_month", team_month())):
            found[f"marts.mart_utilisation__{name}"] = utilisation(
                grain, self.organisation, self.capacity, self.activities, self.policy
            )
        found["marts.mart_capacity__team_week"] = capacity_of_teams(
            self.capacity, self.bookings, self.activities, self.policy
        )
        found["marts.mart_completion__team_week"] = completion_of_teams(self.tasks, self.policy)
        return found

    def completion_of_projects(self) -> list[dict[str, Any]]:
        """Rows of projects; tasks without one share a row."""
        return completion_of_projects(self.tasks, self.policy)

    def _activity(self, item: Activity) -> dict[str, Any]:
        return {
            "source": item.source,
            "source_record_id": item.record,
            "delivery_id": item.delivery_id,
            "person": self.people.label(item.person),
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
            "person": self.people.label(item.person),
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
