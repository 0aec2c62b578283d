"""Who an account is, and what held for a person on each day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tests.warehouse.people_rows import employee, worked
from tests.warehouse.warehouse_build import HOUR, Warehouse

MONDAY = date(2026, 3, 2)


def actors(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    """Matches of the accounts of source toggl by what identifies them there."""
    warehouse.build("+int_actors_matched")
    rows = warehouse.rows("select * from state.intermediate.int_actors_matched where source = 'toggl'")
    return {
        row["person_email"] or row["person_number"] or row["person_source_id"] or row["person_name"]: row
        for row in rows
    }


def person_of(warehouse: Warehouse, number: str) -> str:
    key: str = warehouse.one(
        f"select distinct person_key from state.intermediate.int_people_identified where person_number = '{number}'"
    )
    return key


def test_an_account_is_matched_by_address_then_number_and_never_by_name(warehouse: Warehouse) -> None:
    warehouse.deliver("hr", "people", [employee("ann"), employee("bob"), employee("cy")])
    accounts = [
        {"person_email": " Ann@Example.ORG ", "person_number": "N-BOB"},
        {"person_number": " n-bob "},
        {"person_name": "Cy"},
    ]
    warehouse.deliver("toggl", "time_entries", [{"work_date": MONDAY, **account} for account in accounts])
    matched = actors(warehouse)
    assert matched["ann@example.org"]["match_basis"] == "email"
    assert matched["ann@example.org"]["person_key"] == person_of(warehouse, "N-ANN")
    assert matched["N-BOB"]["match_basis"] == "number"
    assert matched["N-BOB"]["person_key"] == person_of(warehouse, "N-BOB")
    assert matched["Cy"]["match_basis"] == "unresolved"
    assert matched["Cy"]["person_key"] != person_of(warehouse, "N-CY")


def test_an_id_leads_through_the_list_of_its_own_source_only(warehouse: Warehouse) -> None:
    warehouse.deliver("hr", "people", [employee("ann")])
    users = [
        {"person_email": "ann@example.org", "person_source_id": "77", "valid_from_basis": "observed"},
    ]
    warehouse.deliver("toggl", "people", users, mode="full")
    entry = {"person_source_id": "77", "work_date": MONDAY, "duration_us": HOUR}
    warehouse.deliver("toggl", "time_entries", [entry])
    warehouse.deliver("harvest", "time_entries", [entry])
    warehouse.build("+int_actors_matched")
    rows = warehouse.rows(
        "select source, match_basis from state.intermediate.int_actors_matched where person_email is null"
    )
    assert {row["source"]: row["match_basis"] for row in rows} == {
        "toggl": "source_id",
        "harvest": "unresolved",
    }


def test_the_crosswalk_speaks_where_nothing_else_does(warehouse: Warehouse) -> None:
    warehouse.deliver("hr", "people", [employee("ann"), employee("bob")])
    warehouse.insert(
        "workspace.people_crosswalk",
        {"source": "toggl", "person_source_id": "u1", "maps_to_number": "n-ann"},
        {"source": "toggl", "person_name": "Robert", "maps_to_email": "bob@example.org"},
        {"source": "harvest", "person_source_id": "u2", "maps_to_email": "bob@example.org"},
    )
    entries = [{"person_source_id": "u1"}, {"person_source_id": "u2"}, {"person_name": "Robert"}]
    warehouse.deliver("toggl", "time_entries", [{"work_date": MONDAY, **entry} for entry in entries])
    matched = actors(warehouse)
    assert matched["u1"]["person_key"] == person_of(warehouse, "N-ANN")
    assert matched["Robert"]["person_key"] == person_of(warehouse, "N-BOB")
    assert matched["u2"]["match_basis"] == "unresolved"


def test_an_address_of_two_numbers_leads_to_nobody(warehouse: Warehouse) -> None:
    warehouse.deliver(
        "hr",
        "people",
        [
            employee("ann", person_email="desk@example.org"),
            employee("bob", person_email="desk@example.org"),
        ],
    )
    warehouse.deliver("toggl", "time_entries", [worked("desk", MONDAY)])
    assert actors(warehouse)["desk@example.org"]["match_basis"] == "unresolved"
    assert person_of(warehouse, "N-ANN") != person_of(warehouse, "N-BOB")


def test_an_account_can_be_lent_for_some_days(warehouse: Warehouse) -> None:
    """A shared login: Ann's until the 6th, but for the 4th and 5th, when it was Bob's; nobody's afterwards."""
    warehouse.deliver("hr", "people", [employee("ann"), employee("bob")])
    login = {"source": "toggl", "person_source_id": "desk"}
    warehouse.insert(
        "workspace.people_crosswalk",
        {**login, "maps_to_number": "n-ann", "valid_to_date": date(2026, 3, 6)},
        {
            **login,
            "maps_to_number": "n-bob",
            "valid_from_date": date(2026, 3, 4),
            "valid_to_date": date(2026, 3, 5),
        },
    )
    rows = [{"person_source_id": "desk", "work_date": date(2026, 3, day), "duration_us": HOUR} for day in range(2, 8)]
    warehouse.deliver("toggl", "time_entries", rows)
    warehouse.build("+fct_activities +dim_person_names +gap_unmatched_people")
    found = warehouse.rows(
        "select day(work_date) as day, person_name from analyst.core.fct_activities"
        " left join directory.core.dim_person_names using (person_key) order by 1"
    )
    assert [(row["day"], row["person_name"]) for row in found] == [
        (2, "Ann"),
        (3, "Ann"),
        (4, "Bob"),
        (5, "Bob"),
        (6, "Ann"),
        (7, None),
    ]
    assert warehouse.one("select sum(hours_at_stake) from state.gaps.gap_unmatched_people") == 1


def test_an_account_that_its_own_list_knows_by_id_alone_can_be_lent(warehouse: Warehouse) -> None:
    """The tracker lists the shared login among its users, without an address: that tells nobody whose it is."""
    warehouse.deliver("hr", "people", [employee("ann"), employee("bob")])
    users = [{"source_record_id": "desk", "person_source_id": "desk", "valid_from_basis": "observed"}]
    warehouse.deliver("toggl", "people", users, mode="full")
    login = {"source": "toggl", "person_source_id": "desk"}
    warehouse.insert(
        "workspace.people_crosswalk",
        {**login, "maps_to_email": "ann@example.org", "valid_to_date": date(2026, 3, 6)},
        {**login, "maps_to_number": "n-bob", "valid_from_date": date(2026, 3, 7)},
    )
    rows = [{"person_source_id": "desk", "work_date": date(2026, 3, day), "duration_us": HOUR} for day in (6, 7)]
    warehouse.deliver("toggl", "time_entries", [*rows, worked("ann", date(2026, 3, 9))])
    warehouse.build("+fct_activities +dim_person_names")
    found = warehouse.rows(
        "select day(work_date) as day, person_name from analyst.core.fct_activities"
        " left join directory.core.dim_person_names using (person_key) order by 1"
    )
    assert [(row["day"], row["person_name"]) for row in found] == [(6, "Ann"), (7, "Bob"), (9, "Ann")]


def test_lines_of_the_crosswalk_that_disagree_lead_to_nobody(warehouse: Warehouse) -> None:
    warehouse.deliver("hr", "people", [employee("ann"), employee("bob")])
    users = [{"source_record_id": "u1", "person_source_id": "u1", "valid_from_basis": "observed"}]
    warehouse.deliver("toggl", "people", users, mode="full")
    line = {"source": "toggl", "person_source_id": "u1"}
    warehouse.insert(
        "workspace.people_crosswalk",
        {**line, "maps_to_email": "ann@example.org"},
        {**line, "maps_to_number": "n-bob"},
    )
    warehouse.deliver("toggl", "time_entries", [{"person_source_id": "u1", "work_date": MONDAY}, worked("ann", MONDAY)])
    matched = actors(warehouse)
    assert matched["ann@example.org"]["person_key"] == person_of(warehouse, "N-ANN")
    assert matched["u1"]["person_key"] not in (person_of(warehouse, "N-ANN"), person_of(warehouse, "N-BOB"))


def test_the_crosswalk_corrects_an_address_that_only_one_tool_knows(warehouse: Warehouse) -> None:
    """Gus keeps a private address in the tracker. Ann's is HR's too, where a line has no say."""
    warehouse.deliver("hr", "people", [employee("gus"), employee("eva"), employee("ann")])
    users = [
        {"person_source_id": "5", "person_email": "gus.private@example.net", "valid_from_basis": "observed"},
        {"person_source_id": "6", "person_email": "eva.private@example.net", "valid_from_basis": "observed"},
        {"person_source_id": "7", "person_email": "ann@example.org", "valid_from_basis": "observed"},
    ]
    warehouse.deliver("toggl", "people", users, mode="full", extracted_at=datetime(2026, 3, 1, tzinfo=UTC))
    warehouse.insert(
        "workspace.people_crosswalk",
        {"source": "toggl", "person_source_id": "5", "maps_to_email": "gus@example.org"},
        {"source": "toggl", "person_email": "Eva.Private@example.net", "maps_to_number": "n-eva"},
        {"source": "toggl", "person_source_id": "7", "maps_to_email": "gus@example.org"},
    )
    accounts = [{"person_email": f"{name}.private@example.net"} for name in ("gus", "eva")]
    accounts += [{"person_source_id": "7"}]
    warehouse.deliver("toggl", "time_entries", [{"work_date": MONDAY, **account} for account in accounts])
    matched = actors(warehouse)
    assert matched["gus.private@example.net"]["person_key"] == person_of(warehouse, "N-GUS")
    assert matched["eva.private@example.net"]["person_key"] == person_of(warehouse, "N-EVA")
    assert matched["7"]["person_key"] == person_of(warehouse, "N-ANN")
    warehouse.build("+dim_person_names")
    shown = warehouse.rows("select person_email from directory.core.dim_person_names where person_number = 'N-GUS'")
    assert shown == [{"person_email": "gus@example.org"}]


def test_a_roster_row_found_by_the_crosswalk_keeps_what_it_says(warehouse: Warehouse) -> None:
    """HR knows Fay, but not her hours; the tracker knows them, under an id of its own."""
    warehouse.deliver("hr", "people", [employee("fay", contracted_week_us=None)])
    contract = {"valid_from_date": date(2025, 1, 1), "contracted_week_us": 30 * HOUR}
    users = [{"source_record_id": "f1", "person_source_id": "f1", "valid_from_basis": "reported", **contract}]
    warehouse.deliver("harvest", "people", users, mode="full")
    warehouse.insert(
        "workspace.people_crosswalk", {"source": "harvest", "person_source_id": "f1", "maps_to_number": "n-fay"}
    )
    warehouse.build("+fct_capacity_days")
    assert warehouse.rows(
        "select distinct contracted_hours from analyst.core.fct_capacity_days where capacity_date = date '2026-03-02'"
    ) == [{"contracted_hours": 6}]


def test_two_exports_of_a_roster_do_not_end_each_others_employment(warehouse: Warehouse) -> None:
    """Absence from the list of externals says nothing of the staff."""
    seen = {"valid_from_date": None, "valid_from_basis": "observed"}
    for day, name, form in ((1, "ann", "staff"), (2, "eve", "externals")):
        taken = datetime(2026, 3, day, 12, tzinfo=UTC)
        warehouse.deliver("hr", "people", [employee(name, **seen)], mode="full", extracted_at=taken, format=form)
    warehouse.build("+int_person_spans_resolved")
    spans = warehouse.rows(
        "select valid_from_date, valid_to_date from state.intermediate.int_person_spans_resolved order by 1"
    )
    assert [tuple(row.values()) for row in spans] == [(date(2026, 3, 1), None), (date(2026, 3, 2), None)]


def test_a_zone_that_does_not_exist_is_no_zone(warehouse: Warehouse) -> None:
    warehouse.source("toggl", zone="Asia/Tokyo")
    warehouse.deliver("hr", "people", [employee("ann", zone="Mars/Phobos"), employee("bob", zone=" europe/berlin ")])
    instant = {
        "date_precision": "instant",
        "started_at": datetime(2026, 3, 1, 20, tzinfo=UTC),
        "duration_us": HOUR,
    }
    rows = [{"person_email": f"{name}@example.org", **instant} for name in ("ann", "bob")]
    warehouse.deliver("toggl", "time_entries", rows)
    warehouse.build("+fct_activities")
    found = warehouse.rows("select work_date, date_basis from analyst.core.fct_activities order by 1")
    assert [tuple(row.values()) for row in found] == [
        (date(2026, 3, 1), "person_zone"),
        (date(2026, 3, 2), "source_zone"),
    ]


def test_unmatched_hours_keep_an_owner_and_a_stranger_is_the_same_in_every_source(warehouse: Warehouse) -> None:
    warehouse.deliver("hr", "people", [employee("ann")])
    warehouse.deliver("toggl", "time_entries", [worked("zoe", MONDAY, 3), {"work_date": MONDAY, "duration_us": HOUR}])
    warehouse.deliver("harvest", "time_entries", [worked("ZOE", MONDAY, 2)])
    warehouse.build("+fct_activities +dim_persons")
    rows = warehouse.rows(
        "select activities.person_key, sum(logged_hours) as hours from analyst.core.fct_activities as activities"
        " inner join analyst.core.dim_persons as persons using (person_key) where not is_resolved and is_counted group by 1"
    )
    assert sorted(row["hours"] for row in rows) == [1.0, 5.0]


def test_a_system_account_is_no_person_and_its_time_does_not_count(warehouse: Warehouse) -> None:
    warehouse.deliver("hr", "people", [employee("ann"), employee("bot", employment_type="system")])
    warehouse.deliver("toggl", "time_entries", [worked("ann", MONDAY), worked("bot", MONDAY)])
    warehouse.build("+fct_activities +dim_persons")
    assert warehouse.one("select count(distinct person_key) from analyst.core.dim_persons") == 1
    (row,) = warehouse.rows("select * from analyst.core.fct_activities where not is_counted")
    assert (row["person_key"], row["not_counted_reason"], row["logged_hours"]) == (None, "system_account", 8.0)


def spans(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    warehouse.build("+int_person_spans_resolved")
    rows = warehouse.rows("select * from state.intermediate.int_person_spans_resolved order by valid_from_date")
    return [(row["valid_from_date"], row["valid_to_date"], row["role_name"]) for row in rows]


def test_the_fact_that_starts_later_wins_where_two_overlap(warehouse: Warehouse) -> None:
    facts = [
        employee("ann", source_record_id="a", role_name="Engineer"),
        employee("ann", source_record_id="b", role_name="Lead", valid_from_date=date(2026, 2, 1)),
    ]
    warehouse.deliver("hr", "people", facts)
    assert spans(warehouse) == [
        (date(2025, 1, 1), date(2026, 1, 31), "Engineer"),
        (date(2026, 2, 1), None, "Lead"),
    ]


def test_a_hole_in_the_history_stays_a_hole(warehouse: Warehouse) -> None:
    facts = [
        employee("ann", source_record_id="a", valid_to_date=date(2025, 6, 30)),
        employee("ann", source_record_id="b", valid_from_date=date(2026, 1, 1), left_date=date(2026, 2, 28)),
    ]
    warehouse.deliver("hr", "people", facts)
    assert spans(warehouse) == [
        (date(2025, 1, 1), date(2025, 6, 30), "Engineer"),
        (date(2026, 1, 1), date(2026, 2, 28), "Engineer"),
    ]


def test_rosters_without_dates_tell_history_by_their_extractions(warehouse: Warehouse) -> None:
    """Three monthly pictures: a role changes between the first two, and the third no longer shows the person."""
    undated = {"valid_from_date": None, "valid_from_basis": "observed"}
    pictures = [
        (1, [employee("ann", role_name="Engineer", **undated), employee("bob", **undated)]),
        (2, [employee("ann", role_name="Lead", **undated), employee("bob", **undated)]),
        (3, [employee("bob", **undated)]),
    ]
    for month, rows in reversed(pictures):
        warehouse.deliver("hr", "people", rows, mode="full", extracted_at=datetime(2026, month, 5, 9, tzinfo=UTC))
    warehouse.build("+int_person_spans_resolved")
    rows_of = {
        key: [
            (row["valid_from_date"], row["valid_to_date"], row["role_name"])
            for row in warehouse.rows(
                "select * from state.intermediate.int_person_spans_resolved"
                f" where person_key = '{person_of(warehouse, key)}' order by valid_from_date"
            )
        ]
        for key in ("N-ANN", "N-BOB")
    }
    assert rows_of["N-ANN"] == [
        (date(2026, 1, 5), date(2026, 2, 4), "Engineer"),
        (date(2026, 2, 5), date(2026, 3, 4), "Lead"),
    ]
    assert rows_of["N-BOB"] == [(date(2026, 1, 5), None, "Engineer")]


def test_a_tombstone_in_an_undated_roster_closes_the_fact(warehouse: Warehouse) -> None:
    undated = {"valid_from_date": None, "valid_from_basis": "observed"}
    warehouse.deliver("hr", "people", [employee("ann", **undated)], extracted_at=datetime(2026, 1, 5, tzinfo=UTC))
    warehouse.deliver(
        "hr",
        "people",
        [employee("ann", is_deleted=True, **undated)],
        extracted_at=datetime(2026, 2, 5, tzinfo=UTC),
    )
    assert spans(warehouse) == [(date(2026, 1, 5), date(2026, 2, 4), "Engineer")]


def test_a_second_roster_fills_in_and_does_not_prolong(warehouse: Warehouse) -> None:
    """The tracker still lists somebody whom the dated roster has let go; it knows the zone, the roster the rest."""
    warehouse.deliver("hr", "people", [employee("ann", zone=None, valid_to_date=date(2026, 1, 31))])
    user = {
        "person_email": "ann@example.org",
        "valid_from_basis": "observed",
        "zone": "Asia/Kolkata",
        "role_name": "User",
        "contracted_week_us": HOUR,
    }
    warehouse.deliver("toggl", "people", [user], mode="full", extracted_at=datetime(2026, 1, 10, tzinfo=UTC))
    warehouse.build("+int_person_spans_resolved")
    rows = warehouse.rows("select * from state.intermediate.int_person_spans_resolved order by valid_from_date")
    assert [(row["valid_from_date"], row["valid_to_date"], row["zone"]) for row in rows] == [
        (date(2025, 1, 1), date(2026, 1, 9), None),
        (date(2026, 1, 10), date(2026, 1, 31), "Asia/Kolkata"),
    ]
    assert {row["role_name"] for row in rows} == {"Engineer"}
    assert {row["contracted_week_us"] for row in rows} == {40 * HOUR}


def test_names_stand_in_the_directory_file_only(warehouse: Warehouse) -> None:
    warehouse.deliver("hr", "people", [employee("ann", manager_email="boss@example.org"), employee("boss")])
    warehouse.deliver("toggl", "time_entries", [worked("zoe", MONDAY, person_name="Zoe Unknown", note="secret words")])
    connection = warehouse.build()
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'analyst'"
    ).fetchall()
    assert len(tables) > 20
    for schema, table in tables:
        text = connection.execute(
            f"select string_agg(cast(columns(*) as varchar), ' ') from analyst.{schema}.{table}"
        ).fetchone()
        words = " ".join(filter(None, text or ())).lower()
        assert not {word for word in ("ann@", "zoe", "boss@", "secret") if word in words}, table
    names = warehouse.rows("select person_name from directory.core.dim_person_names")
    assert {row["person_name"] for row in names} == {"Ann", "Boss", "Zoe Unknown"}


def test_a_key_cannot_be_made_from_an_address_or_number(tmp_path: Path) -> None:
    """Another secret, other keys for the same people; what is known of a person does not lead to the key."""
    keys: dict[str, set[str]] = {}
    for salt in ("one", "two"):
        warehouse = Warehouse(tmp_path / salt)
        warehouse.set_policy(person_key_salt=salt)
        warehouse.deliver("hr", "people", [employee("ann"), employee("bob")])
        strangers = [{"person_email": "cy@example.org"}, {"person_number": "7"}, {"person_source_id": "u1"}]
        strangers += [{"person_name": "Dora"}]
        warehouse.deliver("toggl", "time_entries", [{"work_date": MONDAY, **stranger} for stranger in strangers])
        warehouse.build("+int_actors_matched")
        keys[salt] = {
            row["person_key"] for row in warehouse.rows("select person_key from state.intermediate.int_actors_matched")
        }
        warehouse.close()
    assert len(keys["one"]) == len(keys["two"]) == 6
    assert not keys["one"] & keys["two"]
