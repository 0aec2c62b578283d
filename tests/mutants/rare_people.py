"""Organisations made by hand about rosters and the crosswalk, for what random ones hold too seldom."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.mutants.rows import (
    CREATED,
    MONDAY,
    SUNDAY,
    TAKEN,
    TAKEN_AGAIN,
    away,
    employed,
    entries,
    roster,
    tasks,
    worked,
)
from tests.oracle.organisation import Delivery, Organisation

JANUARY = datetime(2026, 1, 5, 12, tzinfo=UTC)


def _pictured(name: str) -> dict[str, Any]:
    """Employed, as a roster without dates shows them."""
    return employed(name, valid_from_date=None, valid_from_basis="observed")


def listed(source_id: str, **values: Any) -> dict[str, Any]:
    """A user of the tracker, as its own list shows them."""
    return {
        "source_record_id": source_id,
        "person_source_id": source_id,
        "person_name": f"~user {source_id}",
        "valid_from_basis": "observed",
        "employment_type": None,
        **values,
    }


def users(*rows: dict[str, Any]) -> Delivery:
    """Of the tracker, whole."""
    return Delivery("~toggl", "people", rows, TAKEN, mode="full")


def by_id(source_id: str, day: date = MONDAY) -> dict[str, Any]:
    """An entry that names its owner by the tracker's id only."""
    account = {"person_email": None, "person_source_id": source_id, "person_name": f"~user {source_id}"}
    return {**worked(source_id, day), **account}


#: A shared login that the tracker lists: Ann's on Monday, Bob's from Tuesday on.
#: Another was Bob's on Monday, and is nobody's on Sunday. Of a third two lines say otherwise for the same days.
#: Leave that the first login asks for is Ann's on Monday and Bob's on Tuesday.
A_LISTED_LOGIN_IS_LENT = Organisation(
    (
        roster(employed("ann"), employed("bob")),
        users(listed("desk"), listed("till"), listed("bar")),
        entries(by_id("desk"), by_id("till", SUNDAY), by_id("bar"), worked("ann", SUNDAY)),
        Delivery(
            "~toggl",
            "absences",
            (
                {
                    "source_record_id": "leave",
                    "person_source_id": "desk",
                    "person_name": "~user desk",
                    "start_date": MONDAY,
                    "end_date": date(2026, 3, 3),
                    "status": "approved",
                },
            ),
            TAKEN,
        ),
    ),
    reference={
        "people_crosswalk": (
            {
                "source": "~toggl",
                "person_source_id": "desk",
                "maps_to_email": "~ann@example.org",
                "valid_to_date": MONDAY,
            },
            {
                "source": "~toggl",
                "person_source_id": "desk",
                "maps_to_number": "~n-bob",
                "valid_from_date": date(2026, 3, 3),
            },
            {"source": "~toggl", "person_source_id": "till", "maps_to_number": "~n-bob", "valid_to_date": MONDAY},
            *(
                {"source": "~toggl", "person_source_id": "bar", "maps_to_number": number, "valid_to_date": MONDAY}
                for number in ("~n-ann", "~n-bob")
            ),
        )
    },
)

#: Private addresses that only the tracker knows, an address that HR knows, an id alone, and lines that disagree.
USERS_WHOM_THE_CROSSWALK_CORRECTS = Organisation(
    (
        roster(*(employed(name) for name in ("ann", "bob", "gus", "eva")), employed("fay", contracted_week_us=None)),
        users(
            listed("5", person_email="~gus.private@example.net"),
            listed("6", person_email="~eva.private@example.net"),
            listed("7", person_email="~ann@example.org"),
            listed("8", contracted_week_us=30 * 3_600_000_000, zone="Asia/Tokyo"),
            listed("9"),
        ),
        entries(
            worked("gus", MONDAY, person_email="~gus.private@example.net"),
            worked("eva", MONDAY, person_email="~eva.private@example.net"),
            *(by_id(source_id) for source_id in "56789"),
        ),
    ),
    reference={
        "people_crosswalk": tuple(
            {"source": "~toggl", **line}
            for line in (
                {"person_source_id": "5", "maps_to_email": "~gus@example.org"},
                {"person_email": "~eva.private@example.net", "maps_to_number": "~n-eva"},
                {"person_source_id": "7", "maps_to_email": "~gus@example.org"},
                {"person_source_id": "8", "maps_to_number": "~n-fay"},
                {"person_source_id": "9", "maps_to_email": "~ann@example.org"},
                {"person_source_id": "9", "maps_to_number": "~n-bob"},
            )
        )
    },
)

#: Employees and externals in two exports of one source, neither with dates: each is silent about whom the other shows.
TWO_FORMATS_OF_ONE_ROSTER = Organisation(
    (
        Delivery("~hr", "people", (_pictured("ann"), _pictured("bob")), JANUARY, mode="full", format="staff"),
        Delivery("~hr", "people", (_pictured("eve"),), TAKEN, mode="full", format="externals"),
        Delivery("~hr", "people", (_pictured("ann"),), TAKEN_AGAIN, mode="full", format="staff"),
        entries(worked("ann", MONDAY), worked("bob", MONDAY)),
    )
)


def _of_worker(record: str, first: date, **values: Any) -> dict[str, Any]:
    """A fact tied to Ann by the worker's id alone."""
    reported = {"valid_from_basis": "reported", "employment_type": "employee"}
    return {"source_record_id": record, "person_source_id": "w1", "valid_from_date": first, **reported, **values}


#: Who works and as what come apart. From Tuesday on Ann is a lead of the North, and neither row says her hours again.
WORKERS_AND_POSITIONS = Organisation(
    (
        Delivery(
            "~hr",
            "people",
            (employed("ann", person_source_id="w1", role_name="~Engineer", team_name="~South"),),
            TAKEN,
            mode="full",
            format="workers",
        ),
        Delivery(
            "~hr",
            "people",
            (_of_worker("p1", date(2026, 3, 3), role_name="~Lead", team_name="~North"),),
            TAKEN,
            mode="full",
            format="positions",
        ),
        entries(worked("ann", MONDAY), worked("ann", SUNDAY)),
    )
)

#: A roster that exports daily and stopped, with leave of which a row could not be read. Nor could one of the tracker's tasks; its
#: events could.
WHAT_NOBODY_COULD_READ = Organisation(
    (
        roster(employed("ann")),
        Delivery("~hr", "absences", (away("ann", MONDAY),), TAKEN, mode="full", is_complete=False),
        tasks(
            {
                "source_record_id": "t",
                "project_code": "~UNREAD",
                "created_at": CREATED,
                "first_due_date": date(2026, 3, 4),
                "due_date": date(2026, 3, 4),
                "status": "Doing",
                "status_category": "active",
            },
            is_complete=False,
        ),
        entries(worked("ann", MONDAY), worked("ann", date(2026, 3, 9))),
        Delivery(
            "~toggl",
            "process_events",
            (
                {
                    "source_record_id": "e",
                    "case_id": "1",
                    "activity_name": "~Read",
                    "lifecycle": "complete",
                    "occurred_at": datetime(2026, 3, 11, 8, tzinfo=UTC),
                },
            ),
            TAKEN,
        ),
    ),
    sources=({"source": "~hr", "zone": "UTC", "rhythm": "daily"},),
)

RARE_PEOPLE = (
    WHAT_NOBODY_COULD_READ,
    A_LISTED_LOGIN_IS_LENT,
    USERS_WHOM_THE_CROSSWALK_CORRECTS,
    TWO_FORMATS_OF_ONE_ROSTER,
    WORKERS_AND_POSITIONS,
)
