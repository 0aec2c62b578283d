"""Organisations made by hand around tasks, milestones and the steps of processes: each showed a mutant that had survived."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests.mutants.rows import (
    BEGUN,
    CREATED,
    MONDAY,
    TAKEN,
    TAKEN_AGAIN,
    employed,
    entries,
    moved,
    roster,
    tasks,
    worked,
)
from tests.oracle.calendars import HOUR
from tests.oracle.organisation import Delivery, Organisation, Policy

OPEN, DOING, DONE = ("Open", "todo"), ("Doing", "active"), ("Done", "done")

BEFORE = {"from_value": OPEN[0], "from_category": OPEN[1]}

#: In one instant a task is begun and done; the ids of the two changes stand the other way round.
IDS_AGAINST_THE_SEQUENCE = Organisation(
    (
        tasks({"source_record_id": "t", "created_at": CREATED, "status": "Done", "status_category": "done"}),
        Delivery(
            "~toggl",
            "task_changes",
            (moved("9", "t", 1, DOING, BEGUN, **BEFORE), moved("8", "t", 2, DONE, BEGUN)),
            TAKEN,
            mode="full",
        ),
    )
)

#: A task that is done by its list; by its changes it was, and was then taken up again.
A_FINISH_THAT_WAS_UNDONE = Organisation(
    (
        tasks({"source_record_id": "t", "created_at": CREATED, "status": "Done", "status_category": "done"}),
        Delivery(
            "~toggl",
            "task_changes",
            (
                moved("1", "t", 1, DONE, BEGUN, **BEFORE),
                moved("2", "t", 2, DOING, datetime(2026, 3, 4, 8, tzinfo=UTC)),
            ),
            TAKEN,
            mode="full",
        ),
    )
)

#: Told to stop and to go on at one instant while it rests.
A_REST_OF_NO_TIME = Organisation(
    (
        Delivery(
            "~bpm",
            "process_events",
            tuple(
                {
                    "source_record_id": f"{number}",
                    "case_id": "1",
                    "activity_name": "Check",
                    "lifecycle": lifecycle,
                    "occurred_at": datetime(2026, 3, 3, hour, tzinfo=UTC),
                }
                for number, (lifecycle, hour) in enumerate(
                    (("start", 8), ("suspend", 9), ("suspend", 10), ("resume", 10), ("resume", 11), ("complete", 12))
                )
            ),
            TAKEN,
        ),
    )
)

#: Done on the very day that was promised.
DONE_ON_THE_DAY = Organisation(
    (
        tasks(
            {
                "source_record_id": "t",
                "project_code": "~DAY",
                "created_at": CREATED,
                "first_due_date": date(2026, 3, 5),
                "due_date": date(2026, 3, 5),
                "completed_at": datetime(2026, 3, 5, 8, tzinfo=UTC),
                "status": "Done",
                "status_category": "done",
            }
        ),
    )
)

#: Listed as done, at work by its last change: a gap that has no end.
A_STATUS_AGAINST_ITS_HISTORY = Organisation(
    (
        tasks(
            {
                "source_record_id": "t",
                "project_code": "~SPLIT",
                "created_at": CREATED,
                "completed_at": datetime(2026, 3, 5, 8, tzinfo=UTC),
                "status": "Done",
                "status_category": "done",
            }
        ),
        Delivery("~toggl", "task_changes", (moved("1", "t", 1, DOING, BEGUN, **BEFORE),), TAKEN, mode="full"),
    )
)

PROMISED = {"milestone_name": "~Go live", "baseline_basis": "reported", "project_code": "~A-1"}

#: A date that is first seen on its own day was seen in time; one that only a deleted version had was never a promise.
#: Whoever finishes on the day has kept it, and what is due today is not late.
MILESTONES_SEEN_AT_THE_EDGE = Organisation(
    (
        Delivery(
            "~planner",
            "milestones",
            (
                {**PROMISED, "source_record_id": "today", "due_date": TAKEN.date()},
                {**PROMISED, "source_record_id": "undeleted", "due_date": date(2026, 3, 20), "is_deleted": True},
                {
                    "source_record_id": "due today",
                    "milestone_name": "~Today",
                    "baseline_basis": "original",
                    "baseline_date": Policy().as_of,
                    "status_category": "active",
                    "project_code": "~A-1",
                },
                {
                    "source_record_id": "kept",
                    "milestone_name": "~Kept to the day",
                    "baseline_basis": "original",
                    "baseline_date": MONDAY,
                    "completed_date": MONDAY,
                    "status_category": "done",
                    "project_code": "~A-1",
                },
            ),
            TAKEN,
        ),
        Delivery(
            "~planner",
            "milestones",
            ({**PROMISED, "source_record_id": "undeleted", "due_date": MONDAY},),
            TAKEN_AGAIN,
        ),
    )
)

#: The first end closes nothing: what it would have closed was begun before the log.
AN_END_BEFORE_ITS_START = Organisation(
    (
        Delivery(
            "~bpm",
            "process_events",
            tuple(
                {
                    "source_record_id": f"{hour}",
                    "case_id": "1",
                    "activity_name": "Check",
                    "lifecycle": lifecycle,
                    "occurred_at": datetime(2026, 3, 3, hour, tzinfo=UTC),
                }
                for lifecycle, hour in (("complete", 8), ("start", 9), ("complete", 10))
            ),
            TAKEN,
        ),
    )
)

#: A tool that rounds up to the minute, which the policy tolerates.
A_MINUTE_BETWEEN_LOG_AND_TOTAL = Organisation(
    (
        roster(employed("ann")),
        tasks({"source_record_id": "t1", "reported_spent_us": 8 * HOUR + 60_000_000}),
        entries(worked("ann", MONDAY, task_source_id="t1")),
    )
)

#: A tracker that exports daily and stopped: what became of a task that was due afterwards, it did not tell.
A_TRACKER_THAT_FELL_SILENT = Organisation(
    (
        tasks(
            {
                "source_record_id": "t",
                "project_code": "~SILENT",
                "created_at": CREATED,
                "first_due_date": date(2026, 3, 18),
                "due_date": date(2026, 3, 18),
                "status": "Doing",
                "status_category": "active",
            }
        ),
    ),
    sources=({"source": "~toggl", "zone": "UTC", "rhythm": "daily"},),
)

RARE_TASKS = (
    A_TRACKER_THAT_FELL_SILENT,
    IDS_AGAINST_THE_SEQUENCE,
    A_FINISH_THAT_WAS_UNDONE,
    A_REST_OF_NO_TIME,
    DONE_ON_THE_DAY,
    A_STATUS_AGAINST_ITS_HISTORY,
    MILESTONES_SEEN_AT_THE_EDGE,
    AN_END_BEFORE_ITS_START,
    A_MINUTE_BETWEEN_LOG_AND_TOTAL,
)
