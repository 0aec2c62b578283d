"""Every gap rule finds what it is for and leaves alone what it is not. One warehouse, a person or two a rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import md5
from typing import Any

import pytest

from tests.warehouse.people_rows import employee, worked
from tests.warehouse.warehouse_build import HOUR, PROJECT, Warehouse

FEBRUARY_2 = date(2026, 2, 2)
HOLIDAY = date(2026, 3, 18)


def workdays(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        if day.isoweekday() <= 5 and day != HOLIDAY:
            yield day
        day += timedelta(days=1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def interval(name: str, start: datetime, end: datetime, **values: Any) -> dict[str, Any]:
    return {
        "person_email": f"{name}@example.org",
        "date_precision": "instant",
        "started_at": start,
        "ended_at": end,
        "duration_us": round((end - start).total_seconds() * 1e6),
        **values,
    }


def key_of(*parts: str) -> str:
    """The key of a gap, as macros/keys.sql makes it."""
    return md5("\x1f".join(parts).encode(), usedforsecurity=False).hexdigest()


def fill(warehouse: Warehouse) -> None:
    """As of Tuesday 31 March, three days of grace: Saturday 28 is the last day that can be missed."""
    warehouse.source("toggl", owner="tracking")
    warehouse.source("hr")
    warehouse.insert("workspace.holidays", {"place": "DE", "holiday_date": HOLIDAY, "holiday_name": "Founders' day"})
    names = ("ann", "bob", "cy", "dee", "eve", "fay", "gus", "ida")
    people = [employee(name) for name in names]
    people += [
        employee("hal", contracted_week_us=None),
        employee("joy", source_record_id="joy a", valid_to_date=date(2026, 2, 10)),
        employee("joy", source_record_id="joy b", valid_from_date=date(2026, 3, 2)),
    ]
    warehouse.deliver("hr", "people", people, mode="full")
    full = list(workdays(FEBRUARY_2, date(2026, 3, 31)))

    def logged(name: str, missing: set[date], until: date = date(2026, 3, 31)) -> list[dict[str, Any]]:
        return [worked(name, day) for day in full if day not in missing and day <= until]

    # Friday 13 and Monday 16 March are missed. The leave on Tuesday is none of it, nor the last days, within grace.
    rows = logged(
        "ann", {date(2026, 3, 13), date(2026, 3, 16), date(2026, 3, 17), date(2026, 3, 30), date(2026, 3, 31)}
    )
    # Stopped in the middle of March and is missed until the grace begins.
    rows += logged("bob", set(), until=date(2026, 3, 20))
    # Logs once a month, on five days in all: not a habit.
    rows += [worked("cy", day) for day in (full[0], full[12], full[20], full[30], full[40])]
    rows += [worked("dee", day) for day in full if day != date(2026, 3, 4)]
    rows += [worked("dee", date(2026, 3, 4), 25)]
    # Covered by a weekly sheet instead of a day's entry.
    rows += logged("eve", set(workdays(date(2026, 3, 9), date(2026, 3, 15))))
    rows.append(
        {
            "person_email": "eve@example.org",
            "date_precision": "period",
            "period_start_date": date(2026, 3, 9),
            "period_end_date": date(2026, 3, 15),
            "duration_us": 40 * HOUR,
        }
    )
    day = date(2026, 3, 5)
    rows += [
        interval("fay", at(day, 8), at(day, 12)),
        interval("fay", at(day, 9), at(day, 10)),
        interval("fay", at(day, 11), at(day, 13)),
        interval("fay", at(date(2026, 3, 6), 8), at(date(2026, 3, 6), 10)),
        interval("fay", at(date(2026, 3, 6), 9, 59), at(date(2026, 3, 6), 11)),
    ]
    rows += [worked("hal", date(2026, 3, 2), 6), worked("joy", date(2026, 2, 3)), worked("joy", date(2026, 2, 20), 5)]
    rows += [worked("joy", date(2025, 12, 30), 3)]
    rows += [worked("stranger", date(2026, 3, 3), 4), {"work_date": date(2026, 3, 4), "duration_us": 30 * HOUR}]
    rows += [worked("ida", date(2026, 3, 3), 4), worked("ida", date(2026, 3, 4), duration_us=None)]
    rows += [worked("ida", date(2027, 3, 3), 7), {"person_email": "ida@example.org", "duration_us": 2 * HOUR}]
    logged_in = warehouse.deliver(
        "toggl",
        "time_entries",
        rows,
        rows_quarantined=2,
        coverage=(date(2026, 3, 23), date(2026, 3, 29)),
        us_read=10_000 * HOUR,
        us_loaded=9_997 * HOUR,
    )
    warehouse.deliver("jira", "time_entries", [worked("ida", date(2026, 3, 3), 3), worked("ida", date(2026, 3, 6), 8)])
    leave = {"person_email": "ann@example.org", "start_date": date(2026, 3, 17), "end_date": date(2026, 3, 17)}
    warehouse.deliver("hr", "absences", [leave])
    warehouse.insert(
        "workspace.problems",
        {
            "source": "toggl",
            "file_name": "march.csv",
            "rule": "rejected",
            "severity": "blocks",
            "detail": "no column Duration",
            "remedy": "Export again.",
            "first_seen_at": at(date(2026, 3, 30), 8),
            "delivery_id": "0d" * 8,
        },
        {"source": "toggl", "file_name": "march.csv", "rule": "rows_quarantined", "severity": "warns", "remedy": "-"},
    )
    file = key_of("salt", "file", "march.csv")
    rejected = key_of("delivery_problems", "toggl", file, "rejected", "no column Duration")
    quarantined = key_of("quarantined_rows", "toggl", "time_entries", logged_in)
    for key, opened, closed in (
        (rejected, FEBRUARY_2, date(2026, 2, 10)),
        (rejected, date(2026, 3, 30), None),
        (quarantined, FEBRUARY_2, date(2026, 2, 10)),
    ):
        warehouse.insert("workspace.gap_spells", {"gap_key": key, "opened_date": opened, "closed_date": closed})


@pytest.fixture(scope="module")
def built(module_warehouse: Warehouse) -> Warehouse:
    fill(module_warehouse)
    module_warehouse.turn_off("seldom_logged_weeks")
    module_warehouse.build(tests=True)
    return module_warehouse


def gaps(built: Warehouse, rule: str) -> list[dict[str, Any]]:
    return built.rows(
        "select coalesce(names.person_name, names.person_email) as person, gaps.* from analyst.core.fct_gaps as gaps"
        " left join directory.core.dim_person_names as names using (person_key)"
        f" where rule = '{rule}' order by person nulls first, start_date, gap_key"
    )


def brief(rows: list[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in rows]


def test_unlogged_days_are_runs_of_working_days_past_the_grace(built: Warehouse) -> None:
    rows = gaps(built, "unlogged_days")
    assert brief(rows, "person", "start_date", "end_date", "hours_at_stake") == [
        ("Ann", date(2026, 3, 13), date(2026, 3, 16), 16.0),
        ("Bob", date(2026, 3, 23), date(2026, 3, 27), 40.0),
    ]
    assert rows[0]["detail"] == "2 working days without counted hours"


def test_unmatched_people_are_told_by_source_with_their_hours(built: Warehouse) -> None:
    rows = gaps(built, "unmatched_people")
    assert brief(rows, "person", "source", "hours_at_stake", "owner") == [
        (None, "toggl", 30.0, "tracking"),
        ("stranger@example.org", "toggl", 4.0, "tracking"),
    ]


def test_more_hours_than_the_day_has(built: Warehouse) -> None:
    rows = gaps(built, "over_24_hours")
    assert brief(rows, "person", "start_date", "hours_at_stake") == [("Dee", date(2026, 3, 4), 25.0)]


def test_overlaps_count_what_runs_beside_anything_before_it(built: Warehouse) -> None:
    """08–12, 09–10 and 11–13 overlap by two hours; one minute on the next day is within tolerance."""
    rows = gaps(built, "overlapping_entries")
    assert brief(rows, "person", "start_date", "hours_at_stake") == [("Fay", date(2026, 3, 5), 2.0)]


def test_two_sources_that_both_count_on_a_day(built: Warehouse) -> None:
    rows = gaps(built, "competing_sources")
    assert brief(rows, "person", "start_date", "end_date", "hours_at_stake") == [
        ("Ida", date(2026, 3, 3), date(2026, 3, 3), 3.0)
    ]


def test_unknown_contract_hours(built: Warehouse) -> None:
    rows = gaps(built, "unknown_capacity")
    assert brief(rows, "person", "end_date", "hours_at_stake") == [("Hal", date(2026, 3, 31), 6.0)]


def test_people_on_the_roster_whom_no_source_shows(built: Warehouse) -> None:
    rows = gaps(built, "roster_without_activity")
    assert brief(rows, "person") == [("Gus",)]
    assert rows[0]["hours_at_stake"] > 300


def test_hours_outside_employment_by_stretch(built: Warehouse) -> None:
    rows = gaps(built, "activity_outside_employment")
    assert brief(rows, "person", "start_date", "end_date", "hours_at_stake") == [
        ("Joy", date(2026, 2, 20), date(2026, 2, 20), 5.0)
    ]


def test_dates_that_cannot_be(built: Warehouse) -> None:
    rows = gaps(built, "misdated_activities")
    assert set(brief(rows, "source", "start_date", "hours_at_stake")) == {
        ("toggl", date(2027, 3, 3), 7.0),
        ("toggl", None, 2.0),
    }


def test_entries_without_a_duration(built: Warehouse) -> None:
    rows = gaps(built, "missing_durations")
    assert brief(rows, "person", "source", "start_date", "hours_at_stake", "detail") == [
        ("Ida", "toggl", date(2026, 3, 4), None, "1 entry without a duration")
    ]


def test_what_the_ledger_tells(built: Warehouse) -> None:
    (problem,) = gaps(built, "delivery_problems")
    # Neither the file's name nor what is wrong with it: both may name a person.
    told = "rejected: delivery 0d0d0d0d0d0d0d0d: could not be read"
    assert (problem["severity"], problem["detail"]) == ("blocks", told)
    (rows,) = gaps(built, "quarantined_rows")
    assert (rows["hours_at_stake"], rows["source"]) == (3.0, "toggl")


def test_a_gap_keeps_its_key(built: Warehouse) -> None:
    keys = [row["gap_key"] for row in built.rows("select gap_key from analyst.core.fct_gaps")]
    assert len(keys) == len(set(keys)) > 10


def test_a_gap_says_since_when_it_is_known(built: Warehouse) -> None:
    """What was gone in between is open since it came back; what no earlier version found is new as of today."""
    dates = "first_seen_date", "open_since_date"
    assert brief(gaps(built, "delivery_problems"), *dates) == [(FEBRUARY_2, date(2026, 3, 30))]
    assert brief(gaps(built, "quarantined_rows"), *dates) == [(FEBRUARY_2, date(2026, 3, 31))]
    assert brief(gaps(built, "over_24_hours"), *dates) == [(date(2026, 3, 31), date(2026, 3, 31))]


def test_the_persons_week_shows_the_days_missing_in_it(built: Warehouse) -> None:
    rows = built.rows(
        "select person_name, week_start_date, unlogged_day_count, unlogged_hours from analyst.marts.mart_gaps__person_week"
        " inner join directory.core.dim_person_names using (person_key) where unlogged_day_count > 0 order by all"
    )
    assert brief(rows, *rows[0]) == [
        ("Ann", date(2026, 3, 9), 1, 8.0),
        ("Ann", date(2026, 3, 16), 1, 8.0),
        ("Bob", date(2026, 3, 23), 5, 40.0),
    ]


def test_a_silent_day_of_a_source_is_seen(built: Warehouse) -> None:
    rows = built.rows(
        "select activity_date, is_silent, counted_hours from analyst.marts.mart_gaps__source_day"
        " where source = 'jira' and activity_date between date '2026-03-03' and date '2026-03-08' order by 1"
    )
    assert [row["is_silent"] for row in rows] == [False, True, True, False, False, False]


def test_the_mart_rows_of_people_with_gaps_are_not_complete(built: Warehouse) -> None:
    rows = built.rows(
        "select person_name, bool_or(is_complete) as ever, bool_and(is_complete) as always"
        " from analyst.marts.mart_utilisation__person_week inner join directory.core.dim_person_names using (person_key)"
        " where week_start_date between date '2026-02-02' and date '2026-03-23' group by 1"
    )
    complete = {row["person_name"]: (row["ever"], row["always"]) for row in rows}
    assert complete["Ann"] == (True, False)
    assert complete["Cy"] == (True, False)
    assert complete["Hal"] == (False, False)
    assert complete["Gus"] == (False, False)


def test_rows_that_could_not_be_read_touch_the_weeks_of_who_logs_there(built: Warehouse) -> None:
    rows = built.rows(
        "select week_start_date, gap_count, is_complete from analyst.marts.mart_utilisation__person_week"
        " inner join directory.core.dim_person_names using (person_key)"
        " where person_name = 'Cy' and week_start_date between date '2026-03-16' and date '2026-03-23' order by 1"
    )
    assert brief(rows, "gap_count", "is_complete") == [(0, True), (1, False)]


def test_no_gap_model_is_forgotten() -> None:
    models = PROJECT / "models"
    united = (models / "core" / "fct_gaps.sql").read_text(encoding="utf-8")
    for path in (models / "gaps").glob("gap_*.sql"):
        assert f"ref('{path.stem}')" in united
