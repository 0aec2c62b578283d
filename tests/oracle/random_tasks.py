"""Random tasks: a life in steps, and exports that see it at some moments, with and without its history."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.oracle.calendars import HOUR
from tests.oracle.draws import Draw, chance, number, pick
from tests.oracle.organisation import Delivery
from tests.oracle.random_people import Person
from tests.oracle.random_work import PROJECTS

CATEGORIES = {
    "To do": "todo",
    "Doing": "active",
    "Review": "active",
    "Waiting": "blocked",
    "Done": "done",
    "Closed": "done",
    "Rejected": "cancelled",
    "Dropped": "cancelled",
}
#: Exports are taken before the earliest as_of: nobody exports what is still to come.
TAKEN = (
    datetime(2026, 3, 12, 12, tzinfo=UTC),
    datetime(2026, 3, 20, 12, tzinfo=UTC),
    datetime(2026, 3, 26, 12, tzinfo=UTC),
)


@dataclass
class Life:
    """A task from its creation on; steps are (instant, field, before, after)."""

    created: datetime
    first_status: str
    first_due: date | None
    steps: list[tuple[datetime, str, Any, Any]] = field(default_factory=list)

    def at(self, moment: datetime, name: str) -> Any:
        value = self.first_status if name == "status" else self.first_due
        for when, changed, _, after in self.steps:
            if changed == name and when <= moment:
                value = after
        return value

    def entered(self, moment: datetime) -> datetime | None:
        """Entry into the present status."""
        return next((when for when, name, *_ in reversed(self.steps) if name == "status" and when <= moment), None)


def life(draw: Draw) -> Life:
    """Two weeks of February to mid March, up to six steps, some of them in one instant."""
    created = datetime(2026, 2, 16, tzinfo=UTC) + timedelta(days=number(draw, 0, 28), hours=pick(draw, (9, 3, 22)))
    due = created.date() + timedelta(days=number(draw, 0, 40)) if not chance(draw, 4) else None
    found = Life(created, pick(draw, ("To do", "To do", "Doing")), due)
    moment = created
    for _ in range(number(draw, 0, 6)):
        moment += timedelta(days=pick(draw, (1, 2, 5, 0)), hours=pick(draw, (3, 0, 11)))
        if chance(draw, 4):
            before: Any = found.at(moment, "due_date")
            after: Any = (
                None if before and chance(draw, 5) else (before or moment.date()) + timedelta(days=number(draw, -2, 9))
            )
            found.steps.append((moment, "due_date", before, after))
        else:
            found.steps.append((moment, "status", found.at(moment, "status"), pick(draw, tuple(CATEGORIES))))
    return found


def task_source(draw: Draw, source: str, everybody: list[Person]) -> list[Delivery]:
    """One tool: its tasks at some moments, and all their changes, some of them, or none."""
    lives = {f"t{index}": life(draw) for index in range(number(draw, 1, 6))}
    fixed = {record: _fixed(draw, everybody) for record in lives}
    tells = pick(draw, ("all changes", "nothing", "new changes"))
    says = {name: chance(draw, 2) for name in ("completed", "started", "first_due", "category")}
    says["created"] = not chance(draw, 6)
    deliveries = []
    taken = TAKEN[-number(draw, 1, 3) :]
    for moment in taken:
        alive = {record: found for record, found in lives.items() if found.created <= moment and not chance(draw, 10)}
        tasks = [fixed[record] | _as_it_stands(record, found, moment, says) for record, found in alive.items()]
        deliveries.append(Delivery(source, "tasks", tuple(tasks), moment, mode=pick(draw, ("full", "full", "changes"))))
        if tells != "nothing":
            rows = [row for record, found in lives.items() for row in _changes(record, found, moment)]
            kept = rows if tells == "all changes" else [row for row in rows if not chance(draw, 8)]
            mode = "full" if tells == "all changes" else "changes"
            deliveries.append(Delivery(source, "task_changes", tuple(kept), moment, mode=mode))
    return deliveries


def _fixed(draw: Draw, everybody: list[Person]) -> dict[str, Any]:
    person = pick(draw, everybody)
    return {
        **pick(draw, ({"assignee_email": person.email}, {}, {"assignee_email": "~zoe@example.org"})),
        "team_name": pick(draw, (None, "~Backlog")),
        "estimate_us": pick(draw, (None, 8 * HOUR)),
        "reported_spent_us": pick(draw, (None, 0, 8 * HOUR, 8 * HOUR + 60_000_000, 3 * HOUR, 40 * HOUR)),
        **pick(draw, PROJECTS),
    }


def _as_it_stands(record: str, found: Life, moment: datetime, says: dict[str, bool]) -> dict[str, Any]:
    status = found.at(moment, "status")
    category = CATEGORIES[status]
    started = next((step[0] for step in found.steps if step[1] == "status" and CATEGORIES[step[3]] == "active"), None)
    return {
        "source_record_id": record,
        "created_at": found.created if says["created"] else None,
        "status": status,
        "status_category": None if says["category"] and category in ("todo", "active") else category,
        "completed_at": found.entered(moment) or found.created if category == "done" and says["completed"] else None,
        "started_at": started if says["started"] and started and started <= moment else None,
        "due_date": found.at(moment, "due_date"),
        "first_due_date": found.first_due if says["first_due"] else None,
    }


def _changes(record: str, found: Life, moment: datetime) -> list[dict[str, Any]]:
    rows = []
    for position, (when, name, before, after) in enumerate(found.steps):
        if when <= moment:
            rows.append(
                {
                    "source_record_id": f"{record}-{position:02}",
                    "task_source_id": record,
                    "changed_at": when,
                    "change_sequence": position,
                    "field": name,
                    "from_value": str(before) if before else None,
                    "to_value": str(after) if after else None,
                    "from_category": CATEGORIES.get(before) if name == "status" else None,
                    "to_category": CATEGORIES.get(after) if name == "status" else None,
                }
            )
    return rows
