"""The life of a task as the delivered changes tell it: its statuses, its due dates, and whether that is the whole story.

Definitions: fct_task_status_spans, fct_tasks (baseline_*, due_move_count, is_status_history_known), int_task_histories_observed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.oracle.calendars import ONE_DAY
from tests.oracle.organisation import Delivery, Organisation, Policy
from tests.oracle.records import Version, holding, resolve


@dataclass(frozen=True)
class Span:
    """A task in one status; ``last`` is None for the status as it stands."""

    status: str | None
    category: str | None
    first: datetime
    last: datetime | None


@dataclass(frozen=True)
class Baseline:
    """The due date that was promised first, how it is known, and how often it was moved (late)."""

    day: date | None
    basis: str | None
    moves: int | None
    late_moves: int | None


class Histories:
    """Changes of all tasks of an organisation."""

    def __init__(self, organisation: Organisation, policy: Policy) -> None:
        self.organisation = organisation
        self.policy = policy
        self.changes: dict[tuple[str, str], list[dict[str, Any]]] = {}
        held = holding(resolve(organisation.of_stream("task_changes"), lambda source, row: None))
        for version in sorted(held, key=_order):
            task = version.delivery.source, version.row["task_source_id"]
            self.changes.setdefault(task, []).append(dict(version.row))

    def of(self, task: Version, field: str) -> list[dict[str, Any]]:
        """Changes of one field of a task, in their order."""
        return [row for row in self.changes.get(task.record, []) if row["field"] == field]

    def knows(self, task: Version, field: str) -> bool:
        """Whether the changes tell the whole life of the task in that field.

        The feed must record the field at all. An export of all changes is whole. One of new changes tells of a task that it
        mentions (tools export the log task by task) and of one that was created after the feed began.
        """
        source = task.delivery.source
        of_source = [row for (name, _), rows in self.changes.items() if name == source for row in rows]
        if not any(row["field"] == field for row in of_source):
            return False
        modes = {item.mode for item in self.organisation.of_stream("task_changes") if item.source == source}
        began = min(row["changed_at"] for row in of_source)
        created = task.row.get("created_at")
        if field == "status" and created is None:
            return False  # nobody knows since when it had its first status
        return (
            "full" in modes
            or ("changes" in modes and task.record in self.changes)
            or (created is not None and created >= began)
        )

    def observed_until(self, task: Version) -> datetime:
        """Last extraction of the source, at most the end of as_of."""
        taken = [
            delivery.extracted_at
            for stream in ("tasks", "task_changes")
            for delivery in self.organisation.of_stream(stream)
            if delivery.source == task.delivery.source
        ]
        return min(max(taken), datetime.combine(self.policy.as_of + ONE_DAY, time(), UTC))

    def spans(self, task: Version) -> list[Span]:
        """Statuses one after the other, from the creation; a change to the same status opens no span."""
        changes = self.of(task, "status")
        is_known = self.knows(task, "status")
        created = task.row.get("created_at")
        steps: list[tuple[str | None, str | None, datetime | None]] = []
        if changes and not is_known:
            steps += [(row.get("to_value"), row.get("to_category"), row["changed_at"]) for row in changes]
        elif changes:
            steps.append((changes[0].get("from_value"), changes[0].get("from_category"), created))
            steps += [(row.get("to_value"), row.get("to_category"), row["changed_at"]) for row in changes]
        elif is_known:
            steps.append((task.row.get("status"), task.row.get("status_category"), created))
        kept = [step for number, step in enumerate(steps) if number == 0 or step[:2] != steps[number - 1][:2]]
        found = []
        for number, (status, category, first) in enumerate(kept):
            last = kept[number + 1][2] if number + 1 < len(kept) else None
            if first is not None:
                found.append(Span(status, category, first, last))
        return found

    def baseline(self, task: Version) -> Baseline:
        """Kept by the source, else the first of its history, else seen by us before the day came or before it moved.

        Else only today's date is known. Days are those of UTC here.
        """
        present, kept = task.row.get("due_date"), task.row.get("first_due_date")
        changes = self.of(task, "due_date")
        told = next((day for day in _dates(changes) if day), None)
        is_known = self.knows(task, "due_date")
        seen = _observed(self.organisation.of_stream("tasks"), task.record)
        shown = len(seen) - 1 if len(seen) > 1 else None
        if kept and present and present != kept:
            shown = max(shown or 0, 1)
        moves, late = _moves(changes) if told or is_known else (shown, None)
        first = kept or told or (present if is_known else None)
        if first:
            return Baseline(first, "original", moves, late)
        if observed := first_observed(self.organisation.of_stream("tasks"), task.record):
            return Baseline(observed, "first_observed", moves, late)
        return Baseline(present, "reported" if present else None, moves, late)


def _order(version: Version) -> tuple[Any, ...]:
    """By instant, then the order of the source, then the record id as a number."""
    row = version.row
    sequence, record = row.get("change_sequence"), row["source_record_id"]
    return row["changed_at"], sequence is None, sequence or 0, int(record) if record.isdigit() else 0, record


def _dates(changes: list[dict[str, Any]]) -> list[date | None]:
    """Due dates one after the other."""
    if not changes:
        return []
    values = [changes[0].get("from_value"), *(row.get("to_value") for row in changes)]
    return [date.fromisoformat(value) if value else None for value in values]


def _moves(changes: list[dict[str, Any]]) -> tuple[int, int]:
    """Times the date was set to another day, and of these, times the day that was moved had already passed."""
    moves = late = 0
    before: date | None = None
    for row in changes:
        before = date.fromisoformat(row["from_value"]) if row.get("from_value") else before
        after = date.fromisoformat(row["to_value"]) if row.get("to_value") else None
        if after and before and after != before:
            moves += 1
            late += row["changed_at"].date() > before
        before = after or before
    return moves, late


def elapsed_us(first: datetime, last: datetime) -> int:
    """Microseconds between two instants."""
    return (last - first) // timedelta(microseconds=1)


def first_observed(deliveries: Iterable[Delivery], record: tuple[str, str]) -> date | None:
    """The due date that the record was first seen with, if that was before the day came or before it moved."""
    seen = _observed(deliveries, record)
    return seen[0][0] if seen and (seen[0][1].date() <= seen[0][0] or len(seen) > 1) else None


def _observed(deliveries: Iterable[Delivery], record: tuple[str, str]) -> list[tuple[date, datetime]]:
    """Due dates that the record was ever delivered with and when each was first seen, the first one first."""
    found: dict[date, datetime] = {}
    for delivery in sorted(deliveries, key=lambda item: (item.extracted_at, item.sha256)):
        for row in delivery.rows:
            is_it = (delivery.source, row["source_record_id"]) == record and not row.get("is_deleted")
            if is_it and row.get("due_date"):
                found.setdefault(row["due_date"], delivery.extracted_at)
    return sorted(found.items(), key=lambda item: (item[1], item[0]))
