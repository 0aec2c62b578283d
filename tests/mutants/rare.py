"""Organisations made by hand for what random ones hold too seldom: each showed a mutant that had survived."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from tests.mutants.rare_people import RARE_PEOPLE
from tests.mutants.rare_tasks import RARE_TASKS
from tests.mutants.rows import (
    CREATED,
    MONDAY,
    SUNDAY,
    TAKEN,
    TAKEN_AGAIN,
    away,
    booked,
    employed,
    entries,
    met,
    over,
    rated,
    roster,
    tasks,
    worked,
)
from tests.oracle.organisation import Delivery, Organisation

#: What was logged on the last day of a window is not in the window any more.
A_WINDOW_TO_ITS_LAST_DAY = Organisation(
    (
        roster(employed("ann")),
        entries(worked("ann", MONDAY), worked("ann", SUNDAY), mode="window", coverage=(MONDAY, SUNDAY)),
        entries(worked("ann", MONDAY), taken=TAKEN_AGAIN, mode="window", coverage=(MONDAY, SUNDAY)),
    )
)

#: Whoever moves around the world has a day that holds in both zones: the earlier date stands.
A_MOVE_TO_AUCKLAND = Organisation(
    (
        roster(
            employed("ann", zone="America/New_York"),
            employed("ann", source_record_id="ann 2", valid_from_date=date(2026, 3, 9), zone="Pacific/Auckland"),
        ),
        entries(
            worked(
                "ann", SUNDAY, date_precision="instant", started_at=datetime(2026, 3, 8, 20, tzinfo=UTC), work_date=None
            )
        ),
    )
)

#: One shift ends at midnight to the second, and one reaches a third day, since the day between has twenty-three hours.
NIGHTS = Organisation(
    (
        roster(employed("ann", zone="Europe/Berlin")),
        entries(
            *(
                worked("ann", day, hours, date_precision="instant", started_at=start, ended_at=end, work_date=None)
                for day, hours, start, end in (
                    (MONDAY, 2, datetime(2026, 3, 2, 21, tzinfo=UTC), datetime(2026, 3, 2, 23, tzinfo=UTC)),
                    (SUNDAY, 23, datetime(2026, 3, 28, 22, 30, tzinfo=UTC), datetime(2026, 3, 29, 22, 30, tzinfo=UTC)),
                )
            )
        ),
    )
)

#: Two people share a mailbox: what comes from it is nobody's we know.
A_SHARED_MAILBOX = Organisation(
    (
        roster(employed("ann", person_email="~desk@example.org"), employed("bob", person_email="~desk@example.org")),
        entries(worked("desk", MONDAY)),
    )
)

#: HR and the tracker tell of the same half day.
LEAVE_TOLD_BY_TWO = Organisation(
    (
        roster(employed("ann")),
        entries(worked("ann", MONDAY, 4)),
        *(
            Delivery(
                source,
                "absences",
                (
                    {
                        "source_record_id": "1",
                        "person_email": "~ann@example.org",
                        "start_date": MONDAY,
                        "end_date": MONDAY,
                        "day_ratio": Decimal("0.5"),
                        "status": "approved",
                    },
                ),
                TAKEN,
            )
            for source in ("~hr", "~toggl")
        ),
    )
)

#: The tracker has authority up to Monday; on that day another source gives way, on Sunday no longer.
AUTHORITY_TO_ITS_LAST_DAY = Organisation(
    (
        roster(employed("ann")),
        entries(worked("ann", MONDAY), worked("ann", SUNDAY)),
        Delivery("~jira", "time_entries", (worked("ann", MONDAY), worked("ann", SUNDAY)), TAKEN),
    ),
    reference={"authority": ({"source": "~toggl", "priority": 1, "valid_to_date": MONDAY},)},
)

#: The tracker has authority, but all that it says of Monday is leave: that counts for nothing, and the other source's hours do.
LEAVE_IN_THE_TRACKER = Organisation(
    (
        roster(employed("ann")),
        entries(worked("ann", MONDAY, activity_name="absence")),
        Delivery("~jira", "time_entries", (worked("ann", MONDAY),), TAKEN),
    ),
    reference={"authority": ({"source": "~toggl", "priority": 1},)},
)

#: An entry names a project by its id; its list knows the code.
A_PROJECT_BY_ITS_ID = Organisation(
    (
        roster(employed("ann")),
        Delivery(
            "~toggl", "projects", ({"source_record_id": "p9", "project_code": "~Z-9", "project_name": "~Zeta"},), TAKEN
        ),
        entries(worked("ann", MONDAY, project_source_id="p9")),
    )
)

#: Twice the same length on a day is twice the time.
THE_SAME_LENGTH_TWICE = Organisation(
    (roster(employed("ann")), entries(worked("ann", MONDAY, 3), worked("ann", MONDAY, 3, source_record_id="again")))
)

#: A target that a later one replaces.
TWO_TARGETS = Organisation(
    (roster(employed("ann", team_name="~north")), entries(worked("ann", MONDAY))),
    reference={
        "targets": (
            {"team_name": "~north", "utilisation_target_ratio": 0.5, "valid_from_date": date(2025, 1, 1)},
            {"team_name": "~north", "utilisation_target_ratio": 0.8, "valid_from_date": date(2026, 1, 1)},
        )
    },
)

#: Whoever changes teams on Thursday is booked for more than the week has, though not for more than either part of it.
OVER_ALLOCATED_IN_TWO_TEAMS = Organisation(
    (
        roster(
            employed("ann", team_name="~north", valid_to_date=date(2026, 3, 4)),
            employed("ann", team_name="~south", valid_from_date=date(2026, 3, 5), source_record_id="ann moves"),
        ),
        entries(worked("ann", MONDAY)),
        Delivery(
            "~planner",
            "allocations",
            (
                booked("ann", MONDAY, date(2026, 3, 4), 8),
                booked("ann", date(2026, 3, 5), date(2026, 3, 6), 9),
            ),
            TAKEN,
        ),
    )
)


#: An invitation that stayed in the calendar; and a call that the desk and the calendar both show.
A_MEETING_ON_LEAVE = Organisation(
    (
        roster(employed("ann")),
        Delivery("~hr", "absences", (away("ann", MONDAY),), TAKEN, mode="full"),
        *(
            Delivery(source, "interactions", tuple(met("ann", day, hours) for day, hours in shown), TAKEN)
            for source, shown in (
                ("~desk", ((MONDAY, 1), (date(2026, 3, 4), 2))),
                ("~calendar", ((date(2026, 3, 4), 1),)),
            )
        ),
    )
)

#: Ann's own rate ends on Monday, her role's goes on; what is hers is not Bob's, though her line names his role too.
A_RATE_OF_ONES_OWN = Organisation(
    (
        roster(*(employed(name, role_name="~Engineer") for name in ("ann", "bob"))),
        entries(worked("ann", MONDAY), worked("ann", date(2026, 3, 3)), worked("bob", MONDAY)),
        Delivery(
            "~erp",
            "rates",
            (
                rated(
                    "own",
                    100,
                    person_email="~ann@example.org",
                    role_name="~Engineer",
                    valid_from_date=date(2025, 6, 1),
                    valid_to_date=MONDAY,
                ),
                rated("role", 80, role_name="~engineer"),
            ),
            TAKEN,
        ),
    )
)

#: Works on the public holiday by the schedule, and one whose cycle began later than that.
SHIFTS_ON_A_HOLIDAY = Organisation(
    (
        roster(
            employed("ann", place="~", work_schedule="~Crew A", contracted_week_us=None),
            employed("bob", place="~", work_schedule=" ~crew b", contracted_week_us=None),
            employed("cy", place="~", work_schedule="~Crew C"),
        ),
        entries(worked("ann", MONDAY), worked("bob", MONDAY), worked("cy", MONDAY)),
        Delivery(
            "~planner", "allocations", (booked("ann", MONDAY, SUNDAY, 10), booked("bob", MONDAY, SUNDAY, 10)), TAKEN
        ),
    ),
    reference={
        "holidays": ({"place": "~", "holiday_date": MONDAY, "holiday_name": "Its day"},),
        "work_schedules": tuple(
            {
                "work_schedule": name,
                "cycle_start_date": start,
                "cycle_day": day,
                "hours": Decimal(hours),
                "is_worked_on_holidays": works,
            }
            for name, start, works in (("~Crew A", MONDAY, True), ("~Crew B", date(2026, 3, 13), None))
            for day, hours in ((1, "12"), (2, "0"), (3, "7.5"))
        ),
    },
)

#: One, two and five days: their median is not their mean.
THREE_CYCLES_IN_A_WEEK = Organisation(
    (
        tasks(
            *(
                {
                    "source_record_id": f"{day}",
                    "project_code": "~CYCLES",
                    "created_at": CREATED,
                    "started_at": CREATED,
                    "completed_at": datetime(2026, 3, day, 8, tzinfo=UTC),
                    "status_category": "done",
                }
                for day in (3, 4, 6)
            )
        ),
    )
)

#: Nobody knows the contract, and somebody decided to live with it: the week is still not whole.
UNKNOWN_CAPACITY_THAT_WAS_ACCEPTED = Organisation(
    (roster(employed("ann", contracted_week_us=None, valid_from_date=MONDAY, valid_to_date=MONDAY)),),
    reference={
        "accepted_gaps": tuple(
            {
                "rule": rule,
                "person": "~ann@example.org",
                "accepted_by": "HR",
                "reason": "a trial day",
                "accepted_until": date(2026, 12, 31),
            }
            for rule in ("unknown_capacity", "roster_without_activity")
        )
    },
)

DESK = {"source": "~toggl", "person_source_id": "desk"}

#: Ann's login was lent to somebody whom no roster knows: on that Monday it was not Ann's.
A_LOAN_TO_A_STRANGER = Organisation(
    (
        roster(employed("ann")),
        entries(
            *(
                worked(f"desk {day}", day, person_email=None, person_source_id="desk", person_name="~Desk")
                for day in (MONDAY, date(2026, 3, 3))
            )
        ),
    ),
    reference={
        "people_crosswalk": (
            {**DESK, "maps_to_email": "~ann@example.org", "valid_to_date": date(2026, 3, 10)},
            {**DESK, "maps_to_email": "~zoe@example.org", "valid_from_date": MONDAY, "valid_to_date": MONDAY},
        )
    },
)

#: A login in Tokyo goes from one to the other between two entries of one day in Greenwich.
A_LOGIN_THAT_CHANGES_HANDS_IN_TOKYO = Organisation(
    (
        roster(employed("ann"), employed("bob")),
        entries(
            *(
                worked(
                    f"desk {hour}",
                    MONDAY,
                    person_email=None,
                    person_source_id="desk",
                    date_precision="instant",
                    work_date=None,
                    started_at=datetime(2026, 3, 4, hour, tzinfo=UTC),
                )
                for hour in (10, 23)
            )
        ),
    ),
    sources=({"source": "~toggl", "zone": "Asia/Tokyo"}, {"source": "~hr"}),
    reference={
        "people_crosswalk": (
            {**DESK, "maps_to_email": "~ann@example.org", "valid_to_date": date(2026, 3, 4)},
            {**DESK, "maps_to_email": "~bob@example.org", "valid_from_date": date(2026, 3, 5)},
        )
    },
)

#: A rate that goes up on Tuesday, and one in francs on the very day from which they have a rate.
RATES_OF_THEIR_DAY = Organisation(
    (
        roster(employed("ann"), employed("bob")),
        entries(worked("ann", MONDAY), worked("ann", date(2026, 3, 4)), worked("bob", date(2026, 3, 9))),
        Delivery(
            "~erp",
            "rates",
            (
                rated("first", 100, person_email="~ann@example.org"),
                rated("second", 110, person_email="~ann@example.org", valid_from_date=date(2026, 3, 3)),
                rated("francs", 90, person_email="~bob@example.org", currency="CHF"),
            ),
            TAKEN,
        ),
    )
)

#: A meeting in the half of the day that is no leave.
A_MEETING_BESIDE_HALF_A_DAY_OF_LEAVE = Organisation(
    (
        roster(employed("ann")),
        Delivery("~hr", "absences", ({**away("ann", MONDAY), "day_ratio": Decimal("0.5")},), TAKEN, mode="full"),
        Delivery("~desk", "interactions", (met("ann", MONDAY, 2),), TAKEN),
    )
)

#: Who changes teams on Thursday logs the week in one line, and so does one who leaves on Wednesday: no team has all of it.
WEEKS_OF_TWO_TEAMS = Organisation(
    (
        roster(
            employed("ann", team_name="~north"),
            employed("ann", source_record_id="ann 2", valid_from_date=date(2026, 3, 5), team_name="~south"),
            employed("bob", team_name="~north", left_date=date(2026, 3, 4)),
        ),
        entries(
            over("ann", MONDAY, SUNDAY, 40),
            over("ann", date(2026, 3, 9), date(2026, 3, 15), 30),
            over("bob", MONDAY, SUNDAY, 24),
        ),
    )
)

_WORKDAYS = tuple(date(2026, 3, day) for day in range(2, 7))

#: The sheet of a week gives way to one day of the tracker, and claims nothing of the other four: the third source has them,
#: also the one of which the tracker says that there was no time.
A_SHEET_THAT_GIVES_WAY = Organisation(
    (
        roster(employed("ann")),
        entries(worked("ann", MONDAY, 0), worked("ann", date(2026, 3, 4))),
        Delivery("~jira", "time_entries", (over("ann", MONDAY, date(2026, 3, 6), 40),), TAKEN),
        Delivery("~sap", "time_entries", tuple(worked("ann", day) for day in _WORKDAYS), TAKEN),
    ),
    reference={
        "authority": (
            {"source": "~toggl", "priority": 1},
            {"source": "~jira", "priority": 2},
            {"source": "~sap", "priority": 3},
        )
    },
)

#: Two sheets lie over the day on which authority changes hands: each goes before the other on some days, and both give way.
SHEETS_OF_TWO_AUTHORITIES = Organisation(
    (
        roster(employed("ann")),
        entries(over("ann", MONDAY, date(2026, 3, 6), 40)),
        Delivery("~jira", "time_entries", (over("ann", MONDAY, date(2026, 3, 6), 30),), TAKEN),
        Delivery("~sap", "time_entries", (worked("ann", date(2026, 3, 3)),), TAKEN),
    ),
    reference={
        "authority": (
            {"source": "~toggl", "priority": 1, "valid_to_date": date(2026, 3, 4)},
            {"source": "~toggl", "priority": 2, "valid_from_date": date(2026, 3, 5)},
            {"source": "~jira", "priority": 2, "valid_to_date": date(2026, 3, 4)},
            {"source": "~jira", "priority": 1, "valid_from_date": date(2026, 3, 5)},
        )
    },
)

#: On a project with a rate of its own the role's rate holds all the same for those who have the role, first that for the project.
A_RATE_OF_A_ROLE_AND_OF_A_PROJECT = Organisation(
    (
        roster(employed("ann", role_name="~Engineer"), employed("bob")),
        entries(worked("ann", MONDAY, project_code="~A-1"), worked("bob", MONDAY, project_code="~A-1")),
        Delivery(
            "~erp",
            "rates",
            (
                rated("role", 100, role_name="~Engineer"),
                rated("role there", 90, role_name="~Engineer", project_code="~A-1"),
                rated("project", 70, project_code="~A-1"),
            ),
            TAKEN,
        ),
    )
)

RARE = (
    A_MOVE_TO_AUCKLAND,
    NIGHTS,
    A_WINDOW_TO_ITS_LAST_DAY,
    A_SHARED_MAILBOX,
    LEAVE_TOLD_BY_TWO,
    AUTHORITY_TO_ITS_LAST_DAY,
    LEAVE_IN_THE_TRACKER,
    A_PROJECT_BY_ITS_ID,
    THE_SAME_LENGTH_TWICE,
    TWO_TARGETS,
    OVER_ALLOCATED_IN_TWO_TEAMS,
    A_MEETING_ON_LEAVE,
    A_RATE_OF_ONES_OWN,
    SHIFTS_ON_A_HOLIDAY,
    THREE_CYCLES_IN_A_WEEK,
    UNKNOWN_CAPACITY_THAT_WAS_ACCEPTED,
    A_LOAN_TO_A_STRANGER,
    RATES_OF_THEIR_DAY,
    A_MEETING_BESIDE_HALF_A_DAY_OF_LEAVE,
    WEEKS_OF_TWO_TEAMS,
    A_SHEET_THAT_GIVES_WAY,
    SHEETS_OF_TWO_AUTHORITIES,
    A_RATE_OF_A_ROLE_AND_OF_A_PROJECT,
    A_LOGIN_THAT_CHANGES_HANDS_IN_TOKYO,
    *RARE_PEOPLE,
    *RARE_TASKS,
)
