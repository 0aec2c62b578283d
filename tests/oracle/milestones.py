"""Milestones: the date that was promised, what became of it, and a project's milestones together.

Definitions: fct_milestones, mart_milestones__project, DESIGN measure "completion".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.oracle.gap_counts import MEMBERS
from tests.oracle.organisation import Organisation, Policy
from tests.oracle.projects import Projects
from tests.oracle.records import Version, holding, resolve
from tests.oracle.task_lives import first_observed
from tests.oracle.utilisation import ratio

Row = dict[str, Any]
DUE = ("on_time", "finished_late", "overdue")
ELSE = ("not_yet_due", "unknown_baseline", "no_due_date", "finished_undated", "cancelled")


@dataclass(frozen=True)
class Milestone:
    """One milestone in the version that holds."""

    version: Version
    project: str | None
    baseline: date | None
    basis: str | None
    outcome: str

    @property
    def due(self) -> date | None:
        """The date that stands now."""
        return self.version.row.get("due_date")

    @property
    def is_done(self) -> bool:
        """As its status says, else by a date of completion."""
        row = self.version.row
        status = row.get("status_category")
        return row.get("completed_date") is not None if status is None else status == "done"

    @property
    def is_cancelled(self) -> bool:
        return self.version.row.get("status_category") == "cancelled"

    @property
    def slip_days(self) -> int | None:
        return (self.due - self.baseline).days if self.due and self.baseline else None


def milestones(organisation: Organisation, projects: Projects, policy: Policy) -> list[Milestone]:
    """Every milestone of an organisation, judged."""
    delivered = organisation.of_stream("milestones")
    found = []
    for version in holding(resolve(delivered, lambda source, row: None)):
        baseline, basis = _promise(version, first_observed(delivered, version.record))
        made = Milestone(version, projects.match(version.delivery.source, version.row), baseline, basis, "")
        found.append(Milestone(version, made.project, baseline, basis, _outcome(made, policy)))
    return found


def _promise(version: Version, observed: date | None) -> tuple[date | None, str | None]:
    """As the source keeps it; where it keeps only the date of today, what we saw in time."""
    row = version.row
    if row["baseline_basis"] != "reported":
        return (row["baseline_date"], row["baseline_basis"]) if row.get("baseline_date") else (None, None)
    if observed:
        return observed, "first_observed"
    known = row.get("baseline_date") or row.get("due_date")
    return known, "reported" if known else None


def _outcome(milestone: Milestone, policy: Policy) -> str:
    if milestone.is_cancelled:
        return "cancelled"
    if milestone.baseline is None:
        return "no_due_date"
    if milestone.basis == "reported":
        return "unknown_baseline"
    if milestone.is_done:
        completed = milestone.version.row.get("completed_date")
        if completed is None:
            return "finished_undated"
        return "on_time" if completed <= milestone.baseline else "finished_late"
    return "overdue" if milestone.baseline < policy.as_of else "not_yet_due"


def milestone_row(milestone: Milestone) -> Row:
    """As fct_milestones shows it."""
    row = milestone.version.row
    return {
        "source": milestone.version.delivery.source,
        "source_record_id": row["source_record_id"],
        "delivery_id": milestone.version.delivery.delivery_id,
        "project": milestone.project,
        "milestone_name": row["milestone_name"],
        "is_done": milestone.is_done,
        "is_cancelled": milestone.is_cancelled,
        "baseline_date": milestone.baseline,
        "baseline_basis": milestone.basis,
        "due_date": milestone.due,
        "due_slip_days": milestone.slip_days,
        "completed_date": row.get("completed_date") if milestone.is_done else None,
        "completion_outcome": milestone.outcome,
    }


def milestones_of_projects(found: Iterable[Milestone], policy: Policy) -> list[Row]:
    """Rows of mart_milestones__project."""
    by_project: dict[str | None, list[Milestone]] = defaultdict(list)
    for milestone in found:
        by_project[milestone.project].append(milestone)
    return [_project(project, own, policy) for project, own in by_project.items()]


def _project(project: str | None, own: list[Milestone], policy: Policy) -> Row:
    ended = Counter(milestone.outcome for milestone in own)
    due = sum(ended[outcome] for outcome in DUE)
    finished = ended["on_time"] + ended["finished_late"]
    slips = [one.slip_days for one in own if one.slip_days is not None and not one.is_cancelled]
    still_open = [one.due or one.baseline for one in own if not one.is_done and not one.is_cancelled]
    return {
        "project": project,
        MEMBERS: {(one.version.delivery.source, project) for one in own},
        "milestones": len(own),
        "due_milestones": due,
        **{f"{outcome}_milestones": ended[outcome] for outcome in (*DUE, *ELSE)},
        "late_milestones": ended["finished_late"] + ended["overdue"],
        "moved_milestones": sum(bool(one.slip_days) and one.basis != "reported" for one in own),
        "completion_ratio": ratio(finished, due),
        "on_time_ratio": ratio(ended["on_time"], due),
        "on_time_of_finished_ratio": ratio(ended["on_time"], finished),
        "longest_slip_days": max(slips, default=None),
        "next_due_date": min((day for day in still_open if day and day >= policy.as_of), default=None),
    }
