"""Gap rules that hold what a source delivers against its own past and against other sources, and their quiet neighbours."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.warehouse.people_rows import employee, worked
from tests.warehouse.warehouse_build import HOUR, Warehouse

FIRST, TUESDAY, FRIDAY = date(2025, 12, 1), date(2026, 3, 24), date(2026, 3, 27)
MONDAY = date(2026, 3, 2)
HOLIDAY = date(2026, 3, 18)
#: source → (people, first day of its history, hours of a person by day where they are not eight)
EXPORTS: dict[str, tuple[int, date, dict[date, float]]] = {
    "cut": (6, FIRST, {TUESDAY: 0, date(2026, 3, 25): 2}),
    "twice": (6, FIRST, {TUESDAY: 16}),
    # Nobody misses 16 hours of a source of two, nor a fall that lies within what is usual, nor a day without a past.
    "small": (2, FIRST, {TUESDAY: 0}),
    "lower": (6, FIRST, {TUESDAY: 6}),
    # Six of eight hours are short for a source that asks for 80 per cent, and whose 12 hours of everybody matter.
    "strict": (6, FIRST, {TUESDAY: 6}),
    "young": (6, date(2026, 2, 2), {TUESDAY: 0}),
    "on_leave": (6, FIRST, {TUESDAY: 0}),
    # Hours are put in at the end of each month: 29 to 31 December, 28 to 30 January, 25 to 27 February, and 27 March again.
    "month_end": (
        6,
        FIRST,
        dict.fromkeys(
            (
                *(date(2025, 12, day) for day in (29, 30, 31)),
                *(date(2026, 1, day) for day in (28, 29, 30)),
                *(date(2026, 2, day) for day in (25, 26, 27)),
                FRIDAY,
            ),
            16,
        ),
    ),
    # Three days of grace before the extraction without coverage, on the 25th: the 24th may still be logged.
    "not_yet": (6, FIRST, {TUESDAY: 0}),
}


def log_days(warehouse: Warehouse, source: str, people: list[str], first: date, hours: dict[date, float]) -> None:
    """Eight hours of each person on each working day up to 27 March, or ``hours``; nothing on the holiday."""
    days = {HOLIDAY: 0.0, **hours}
    with warehouse._writer() as connection:
        connection.execute("create or replace temp table other(work_date date, duration_us bigint)")
        connection.executemany("insert into other values (?, ?)", [(day, round(h * HOUR)) for day, h in days.items()])
        connection.execute(
            "insert into streams.time_entries by name select $source as source, $source as delivery_id, false as is_deleted,"
            " 'day' as date_precision, row_number() over () as _row, person || day as source_record_id,"
            " person || '@example.org' as person_email, day::date as work_date,"
            f" coalesce(other.duration_us, {8 * HOUR}) as duration_us"
            " from unnest($people) as people(person), generate_series($first::timestamp, timestamp '2026-03-27', interval 1 day)"
            " as days(day) left join other on other.work_date = day::date"
            " where isodow(day) <= 5 and coalesce(other.duration_us, 1) > 0",
            {"source": source, "people": people, "first": first},
        )


def fill_exports(warehouse: Warehouse) -> None:
    warehouse.insert("workspace.holidays", {"place": "DE", "holiday_date": HOLIDAY, "holiday_name": "Founders' day"})
    for source, (count, first, hours) in EXPORTS.items():
        people = [f"{source}_{number}" for number in range(count)]
        warehouse.source(source, owner=f"{source}@example.org")
        extracted = datetime(2026, 3, 25 if source == "not_yet" else 31, 12, tzinfo=UTC)
        coverage = None if source == "not_yet" else (first, FRIDAY)
        warehouse.deliver(source, "time_entries", [], coverage=coverage, extracted_at=extracted)
        warehouse.deliver("hr", "people", [employee(name) for name in people])
        log_days(warehouse, source, people, first, hours)
    own = {"rule": "short_exports", "source": "strict"}
    for limit, value in (("short_percent", 80), ("smallest_hours", 12)):
        warehouse.insert("workspace.gap_thresholds", {**own, "threshold": limit, "value": value})
    away = [{"person_email": f"on_leave_{number}@example.org"} for number in range(6)]
    warehouse.deliver("hr", "absences", [{**row, "start_date": TUESDAY, "end_date": TUESDAY} for row in away])


def fill_rates(warehouse: Warehouse) -> None:
    """Engineers have a cost rate, one designer her own. That of analysts ended in February, as did the bill rate of project P."""
    warehouse.source("rates", owner="finance@example.org")
    rate = {"rate_type": "cost", "valid_from_date": date(2025, 1, 1), "hourly_rate_amount": 50, "currency": "EUR"}
    ended = {**rate, "valid_to_date": date(2026, 2, 28)}
    rates = [
        {**rate, "role_name": "Engineer"},
        {**rate, "person_email": "own_rate@example.org"},
        {**ended, "role_name": "Analyst"},
        {**ended, "role_name": "Engineer", "rate_type": "bill", "project_code": "P"},
    ]
    warehouse.deliver("rates", "rates", rates)
    people = [employee("lapsed", role_name="Analyst"), employee("own_rate", role_name="Designer"), employee("billed")]
    warehouse.deliver("hr", "people", people)
    warehouse.source("tracker")
    on_project = {"project_code": "P", "is_billable": True}
    rows = [
        *(
            worked(name, day)
            for name in ("lapsed", "own_rate")
            for day in (date(2026, 2, 27), MONDAY, date(2026, 3, 3))
        ),
        worked("billed", date(2026, 2, 27), 7, **on_project),
        worked("billed", MONDAY, 5, **on_project),
        worked("billed", MONDAY, 3, project_code="P", is_billable=False),
        worked("billed", date(2026, 3, 3), project_code="without bill rates", is_billable=True),
        # On no roster: told by unmatched_people.
        worked("stranger", MONDAY),
    ]
    warehouse.deliver("tracker", "time_entries", rows)


#: source → (rhythm, day of its newest tasks, whether its time comes on, project of its tasks)
LISTS: dict[str, tuple[str | None, date, bool, str | None]] = {
    "board": ("weekly", date(2026, 3, 9), True, None),
    # Its turn is the 23rd, and two working days more are allowed: time of the 25th is within it.
    "board_in_time": ("weekly", date(2026, 3, 16), True, None),
    "board_without_rhythm": (None, date(2026, 1, 5), True, None),
    "board_silent": ("weekly", date(2026, 2, 2), False, "Q"),
    "plan": ("monthly", date(2026, 2, 2), True, "Q"),
    "plan_of_idle_project": ("monthly", date(2026, 2, 2), True, "idle"),
}


def fill_lists(warehouse: Warehouse) -> None:
    """Time on the boards' own tasks up to 25 March, and on project Q by another source."""
    warehouse.deliver("hr", "people", [employee("maker")])
    for source, (rhythm, day, is_alive, project) in LISTS.items():
        warehouse.source(source, rhythm=rhythm)
        moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        task = {"source_record_id": "1", "project_code": project, "created_at": moment}
        warehouse.deliver(source, "tasks", [task], extracted_at=moment)
        on_tasks = [worked("maker", date(2026, 3, 25), 2, task_source_id="1")] if project is None else []
        if is_alive:
            warehouse.deliver(source, "time_entries", on_tasks)
    warehouse.deliver("tracker", "time_entries", [worked("maker", date(2026, 3, 25), 3, project_code="Q")])


def fill_statements(warehouse: Warehouse) -> None:
    """The timesheet has authority over the tool."""
    for source in ("sheet", "second_sheet"):
        warehouse.insert("workspace.authority", {"source": source, "priority": 1})
    tuesday, wednesday = date(2026, 3, 3), date(2026, 3, 4)
    stated: dict[str, list[tuple[str, date, float]]] = {
        "apart": [("sheet", MONDAY, 8), ("tool", MONDAY, 4), ("sheet", tuesday, 8), ("tool", tuesday, 6)],
        "near": [("sheet", MONDAY, 8), ("tool", MONDAY, 6)],
        "next_morning": [("sheet", MONDAY, 8), ("tool", MONDAY, 4), ("sheet", tuesday, 4), ("tool", tuesday, 8)],
        "other_days": [("sheet", MONDAY, 8), ("tool", MONDAY, 8), ("sheet", tuesday, 8), ("tool", wednesday, 8)],
        "two_sheets": [("sheet", MONDAY, 4), ("second_sheet", MONDAY, 4), ("tool", MONDAY, 8)],
    }
    warehouse.deliver("hr", "people", [employee(name) for name in stated])
    for source in ("sheet", "second_sheet", "tool"):
        warehouse.source(source)
        rows = [worked(name, day, h) for name, days in stated.items() for by, day, h in days if by == source]
        warehouse.deliver(source, "time_entries", rows)


@pytest.fixture(scope="module")
def built(module_warehouse: Warehouse) -> Warehouse:
    """As of Tuesday 31 March."""
    for fill in (fill_exports, fill_rates, fill_lists, fill_statements):
        fill(module_warehouse)
    rules = ("short_exports", "stale_rates", "task_data_older_than_time", "sources_disagree")
    module_warehouse.build(" ".join(f"+gap_{rule}" for rule in rules))
    return module_warehouse


def gaps(built: Warehouse, rule: str, *columns: str) -> list[tuple[Any, ...]]:
    rows = built.rows(
        f"select {', '.join(columns)} from state.gaps.gap_{rule} order by source, start_date, hours_at_stake"
    )
    return [tuple(row.values()) for row in rows]


def test_days_far_from_what_a_source_is_used_to(built: Warehouse) -> None:
    assert gaps(built, "short_exports", "source", "start_date", "end_date", "hours_at_stake", "owner", "detail") == [
        (
            *("cut", TUESDAY, date(2026, 3, 25), 84.0, "cut@example.org"),
            "2 working days with 12 hours, where about 96 are usual",
        ),
        (
            "strict",
            TUESDAY,
            TUESDAY,
            12.0,
            "strict@example.org",
            "1 working day with 36 hours, where about 48 are usual",
        ),
        ("twice", TUESDAY, TUESDAY, 48.0, "twice@example.org", "1 working day with 96 hours, where about 48 are usual"),
    ]


def test_remedies_differ_by_direction(built: Warehouse) -> None:
    (short,), _, (long,) = gaps(built, "short_exports", "remedy")
    assert "Export these days again" in short
    assert "came twice" in long


def test_hours_without_a_valid_rate_by_kind_and_role(built: Warehouse) -> None:
    assert gaps(built, "stale_rates", "source", "start_date", "end_date", "hours_at_stake", "owner", "detail") == [
        (
            *("rates", MONDAY, MONDAY, 5.0, "finance@example.org"),
            "Engineer: no bill rate is valid on days with hours of 1 person",
        ),
        (
            *("rates", MONDAY, date(2026, 3, 3), 16.0, "finance@example.org"),
            "Analyst: no cost rate is valid on days with hours of 1 person",
        ),
    ]


def test_tasks_that_stopped_while_time_on_them_goes_on(built: Warehouse) -> None:
    columns = ("source", "start_date", "end_date", "hours_at_stake", "owner", "detail")
    assert gaps(built, "task_data_older_than_time", *columns) == [
        (
            *("board", date(2026, 3, 10), date(2026, 3, 25), 2.0, "source owner"),
            "The newest tasks are of 2026-03-09, time on them is logged up to 2026-03-25",
        ),
        (
            *("plan", date(2026, 2, 3), date(2026, 3, 25), 3.0, "source owner"),
            "The newest tasks are of 2026-02-02, time on them is logged up to 2026-03-25",
        ),
    ]
    assert built.rows("select source from state.gaps.gap_silent_sources") == [{"source": "board_silent"}]


def test_weeks_for_which_two_sources_state_another_time(built: Warehouse) -> None:
    assert gaps(built, "sources_disagree", "source", "start_date", "end_date", "hours_at_stake", "detail") == [
        ("tool", MONDAY, date(2026, 3, 3), 6.0, "tool has 10.0 hours, where 16.0 count on the same 2 days")
    ]
