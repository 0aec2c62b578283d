"""Stretches of days: nothing that changed is left out, and what has not changed is not looked for."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.built_in_part import span_of
from orchestration.touched_days import (
    APART,
    EVERY_DAY,
    WIDEST,
    ByDays,
    Changes,
    Span,
    Stretch,
    Through,
    joined,
    narrowed,
    tied,
    widened,
)

DAY = Span("day", "day")
MARTS = '"analyst"."marts"."m"'
INPUT = '"state"."intermediate"."i"'

days = st.dates(date(2020, 1, 1), date(2030, 1, 1)) | st.sampled_from([date.min, date.max])
stretches = st.lists(st.tuples(days, days).map(lambda pair: (min(pair), max(pair))), max_size=8)


def holds(within: tuple[Stretch, ...], day: date) -> bool:
    return any(first <= day <= last for first, last in within)


@given(stretches, days)
def test_joined_stretches_hold_every_day_and_lie_apart(given_: list[Stretch], day: date) -> None:
    told = joined(given_)
    assert holds(told, day) or not holds(tuple(given_), day)
    assert all(later[0] - earlier[1] > APART for earlier, later in pairwise(told))
    assert {first for first, _ in told} <= {first for first, _ in given_}
    assert {last for _, last in told} <= {last for _, last in given_}


@given(stretches, stretches)
def test_what_is_tied_to_a_stretch_is_in_one(given_: list[Stretch], ties: list[Stretch]) -> None:
    told = tied(joined(given_), ties)
    for first, last in ties:
        assert not any(first <= end and last >= start for start, end in told) or (
            holds(told, first) and holds(told, last)
        )
    assert all(holds(told, first) for first, _ in given_)
    assert bool(told) == bool(given_)


@given(stretches, st.integers(-WIDEST.days, WIDEST.days))
def test_widened_stretches_hold_what_a_row_that_reaches_into_them_speaks_of(given_: list[Stretch], away: int) -> None:
    for first, last in given_:
        for day in (first, last):
            if date.min + WIDEST <= day <= date.max - WIDEST:
                assert holds(widened(given_), day + timedelta(days=away))


@given(stretches, st.none() | days, st.none() | days)
def test_open_sides_reach_as_far_as_there_are_days(
    given_: list[Stretch], first: date | None, last: date | None
) -> None:
    condition = Span("f", "l").within(given_, may_be_open=True)
    row = duckdb.execute(f"select {condition} from (select ?::date as f, ?::date as l)", [first, last]).fetchone()
    assert row == (any((first or date.min) <= end and (last or date.max) >= start for start, end in given_),)


def test_only_inputs_that_are_named_are_narrowed() -> None:
    other = '"state"."intermediate"."o"'
    model = ByDays(DAY, {INPUT: DAY, other: DAY}, (INPUT,))
    query = narrowed(f"select * from {INPUT} join {other} using (day)", model, [(date(2026, 3, 1), date(2026, 3, 2))])
    assert f"from (from {INPUT} where" in query
    assert f"join {other} using" in query


def test_what_is_narrowed_is_narrowed_within_views_too() -> None:
    views = {'"s"."v"."outer"': 'select * from "s"."v"."inner"', '"s"."v"."inner"': f"select * from {INPUT}"}
    model = ByDays(DAY, {INPUT: DAY}, (INPUT,), views=views)
    query = narrowed('select * from "s"."v"."outer"', model, [(date(2026, 3, 1), date(2026, 3, 2))])
    assert '"s"."v"' not in query
    assert f"(from {INPUT} where" in query


class Versions:
    """An input and a table made of it, before and now."""

    def __init__(self, folder: Path) -> None:
        self.before, self.now = (
            {name: folder / when / f"{name}.duckdb" for name in ("state", "analyst")} for when in ("before", "now")
        )
        for files in (self.before, self.now):
            for path in files.values():
                path.parent.mkdir(exist_ok=True)
                duckdb.connect(str(path)).close()

    def write(self, files: dict[str, Path], rows: str) -> None:
        with duckdb.connect(str(files["state"])) as connection:
            connection.execute("create schema if not exists intermediate")
            selected = (
                f"select day::date as day, last_day::date as last_day, n from (values {rows}) as t(day, last_day, n)"
            )
            connection.execute(f"create or replace table intermediate.i as {selected}")
        with duckdb.connect(str(files["analyst"])) as connection:
            connection.execute("create schema if not exists marts; create or replace table marts.m as select 1 as n")

    def days(self, span: Span | Through | None) -> tuple[Stretch, ...]:
        with duckdb.connect() as connection:
            for name, path in self.now.items():
                connection.execute(f"attach '{path}' as {name}")
            model = ByDays(DAY, {INPUT: span})
            return Changes(connection, self.before, [model]).days_of(MARTS, model)


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    found = Versions(tmp_path)
    found.write(found.before, "(date '2026-01-05', date '2026-01-09', 1), (date '2026-06-01', null, 2)")
    return found


@pytest.mark.parametrize(
    ("now", "span", "expected"),
    [
        ("(date '2026-01-05', date '2026-01-09', 1), (date '2026-06-01', null, 2)", None, ()),
        ("(date '2026-06-01', null, 2), (date '2026-01-05', date '2026-01-09', 1)", DAY, ()),
        ("(date '2026-01-05', date '2026-01-09', 9), (date '2026-06-01', null, 2)", None, EVERY_DAY),
        (
            "(date '2026-01-05', date '2026-01-09', 9), (date '2026-06-01', null, 2)",
            DAY,
            ((date(2026, 1, 5), date(2026, 1, 5)),),
        ),
        ("(date '2026-06-01', null, 2)", Span("day", "last_day"), ((date(2026, 1, 5), date(2026, 1, 9)),)),
        (
            "(date '2026-01-05', date '2026-01-09', 1), (date '2026-06-01', null, 2), (date '2026-06-01', null, 2)",
            Span("day", "last_day"),
            ((date(2026, 6, 1), date.max),),
        ),
        (
            "(date '2026-01-05', date '2026-01-09', 1), (date '2026-08-01', null, 2)",
            DAY,
            ((date(2026, 6, 1), date(2026, 6, 1)), (date(2026, 8, 1), date(2026, 8, 1))),
        ),
        (
            "(date '2026-01-05', date '2026-01-09', 1), (date '2026-08-01', null, 2)",
            Span("day", "day", is_mark=True),
            ((date(2026, 6, 1), date(2026, 8, 1)),),
        ),
        ("(date '2026-01-05', date '2026-01-09', 1), (null, null, 2)", DAY, EVERY_DAY),
    ],
    ids=["nothing", "order", "unknown reach", "a value", "removed", "doubled, open", "moved", "mark moved", "undated"],
)
def test_what_changed_tells_the_days(
    versions: Versions, now: str, span: Span | None, expected: tuple[Stretch, ...]
) -> None:
    versions.write(versions.now, now)
    assert versions.days(span) == expected


def test_a_table_that_was_not_there_bears_on_every_day(versions: Versions) -> None:
    versions.write(versions.now, "(date '2026-01-05', date '2026-01-09', 1), (date '2026-06-01', null, 2)")
    with duckdb.connect(str(versions.before["state"])) as connection:
        connection.execute("drop table intermediate.i")
    assert versions.days(DAY) == EVERY_DAY


LASTING = Span("day", "last_day", bounds=("day", "last_day"))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("(date '2026-01-05', date '2026-03-02', 1), (date '2026-06-01', null, 2)", [("2026-01-09", "2026-03-02")]),
        (
            "(date '2026-01-05', date '2026-01-09', 1), (date '2026-06-01', date '2026-09-01', 2)",
            [("2026-09-01", None)],
        ),
        ("(date '2025-11-01', date '2026-01-09', 1), (date '2026-06-01', null, 2)", [("2025-11-01", "2026-01-05")]),
        ("(date '2026-01-05', date '2026-01-09', 5), (date '2026-06-01', null, 2)", [("2026-01-05", "2026-01-09")]),
        ("(date '2026-03-01', date '2026-03-09', 1), (date '2026-06-01', null, 2)", [("2026-01-05", "2026-03-09")]),
        (
            "(date '2026-01-05', date '2026-01-09', 1), (date '2027-01-05', date '2027-01-09', 1), (date '2026-06-01', null, 2)",
            [("2027-01-05", "2027-01-09")],
        ),
    ],
    ids=["last day", "closed", "first day", "another value", "moved away", "once more"],
)
def test_a_row_that_lasts_bears_on_the_days_that_its_ends_passed(
    versions: Versions, now: str, expected: list[tuple[str, str | None]]
) -> None:
    versions.write(versions.now, now)
    stretches = tuple(
        (date.fromisoformat(first), date.fromisoformat(last) if last else date.max) for first, last in expected
    )
    assert versions.days(LASTING) == stretches


def test_what_the_model_does_not_read_bears_on_nothing(versions: Versions) -> None:
    versions.write(versions.now, "(date '2026-01-05', date '2026-01-09', 7), (date '2026-06-01', null, 8)")
    assert versions.days(Span("day", "day", unread=("n",))) == ()
    assert versions.days(Span("day", "last_day", bounds=("last_day",), unread=("n",))) == ()


def test_a_row_without_a_first_day_bears_on_all_up_to_its_last(versions: Versions) -> None:
    """Also where it lasts: some models read it as one of no day, and all of its days are news when it gets one."""
    versions.write(versions.before, "(null, date '2026-03-20', 1)")
    versions.write(versions.now, "(date '2026-01-05', date '2026-03-20', 1)")
    assert versions.days(LASTING) == ((date.min, date(2026, 3, 20)),)


def test_a_day_that_python_does_not_know_is_the_first_or_last_that_it_knows(versions: Versions) -> None:
    versions.write(
        versions.now, "(date '0044-03-15 (BC)', date '2026-01-09', 1), (date '2026-06-01', date '19999-01-01', 2)"
    )
    assert versions.days(Span("day", "last_day"))[0][0] == date.min
    assert versions.days(LASTING)[0][0] == date.min


def test_a_row_bears_on_the_days_of_those_that_have_its_key(versions: Versions) -> None:
    """Also on those that have it no more, or only now."""
    for files, rows in ((versions.before, "(1, 10), (2, 20), (4, 40)"), (versions.now, "(1, 10), (2, 21), (3, 40)")):
        with duckdb.connect(str(files["analyst"])) as connection:
            connection.execute(
                "create schema if not exists marts; create or replace table marts.m as"
                " select date '2026-01-05' + to_months(2 * (n - 1)) as day, nullif(n, 5) as key from range(1, 6) as t(n)"
            )
            connection.execute(f"create or replace table marts.k as select * from (values {rows}) as t(key, told)")
    with duckdb.connect() as connection:
        for name, path in versions.now.items():
            connection.execute(f"attach '{path}' as {name}")
        keys = '"analyst"."marts"."k"'
        for unread, expected in (((), [3, 5, 7]), (("told",), [5, 7])):
            model = ByDays(DAY, {keys: Through("key", MARTS, "key", DAY, unread)})
            found = Changes(connection, versions.before, [model]).days_of(MARTS, model)
            connection.execute("detach before_state; detach before_analyst")
            assert [first.month for first, _ in found] == expected


def test_a_condition_leaves_out_rows_that_bear_on_no_day(versions: Versions) -> None:
    versions.write(versions.now, "(date '2026-01-05', date '2026-01-09', 7), (date '2026-06-01', null, 8)")
    condition = {"day": "day", "where": "last_day is not null"}
    assert versions.days(span_of(condition)) == ((date(2026, 1, 5), date(2026, 1, 5)),)
