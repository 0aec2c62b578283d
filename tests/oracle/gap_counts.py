"""How many of the known gaps touch a row, and whether the row is complete.

Which gaps there are is the business of the gap rules; here the published list (fct_gaps) is given. Definitions: gap_count,
blocking_gap_count and is_complete of the marts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from tests.oracle.activities import Activity
from tests.oracle.organisation import Policy

Row = dict[str, Any]
Gap = Mapping[str, Any]

#: Members of a row (people or projects): needed here, and no column.
MEMBERS = "_members"
OF_DAYS = ("silent_sources", "short_exports")
#: Lists in which something may be missing without anybody knowing what.
OF_LISTS = ("quarantined_rows", "unusual_row_counts")
#: Streams that say what becomes of tasks and milestones, and who is employed and who is away.
TASKS = ("tasks", "task_changes", "task_assignments", "milestones")
ROSTERS = ("people", "absences")
#: A booking is no promise, and a task of unknown baseline is counted where it stands.
BESIDE_TASKS = ("unplaced_bookings", "unknown_baselines", "unmatched_projects")


class Gaps:
    """Published gaps by whom they are about. Names are those of the oracle's labels."""

    def __init__(
        self,
        gaps: Iterable[Gap],
        logged: Iterable[tuple[str | None, Activity]],
        told: Iterable[tuple[str, str]],
    ) -> None:
        """``told``: source and person of rosters and leave."""
        self.of_person: dict[str, list[Gap]] = defaultdict(list)
        self.of_project: dict[str, list[Gap]] = defaultdict(list)
        self.of_logger: dict[str, list[Gap]] = defaultdict(list)
        self.of_source: dict[str, list[Gap]] = defaultdict(list)
        loggers: dict[str, dict[str, date]] = defaultdict(dict)
        on_rosters: dict[str, set[str]] = defaultdict(set)
        for source, person in told:
            on_rosters[source].add(person)
        for label, activity in logged:
            if activity.is_counted and label and activity.last:
                known = loggers[activity.source].get(label, activity.last)
                loggers[activity.source][label] = max(known, activity.last)
        for gap in gaps:
            if gap["is_accepted"]:
                continue
            if gap["person"]:
                self.of_person[gap["person"]].append(gap)
            if gap["project"]:
                self.of_project[gap["project"]].append(gap)
            if not gap["person"] and not gap["project"]:
                self.of_source[gap["source"]].append(gap)
            for label, last in loggers[gap["source"]].items():
                if (gap["rule"] == "quarantined_rows" and gap["stream"] == "time_entries") or (
                    gap["rule"] in OF_DAYS and last >= gap["start_date"] - timedelta(days=28)
                ):
                    self.of_logger[label].append(gap)
            if gap["rule"] == "silent_sources" or (gap["rule"] in OF_LISTS and gap["stream"] in ROSTERS):
                is_past_too = gap["rule"] == "unusual_row_counts" and gap["stream"] == "absences"
                borne = {**gap, "start_date": date.min} if is_past_too else gap
                for label in on_rosters[gap["source"]]:
                    self.of_logger[label].append(borne)

    def of_utilisation(self, row: Row, start: date, end: date, policy: Policy) -> Row:
        """Dated gaps of the people, and of sources in which they log or that say of them who is employed and who is away."""
        touching = self._dated(row, start, end)
        return {
            "gap_count": len(touching),
            "blocking_gap_count": sum(gap["severity"] == "blocks" for gap in touching.values()),
            "is_complete": end <= settled(policy)
            and not touching
            and not row["unknown_capacity_days"]
            and not row["hours_without_capacity"]
            and not row["overlapping_period_hours"],
        }

    def of_capture_gap(self, row: Row, policy: Policy) -> Row:
        """Dated gaps of the person."""
        own = self._dated(row, row["week_start_date"], row["week_end_date"])
        return {
            "gap_count": len(own),
            "blocking_gap_count": sum(gap["severity"] == "blocks" for gap in own.values()),
            "is_complete": row["week_end_date"] <= settled(policy) and not row["is_partly_counted"] and not own,
        }

    def of_population(self, row: Row, month_end_date: date) -> Row:
        """Dated gaps of its people."""
        return {"gap_count": len(self._dated(row, row["month_start_date"], month_end_date))}

    def _dated(self, row: Row, start: date, end: date) -> dict[str, Gap]:
        return {
            gap["gap_key"]: gap
            for gap in self._of_people(row)
            if gap["start_date"] is not None
            and gap["start_date"] <= end
            and (gap["end_date"] or gap["start_date"]) >= start
        }

    def _of_people(self, row: Row) -> list[Gap]:
        return [gap for person in row[MEMBERS] - {None} for gap in (*self.of_person[person], *self.of_logger[person])]

    def of_capacity(self, row: Row, policy: Policy) -> Row:
        """Gaps of the people, and of a source in which they log; one without a date touches every week."""
        count = _touching(row, self._of_people(row))
        is_known = not row["person_days_without_capacity"] and not row["unsized_booking_days"]
        is_known = is_known and not row["overlapping_period_hours"]
        return {
            "gap_count": count,
            "is_complete": row["is_week_over"] and is_known and not count and row["week_end_date"] <= settled(policy),
        }

    def of_completion(self, row: Row) -> Row:
        """Gaps of the projects and sources that bear on tasks; one without a date touches every week."""
        count = _touching(row, self._of_told(row))
        is_judged = not row["unknown_baseline_tasks"] and not row["finished_undated_tasks"]
        return {"gap_count": count, "is_complete": row["is_week_over"] and not count and is_judged}

    def _of_told(self, row: Row) -> list[Gap]:
        told = [gap for _, project in row[MEMBERS] if project for gap in self.of_project[project]]
        told += [
            {**gap, "start_date": None, "end_date": None} if gap["rule"] in OF_LISTS else gap
            for source, _ in row[MEMBERS]
            for gap in self.of_source[source]
            if gap["rule"] == "silent_sources" or gap["stream"] in TASKS
        ]
        return [gap for gap in told if gap["rule"] not in BESIDE_TASKS]

    def of_process(self, row: Row) -> Row:
        """Gaps of the source as such; one without a date touches every month."""
        start, end = row["month_start_date"], row["month_end_date"]
        touching = [
            gap
            for gap in self.of_source[row["source"]]
            if gap["stream"] in (None, "process_events")
            and (gap["start_date"] or start) <= end
            and (gap["end_date"] or gap["start_date"] or start) >= start
        ]
        return {"gap_count": len(touching), "is_complete": row["is_complete"] and not touching}

    def of_milestones(self, row: Row) -> Row:
        """Gaps of the project and its sources that bear on milestones, of whatever days."""
        count = len({gap["gap_key"] for gap in self._of_told(row)})
        is_judged = not row["unknown_baseline_milestones"] and not row["finished_undated_milestones"]
        return {"gap_count": count, "is_complete": not count and is_judged}


def settled(policy: Policy) -> date:
    """The last day of which people should have logged everything."""
    return policy.as_of - timedelta(days=policy.unlogged_grace_days)


def _touching(row: Row, gaps: Iterable[Gap]) -> int:
    start, end = row["week_start_date"], row["week_end_date"]
    return len(
        {gap["gap_key"] for gap in gaps if (gap["start_date"] or start) <= end and (gap["end_date"] or start) >= start}
    )
