"""Where and when work happened, what kind it was, and whether it counts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.warehouse.people_rows import employee, worked
from tests.warehouse.warehouse_build import HOUR, Warehouse

MONDAY = date(2026, 3, 2)


def instant(name: str, at: datetime, hours: float = 1, **values: Any) -> dict[str, Any]:
    return {
        "person_email": f"{name}@example.org",
        "date_precision": "instant",
        "started_at": at,
        "duration_us": round(hours * HOUR),
        **values,
    }


def activities(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    warehouse.build("+fct_activities")
    rows = warehouse.rows("select * from analyst.core.fct_activities")
    return {row["source_record_id"]: row for row in rows}


def test_an_instant_is_dated_where_the_person_was(warehouse: Warehouse) -> None:
    """The same instant, 1 March 20:30 UTC, is 2 March in Kolkata, 1 March in Berlin."""
    warehouse.source("toggl", zone="Asia/Tokyo")
    warehouse.source("plain")
    warehouse.set_policy(default_zone="Pacific/Auckland")
    moved = [
        employee("ann", source_record_id="a", zone="Europe/Berlin"),
        employee("ann", source_record_id="b", zone="Asia/Kolkata", valid_from_date=date(2026, 3, 1)),
        employee("bob", zone=None),
    ]
    warehouse.deliver("hr", "people", moved)
    at, before = datetime(2026, 3, 1, 20, 30, tzinfo=UTC), datetime(2026, 2, 28, 20, 30, tzinfo=UTC)
    rows = [
        instant("ann", at, source_record_id="moved", utc_offset_minutes=0),
        instant("ann", before, source_record_id="home", utc_offset_minutes=540),
        instant("bob", at, source_record_id="offset", utc_offset_minutes=-300, work_date=date(2026, 3, 7)),
        instant("bob", at, source_record_id="source"),
        instant("zoe", at, source_record_id="stranger"),
        worked("ann", date(2026, 3, 4), source_record_id="day"),
    ]
    warehouse.deliver("toggl", "time_entries", rows)
    plain = [
        instant("bob", at, source_record_id="stated", work_date=date(2026, 3, 5)),
        instant("bob", at, source_record_id="default"),
    ]
    warehouse.deliver("plain", "time_entries", plain)
    found = {name: (row["work_date"], row["date_basis"]) for name, row in activities(warehouse).items()}
    assert found == {
        "moved": (date(2026, 3, 2), "person_zone"),
        "home": (date(2026, 2, 28), "person_zone"),
        "offset": (date(2026, 3, 1), "offset"),
        "source": (date(2026, 3, 2), "source_zone"),
        "stranger": (date(2026, 3, 2), "source_zone"),
        "day": (date(2026, 3, 4), "stated"),
        "stated": (date(2026, 3, 5), "stated"),
        "default": (date(2026, 3, 2), "default_zone"),
    }


def test_team_and_role_are_those_of_the_day(warehouse: Warehouse) -> None:
    facts = [
        employee("ann", source_record_id="a", team_name="North", role_name="Engineer"),
        employee(
            "ann",
            source_record_id="b",
            team_name="SOUTH ",
            role_name="Lead",
            valid_from_date=date(2026, 3, 3),
        ),
        employee("bob", team_name="South"),
    ]
    warehouse.deliver("hr", "people", facts)
    days = [date(2024, 12, 31), MONDAY, date(2026, 3, 3)]
    warehouse.deliver("toggl", "time_entries", [worked("ann", day) for day in days])
    warehouse.build("+fct_activities +dim_teams +dim_roles")
    rows = warehouse.rows(
        "select work_date, team_name, role_name from analyst.core.fct_activities"
        " left join analyst.core.dim_teams using (team_key) left join analyst.core.dim_roles using (role_key) order by 1"
    )
    assert [tuple(row.values()) for row in rows] == [
        (days[0], None, None),
        (days[1], "North", "Engineer"),
        (days[2], "SOUTH", "Lead"),
    ]
    assert warehouse.one("select count(*) from analyst.core.dim_teams") == 2


def test_without_a_policy_every_source_counts(warehouse: Warehouse) -> None:
    warehouse.deliver("hr", "people", [employee("ann")])
    warehouse.deliver("toggl", "time_entries", [worked("ann", MONDAY, 8)])
    warehouse.deliver("jira", "time_entries", [worked("ann", MONDAY, 6)])
    assert {row["is_counted"] for row in activities(warehouse).values()} == {True}


def test_the_authority_owns_the_days_it_claims_and_no_others(warehouse: Warehouse) -> None:
    """toggl comes before jira, jira before whatever policy does not name; from April on jira comes first."""
    warehouse.insert(
        "workspace.authority",
        {"source": "toggl", "priority": 2},
        {"source": "jira", "priority": 3, "valid_to_date": date(2026, 3, 15)},
        {"source": "jira", "priority": 1, "valid_from_date": date(2026, 3, 16)},
    )
    warehouse.deliver("hr", "people", [employee("ann"), employee("bob")])
    tuesday, later = date(2026, 3, 3), date(2026, 3, 17)
    warehouse.deliver(
        "toggl",
        "time_entries",
        [
            worked("ann", MONDAY, 8, source_record_id="toggl monday"),
            worked("ann", later, 8, source_record_id="toggl later"),
            worked("bob", tuesday, 0, source_record_id="toggl empty"),
        ],
    )
    warehouse.deliver(
        "jira",
        "time_entries",
        [
            worked("ann", MONDAY, 6, source_record_id="jira monday"),
            worked("ann", tuesday, 6, source_record_id="jira alone"),
            worked("ann", later, 6, source_record_id="jira later"),
            worked("bob", MONDAY, 6, source_record_id="jira of bob"),
            worked("bob", tuesday, 6, source_record_id="jira beside empty"),
        ],
    )
    warehouse.deliver("excel", "time_entries", [worked("ann", tuesday, 5, source_record_id="unnamed source")])
    found = activities(warehouse)
    overruled = {name: row["not_counted_reason"] for name, row in found.items() if not row["is_counted"]}
    assert overruled == dict.fromkeys(["jira monday", "toggl later", "unnamed source"], "other_source_has_authority")
    assert sum(row["logged_hours"] for row in found.values()) == 8 + 8 + 0 + 6 * 5 + 5


def test_a_period_gives_way_to_a_better_source_on_any_of_its_days(warehouse: Warehouse) -> None:
    warehouse.insert("workspace.authority", {"source": "toggl", "priority": 1})
    warehouse.deliver("hr", "people", [employee("ann"), employee("bob")])
    week = {
        "date_precision": "period",
        "period_start_date": MONDAY,
        "period_end_date": date(2026, 3, 8),
        "duration_us": 40 * HOUR,
    }
    sheets = [
        {"person_email": f"{name}@example.org", "source_record_id": f"sheet {name}", **week} for name in ("ann", "bob")
    ]
    warehouse.deliver("sap", "time_entries", sheets)
    warehouse.deliver("toggl", "time_entries", [worked("ann", date(2026, 3, 4), 8, source_record_id="wednesday")])
    found = activities(warehouse)
    assert {name: row["is_counted"] for name, row in found.items()} == {
        "sheet ann": False,
        "sheet bob": True,
        "wednesday": True,
    }
    assert found["sheet bob"]["work_date"] is None
    assert found["sheet bob"]["period_end_date"] == date(2026, 3, 8)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (worked("ann", date(2026, 4, 1)), "after_as_of"),
        (worked("ann", date(1970, 1, 1)), "outside_calendar"),
        ({"person_email": "ann@example.org", "duration_us": HOUR}, "undated"),
        (worked("ann", MONDAY, activity_name="Paid Leave"), "absence"),
        (worked("ann", MONDAY, activity_name="Design"), None),
    ],
)
def test_what_does_not_count_says_why(warehouse: Warehouse, row: dict[str, Any], reason: str | None) -> None:
    warehouse.insert(
        "workspace.activity_rules",
        {"priority": 1, "pattern": "*leave*", "activity_type": "Time off", "category": "absence"},
    )
    warehouse.deliver("hr", "people", [employee("ann")])
    warehouse.deliver("toggl", "time_entries", [row])
    (found,) = activities(warehouse).values()
    assert (found["not_counted_reason"], found["is_counted"]) == (reason, reason is None)


def test_a_timer_that_runs_has_no_hours_rather_than_none(warehouse: Warehouse) -> None:
    warehouse.deliver("hr", "people", [employee("ann")])
    warehouse.deliver("toggl", "time_entries", [worked("ann", MONDAY, duration_us=None)])
    (found,) = activities(warehouse).values()
    assert (found["is_counted"], found["logged_hours"]) == (True, None)


def test_the_kind_of_work_is_the_first_rule_that_matches_on_the_day(warehouse: Warehouse) -> None:
    warehouse.insert(
        "workspace.activity_rules",
        {"priority": 20, "pattern": "*", "activity_type": "Other"},
        {
            "priority": 10,
            "pattern": "INVOICE*",
            "activity_type": "Billing",
            "valid_from_date": date(2026, 3, 3),
        },
        {"priority": 5, "pattern": "100%_done", "activity_type": "Literal"},
    )
    warehouse.deliver("hr", "people", [employee("ann")])
    rows = [
        worked("ann", MONDAY, source_record_id="before the rule", activity_name="Invoice run"),
        worked("ann", date(2026, 3, 3), source_record_id="under the rule", activity_name="Invoice run"),
        worked("ann", MONDAY, source_record_id="by task", task_name="Invoices"),
        worked("ann", MONDAY, source_record_id="no wildcard", activity_name="100 and done"),
        worked("ann", MONDAY, source_record_id="silent"),
    ]
    warehouse.deliver("toggl", "time_entries", rows)
    warehouse.build("+fct_activities +dim_activity_types")
    found = warehouse.rows(
        "select source_record_id, activity_type, finance_service from analyst.core.fct_activities"
        " inner join analyst.core.dim_activity_types using (activity_type_key)"
    )
    assert {row["source_record_id"]: row["activity_type"] for row in found} == {
        "before the rule": "Other",
        "under the rule": "Billing",
        "by task": "Other",
        "no wildcard": "Other",
        "silent": "Not stated",
    }
    services = {row["activity_type"]: row["finance_service"] for row in found}
    assert services["Billing"] == "receivables"


def test_projects_are_one_by_code_and_speak_for_silent_entries(warehouse: Warehouse) -> None:
    warehouse.deliver("hr", "people", [employee("ann")])
    warehouse.deliver(
        "crm",
        "projects",
        [
            {"source_record_id": "p1", "project_code": "acme-1", "project_name": "Rollout", "is_billable": True},
            {"source_record_id": "p2", "project_name": "Rollout"},
        ],
    )
    warehouse.insert(
        "workspace.projects_crosswalk",
        {"source": "toggl", "project_name": "Roll-out Acme", "maps_to_code": "ACME-1"},
    )
    rows = [
        worked("ann", MONDAY, source_record_id="code", project_code=" ACME-1 ", project_name="whatever"),
        worked("ann", MONDAY, source_record_id="crosswalk", project_name="Roll-out Acme"),
        worked("ann", MONDAY, source_record_id="said no", project_code="ACME-1", is_billable=False),
        worked("ann", MONDAY, source_record_id="name", project_name="Rollout"),
    ]
    warehouse.deliver("toggl", "time_entries", rows)
    found = activities(warehouse)
    assert len({found[name]["project_key"] for name in ("code", "crosswalk", "said no")}) == 1
    assert found["name"]["project_key"] not in {found["code"]["project_key"], None}
    assert {name: row["is_billable"] for name, row in found.items()} == {
        "code": True,
        "crosswalk": True,
        "said no": False,
        "name": None,
    }
