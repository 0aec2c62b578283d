"""What somebody accepted stays in the list, with who, why and until when, and counts nowhere until its time is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.warehouse.people_rows import employee, worked
from tests.warehouse.warehouse_build import HOUR, Warehouse

LEAD = "lead@example.org"
MONDAY = date(2026, 3, 2)
WEEK = [MONDAY + timedelta(days=number) for number in range(5)]


def acceptance(rule: str, **values: Any) -> dict[str, Any]:
    return {"rule": rule, "accepted_by": LEAD, "reason": "known", "accepted_until": date(2026, 12, 31), **values}


@pytest.fixture(scope="module")
def built(module_warehouse: Warehouse) -> Warehouse:
    """As of 31 March. Every person logs 25 hours on Monday 2 March; two sources have rows that could not be read."""
    warehouse = module_warehouse
    for source in ("hr", "toggl", "jira"):
        warehouse.source(source)
    teams = {"ann": "Core", "bob": "Core", "cy": "Night", "dee": "Night", "eve": "Core", "fay": "Core", "gus": "Core"}
    people = [employee(name, team_name=team) for name, team in teams.items()]
    warehouse.deliver("hr", "people", people, mode="full")
    rows = [worked(name, MONDAY, 25) for name in teams] + [worked(name, day) for name in teams for day in WEEK[1:]]
    warehouse.deliver("toggl", "time_entries", rows, rows_quarantined=1, coverage=(MONDAY, WEEK[-1]))
    evidence = {"person_email": "ann@example.org", "work_date": date(2026, 3, 7), "duration_us": HOUR}
    warehouse.deliver("jira", "time_entries", [evidence], rows_quarantined=1, coverage=(MONDAY, WEEK[-1]))
    warehouse.insert(
        "workspace.accepted_gaps",
        acceptance("over_24_hours", person=" Ann@Example.org ", reason="moved servers"),
        acceptance("over_24_hours", person="ann@example.org", reason="shorter", accepted_until=date(2026, 4, 30)),
        acceptance("over_24_hours", team="night", start_date=MONDAY, end_date=MONDAY),
        acceptance("over_24_hours", person="bob@example.org", start_date=MONDAY + timedelta(days=1)),
        acceptance("over_24_hours", person="eve@example.org", accepted_until=date(2026, 3, 30)),
        acceptance("over_24_hours", person="fay@example.org", accepted_until=date(2026, 3, 31)),
        acceptance("overlapping_entries", person="gus@example.org"),
        acceptance("over_24_hours", person="nobody@example.org"),
        acceptance("over_24_hours", team="No such team"),
        acceptance("quarantined_rows", source="jira"),
    )
    warehouse.build(tests=True)
    return warehouse


def over_24_hours(built: Warehouse) -> dict[str, dict[str, Any]]:
    rows = built.rows(
        "select person_name, gaps.* from analyst.core.fct_gaps as gaps"
        " inner join directory.core.dim_person_names using (person_key) where rule = 'over_24_hours'"
    )
    return {row["person_name"]: row for row in rows}


def test_an_acceptance_holds_for_its_rule_person_team_and_dates_while_it_lasts(built: Warehouse) -> None:
    accepted = {name: row["is_accepted"] for name, row in over_24_hours(built).items()}
    assert accepted == {
        "Ann": True,
        "Bob": False,  # accepted from Tuesday only
        "Cy": True,
        "Dee": True,
        "Eve": False,  # ran out yesterday
        "Fay": True,  # until today
        "Gus": False,  # another rule
    }


def test_the_longest_acceptance_says_who_why_and_until_when(built: Warehouse) -> None:
    ann = over_24_hours(built)["Ann"]
    told = (ann["accepted_by"], ann["accepted_reason"], ann["accepted_until_date"])
    assert told == (LEAD, "moved servers", date(2026, 12, 31))
    bob = over_24_hours(built)["Bob"]
    assert (bob["accepted_by"], bob["accepted_reason"], bob["accepted_until_date"]) == (None, None, None)


def test_a_source_is_accepted_alone(built: Warehouse) -> None:
    rows = built.rows(
        "select source, is_accepted from analyst.core.fct_gaps where rule = 'quarantined_rows' order by 1"
    )
    assert [(row["source"], row["is_accepted"]) for row in rows] == [("jira", True), ("toggl", False)]


def test_what_is_accepted_counts_in_no_mart(built: Warehouse) -> None:
    """Toggl's rows that could not be read touch everybody's week; Ann's own gap and jira's do not count any more."""
    weeks = built.rows(
        "select person_name, gap_count from analyst.marts.mart_utilisation__person_week"
        " inner join directory.core.dim_person_names using (person_key) where week_start_date = date '2026-03-02' order by 1"
    )
    assert {row["person_name"]: row["gap_count"] for row in weeks} == {
        **dict.fromkeys(("Ann", "Cy", "Dee", "Fay"), 1),
        **dict.fromkeys(("Bob", "Eve", "Gus"), 2),
    }
    own = built.rows(
        "select person_name from analyst.marts.mart_gaps__person_week"
        " inner join directory.core.dim_person_names using (person_key)"
        " where week_start_date = date '2026-03-02' order by 1"
    )
    assert [row["person_name"] for row in own] == ["Bob", "Eve", "Gus"]
    capacity = built.rows(
        "select person_name, gap_count from analyst.marts.mart_capacity__person_week"
        " inner join directory.core.dim_person_names using (person_key)"
        " where week_start_date = date '2026-03-02' order by 1"
    )
    assert capacity == weeks
    sources = built.rows("select source, gap_count from analyst.marts.mart_reconciliation__source where gap_count > 0")
    assert [row["source"] for row in sources] == ["toggl"]
    days = built.rows("select source from analyst.marts.mart_gaps__source_day where gap_count > 0 group by source")
    assert [row["source"] for row in days] == ["toggl"]


@pytest.fixture
def next_year(built: Warehouse) -> Iterator[Warehouse]:
    """The same rows built nine months later, and put back for the tests after."""
    _build_as_of(built, date(2027, 1, 1))
    yield built
    _build_as_of(built, built.as_of)


def _build_as_of(built: Warehouse, day: date) -> None:
    built.close()
    with built._writer() as connection:
        connection.execute("update workspace.as_of set as_of_date = ?", [day])
    built.build("int_acceptances_resolved fct_gaps mart_gaps__person_week")


def test_a_gap_comes_back_when_its_acceptance_is_over(next_year: Warehouse) -> None:
    assert not any(row["is_accepted"] for row in over_24_hours(next_year).values())
    weeks = "select count(*) from analyst.marts.mart_gaps__person_week where over_24_hours_gap_count = 1"
    assert next_year.one(weeks) == 7


@pytest.fixture
def ruled(built: Warehouse) -> Iterator[Warehouse]:
    """With lines of policy.gaps, taken out again afterwards."""

    def rebuild() -> None:
        built.build("fct_gaps")

    lines: tuple[dict[str, Any], ...] = (
        {"rule": "over_24_hours", "team": "night", "severity": "off"},
        {"rule": "over_24_hours", "severity": "blocks", "owner": "payroll"},
        {"rule": "quarantined_rows", "source": "toggl", "owner": "ops"},
        {"rule": "quarantined_rows", "severity": "off"},
        {"rule": "unlogged_days", "minimum_hours": 1000.0},
    )
    built.insert("workspace.gap_rules", *({**line, "line_number": number} for number, line in enumerate(lines)))
    rebuild()
    yield built
    built.close()
    with built._writer() as connection:
        connection.execute("delete from workspace.gap_rules")
    rebuild()


def test_policy_sets_severity_owner_and_size_by_rule_and_scope_and_the_first_line_that_fits_holds(
    ruled: Warehouse,
) -> None:
    days = over_24_hours(ruled)
    assert {name: (row["severity"], row["owner"]) for name, row in days.items() if name in ("Bob", "Cy")} == {
        "Bob": ("blocks", "payroll"),
        "Cy": ("warns", "contributor"),
    }
    # Dee's is off, and accepted by hand: who did it is told.
    assert (days["Dee"]["is_accepted"], days["Dee"]["accepted_by"]) == (True, LEAD)
    rows = ruled.rows("select * from analyst.core.fct_gaps where rule = 'quarantined_rows' order by source")
    assert [(row["source"], row["owner"], row["is_accepted"]) for row in rows] == [
        ("jira", "source owner", True),
        ("toggl", "ops", False),
    ]
    small = ruled.rows("select * from analyst.core.fct_gaps where rule = 'unlogged_days'")
    assert small
    assert {(row["is_accepted"], row["accepted_by"], row["accepted_until_date"]) for row in small} == {
        (True, "policy", ruled.as_of)
    }
    assert {row["accepted_reason"] for row in small} == {"policy.gaps asks for 1000.0 hours at least"}
