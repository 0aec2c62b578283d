"""A source is silent when its export is overdue against its own rhythm; weekends and holidays raise nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.warehouse.people_rows import employee, worked
from tests.warehouse.warehouse_build import Warehouse

GOOD_FRIDAY, EASTER_MONDAY = date(2026, 4, 3), date(2026, 4, 6)
OWNER = "tracking@example.org"
#: source → (rhythm, mode, newest coverage's end or None, day of the newest extraction)
SOURCES: dict[str, tuple[str | None, str, date | None, date]] = {
    "hourly": ("hourly", "changes", None, date(2026, 3, 26)),
    "daily": ("daily", "changes", None, date(2026, 3, 26)),
    "daily_friday": ("daily", "changes", None, date(2026, 3, 27)),
    "daily_saturday": ("daily", "changes", None, date(2026, 3, 28)),
    "daily_covered": ("daily", "window", date(2026, 3, 26), date(2026, 3, 27)),
    "daily_de": ("daily", "changes", None, date(2026, 4, 2)),
    "daily_us": ("daily", "changes", None, date(2026, 4, 2)),
    "daily_without_people": ("daily", "full", None, date(2026, 4, 2)),
    "weekly_covered": ("weekly", "window", date(2026, 3, 22), date(2026, 3, 23)),
    "weekly_until_friday": ("weekly", "window", date(2026, 3, 20), date(2026, 3, 20)),
    "weekly_on_thursdays": ("weekly", "changes", None, date(2026, 3, 26)),
    "monthly_covered": ("monthly", "window", date(2026, 2, 28), date(2026, 3, 2)),
    "monthly_ahead": ("monthly", "window", date(2026, 3, 31), date(2026, 3, 10)),
    "monthly_last_day": ("monthly", "full", None, date(2026, 3, 31)),
    "monthly_on_the_25th": ("monthly", "full", None, date(2026, 3, 25)),
    "no_rhythm": (None, "changes", date(2025, 1, 1), date(2025, 1, 2)),
}


@pytest.fixture(scope="module")
def warehouse_of_sources(module_warehouse: Warehouse) -> Warehouse:
    """Everything that gap_silent_sources reads, but the days that depend on as_of."""
    warehouse = module_warehouse
    for place in ("DE", "GB"):
        for day in (GOOD_FRIDAY, EASTER_MONDAY):
            warehouse.insert("workspace.holidays", {"place": place, "holiday_date": day, "holiday_name": "Easter"})
    warehouse.source("hr")
    people = [employee("ann", place="DE-BY"), employee("bob", place="US"), employee("cy", place="GB")]
    warehouse.deliver("hr", "people", people, mode="full")
    for source, (rhythm, mode, covered, extracted) in SOURCES.items():
        warehouse.source(source, rhythm=rhythm, mode=mode, owner=OWNER)
        name = "ann" if source == "daily_de" else "bob"
        rows = [] if source == "daily_without_people" else [worked(name, date(2026, 3, 19), 8)]
        coverage = (covered.replace(day=1), covered) if covered else None
        moment = datetime(extracted.year, extracted.month, extracted.day, 9, tzinfo=UTC)
        warehouse.deliver(source, "time_entries", rows, mode=mode, coverage=coverage, extracted_at=moment)
        older = moment - timedelta(days=40)
        warehouse.deliver(source, "time_entries", [], mode=mode, extracted_at=older)
    warehouse.source("never_delivered", rhythm="daily")
    warehouse.source("hours_stopped", rhythm="weekly", owner=OWNER)
    for number, streams in ((2, ("time_entries", "tasks")), (9, ("time_entries", "tasks")), (30, ("tasks",))):
        for stream in streams:
            rows = [worked("bob", date(2026, 3, number), 8)] if stream == "time_entries" else [{"project_code": "P"}]
            moment = datetime(2026, 3, number, 18, tzinfo=UTC)
            warehouse.deliver("hours_stopped", stream, rows, extracted_at=moment)
    warehouse.build("+gap_silent_sources")
    return warehouse


def silent(warehouse: Warehouse, as_of: date) -> dict[str, dict[str, Any]]:
    """Gaps by source, as of a day."""
    warehouse.close()
    with warehouse._writer() as connection:
        connection.execute("update workspace.as_of set as_of_date = ?", [as_of])
    warehouse.build("int_calendar_days dim_dates gap_silent_sources")
    return {row["source"]: row for row in warehouse.rows("select * from state.gaps.gap_silent_sources")}


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        # Thursday's is the newest of two: Friday's may still come on Friday, and nobody misses it at the weekend.
        (date(2026, 3, 27), set()),
        (date(2026, 3, 28), set()),
        (date(2026, 3, 29), set()),
        # On Monday Friday's is missing. A weekly window until the 22nd has until Tuesday, the second working day.
        (date(2026, 3, 30), {"hourly", "daily"}),
        (date(2026, 3, 31), {"hourly", "daily", "daily_friday", "daily_saturday", "daily_covered"}),
        (
            date(2026, 4, 1),
            {"hourly", "daily", "daily_friday", "daily_saturday", "daily_covered"}
            | {"weekly_covered", "weekly_until_friday"},
        ),
    ],
)
def test_exports_are_missed_once_they_are_due(warehouse_of_sources: Warehouse, as_of: date, expected: set[str]) -> None:
    assert set(silent(warehouse_of_sources, as_of)) == {*expected, "hours_stopped"}


EARLIER = {
    *("hourly", "daily", "daily_friday", "daily_saturday", "daily_covered"),
    *("weekly_covered", "weekly_until_friday"),
}


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        # The turn of the Thursday export is 2 April; it has the next working day, and only Americans work on Good Friday.
        (GOOD_FRIDAY, EARLIER),
        (date(2026, 4, 5), EARLIER),
        (EASTER_MONDAY, {*EARLIER, "daily_us", "weekly_on_thursdays"}),
        (date(2026, 4, 7), {*EARLIER, "daily_us", "weekly_on_thursdays"}),
        # The fifth working day of April, for Americans, is the 7th: March is overdue on the 8th. Germans miss the 7th then.
        (
            date(2026, 4, 8),
            {
                *EARLIER,
                "daily_us",
                "weekly_on_thursdays",
                "daily_de",
                "daily_without_people",
                "monthly_covered",
                "monthly_ahead",
            },
        ),
        # The roster of the 25th has its next turn on 25 April, a Saturday: Monday is the working day after, Tuesday is late.
        (
            date(2026, 4, 27),
            {*SOURCES} - {"no_rhythm", "monthly_last_day", "monthly_on_the_25th"},
        ),
        (date(2026, 4, 28), {*SOURCES} - {"no_rhythm", "monthly_last_day"}),
    ],
)
def test_holidays_are_those_of_the_people_whom_the_source_knows(
    warehouse_of_sources: Warehouse, as_of: date, expected: set[str]
) -> None:
    assert set(silent(warehouse_of_sources, as_of)) == {*expected, "hours_stopped"}


def test_hours_that_stop_are_missed_although_tasks_go_on(warehouse_of_sources: Warehouse) -> None:
    gap = silent(warehouse_of_sources, date(2026, 3, 30))["hours_stopped"]
    assert gap["detail"] == "The newest export reaches to 2026-03-09; the next weekly one was due by 2026-03-17"


def test_a_gap_says_since_when_what_it_costs_whose_it_is_and_what_to_do(warehouse_of_sources: Warehouse) -> None:
    gap = silent(warehouse_of_sources, date(2026, 4, 1))["daily"]
    assert (gap["start_date"], gap["end_date"]) == (date(2026, 3, 27), date(2026, 4, 1))
    assert (gap["owner"], gap["severity"], gap["scope"]) == (OWNER, "warns", "source")
    assert gap["detail"] == "The newest export reaches to 2026-03-26; the next daily one was due by 2026-03-27"
    assert "workledger.yaml" in gap["remedy"]
    # 8 hours on 20 working days up to the 26th; four days (27, 30, 31, 1) are silent.
    assert gap["hours_at_stake"] == pytest.approx(8 * 4 / 20)


def test_a_gap_keeps_its_key_while_it_lasts(warehouse_of_sources: Warehouse) -> None:
    keys = {silent(warehouse_of_sources, day)["daily"]["gap_key"] for day in (date(2026, 3, 30), date(2026, 4, 8))}
    assert len(keys) == 1


def test_policy_says_which_working_day(warehouse_of_sources: Warehouse) -> None:
    warehouse_of_sources.set_policy(monthly_due_working_day=9)
    try:
        found = silent(warehouse_of_sources, date(2026, 4, 10))
        assert "monthly_covered" not in found
        assert "daily" in found
    finally:
        warehouse_of_sources.set_policy(monthly_due_working_day=5)


@pytest.fixture(scope="module")
def every_day(warehouse_of_sources: Warehouse) -> Iterator[list[tuple[date, set[str]]]]:
    days = [date(2026, 4, 9) + timedelta(days=number) for number in range(6)]
    yield [(day, set(silent(warehouse_of_sources, day))) for day in days]


def test_what_is_silent_stays_silent_and_a_weekend_adds_nothing(every_day: list[tuple[date, set[str]]]) -> None:
    for (_, before), (day, now) in pairwise(every_day):
        assert before <= now
        if day.isoweekday() > 5:
            assert before == now


def test_the_weeks_of_who_logs_in_a_silent_source_are_not_complete(warehouse: Warehouse) -> None:
    """As of Tuesday 31 March; the tracker fell silent after Thursday 19 March. Cy left it for another in January."""
    warehouse.source("hr")
    warehouse.source("tracker", rhythm="daily")
    warehouse.source("other", rhythm="daily")
    warehouse.deliver("hr", "people", [employee("ann"), employee("bob"), employee("cy")], mode="full")
    thursday = datetime(2026, 3, 19, 18, tzinfo=UTC)
    rows = [worked("ann", date(2026, 3, 18), 8), worked("cy", date(2026, 1, 8), 8)]
    warehouse.deliver("tracker", "time_entries", rows, extracted_at=thursday)
    warehouse.deliver("other", "time_entries", [worked(name, date(2026, 3, 18), 8) for name in ("bob", "cy")])
    warehouse.turn_off("seldom_logged_weeks")
    warehouse.build("+mart_utilisation__person_week +dim_person_names")
    weeks = warehouse.rows(
        "select person_name, week_start_date, gap_count > 0 as has_gaps from analyst.marts.mart_utilisation__person_week"
        " inner join directory.core.dim_person_names using (person_key)"
        " where week_start_date in (date '2026-03-09', date '2026-03-16') order by 1, 2"
    )
    assert [(row["person_name"], row["week_start_date"].day, row["has_gaps"]) for row in weeks] == [
        *(("Ann", 9, False), ("Ann", 16, True)),
        *(("Bob", 9, False), ("Bob", 16, False)),
        *(("Cy", 9, False), ("Cy", 16, False)),
    ]
