"""Macros read what people write, and fail on what they cannot read instead of giving NULL or 0."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.workbench import MACROS

HOUR = 3_600_000_000


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(MACROS.read_text(encoding="utf-8"))
    return connection


def value(con: duckdb.DuckDBPyConnection, expression: str) -> object:
    row = con.execute(f"select {expression}").fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("parse_duration('01:30:00')", 3 * HOUR // 2),
        ("parse_duration('1:30')", 3 * HOUR // 2),
        ("parse_duration('-0:30:00')", -HOUR // 2),
        ("parse_duration('100:00:00.5')", 100 * HOUR + 500_000),
        ("parse_duration('1.25')", 5 * HOUR // 4),
        ("parse_hours('7,5')", 15 * HOUR // 2),
        ("parse_hours('0.1')", HOUR // 10),
        ("parse_hours('2.000,5', ',')", 2000 * HOUR + HOUR // 2),
        ("parse_hours('1,234', '.')", 1234 * HOUR),
        ("cast(parse_decimal('1,234.50') as varchar)", "1234.500000000"),
        ("cast(parse_decimal('1.234,50', ',') as varchar)", "1234.500000000"),
        ("parse_date('2026-01-31')", date(2026, 1, 31)),
        ("parse_date('31.01.2026', ['%Y-%m-%d', '%d.%m.%Y'])", date(2026, 1, 31)),
        ("parse_timestamp('2026-01-31 9:05')", datetime(2026, 1, 31, 9, 5)),
        ("parse_date_time('01/31/2026 9:05 PM', '%m/%d/%Y')", datetime(2026, 1, 31, 21, 5)),
        ("parse_date_time('2026-01-31 21:05:06', '%Y-%m-%d')", datetime(2026, 1, 31, 21, 5, 6)),
        ("parse_instant('2026-01-31T10:00:00+0200')", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        ("parse_instant('2026-01-31T10:00:00.000 -03:30')", datetime(2026, 1, 31, 13, 30, tzinfo=UTC)),
        ("parse_instant('2026-07-31 10:00', 'Europe/Berlin')", datetime(2026, 7, 31, 8, tzinfo=UTC)),
        ("parse_instant('2026-07-31 10:00Z', 'Europe/Berlin')", datetime(2026, 7, 31, 10, tzinfo=UTC)),
        ("utc_offset_of('2026-01-31T10:00:00-0330')", -210),
        ("utc_offset_of('2026-01-31T10:00:00Z')", 0),
        ("utc_offset_of('2026-01-31T10:00:00')", None),
        ("parse_boolean('Yes')", True),
        ("parse_boolean(' off ')", False),
        ("iso_duration('PT1H30M')", 3 * HOUR // 2),
        ("iso_duration('P1DT2H')", 26 * HOUR),
        ("worded_duration('1d 2h', 8)", 10 * HOUR),
        ("worded_duration('1 Week, 1 day', 7.5)", 45 * HOUR),
        ("worded_duration('1w', 8, 4)", 32 * HOUR),
        ("worded_duration('1 hour 30 minutes', 8)", 3 * HOUR // 2),
        ("worded_duration('45 min 36 sec', 8)", 76 * HOUR // 100),
        ("worded_duration('1.5h', 8)", 3 * HOUR // 2),
        ("unit_duration('0.25', 8)", 2 * HOUR),
        ("seconds_us('36000')", 10 * HOUR),
        ("minutes_us('90')", 3 * HOUR // 2),
        ("empty_to_null('  ')", None),
    ],
)
def test_reads(con: duckdb.DuckDBPyConnection, expression: str, expected: object) -> None:
    assert value(con, expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "parse_duration('1:75')",
        "parse_duration('')",
        "parse_duration('eight')",
        "parse_hours('1,234')",
        "parse_hours('20,0', '.')",
        "parse_hours('nan')",
        "parse_decimal('12,34')",
        "parse_decimal('1.2', null)",
        "parse_date('2026-02-30')",
        "parse_date('13/15/2024', '%m/%d/%Y')",
        "parse_date('infinity')",
        "parse_timestamp('yesterday')",
        "parse_timestamp('2026-01-31T10:00:00+02:00')",
        "parse_instant('2026-01-31 10:00')",
        "parse_boolean('maybe')",
        "iso_duration('P1M')",
        "worded_duration('', 8)",
        "worded_duration('3', 8)",
        "worded_duration('2h 1d', 8)",
        "worded_duration('1.2.3h', 8)",
        "worded_duration('a while', 8)",
        "unit_duration('two', 8)",
        "seconds_us('8s')",
        "unreadable('status', 'odd')",
    ],
)
def test_unreadable_text_fails(con: duckdb.DuckDBPyConnection, expression: str) -> None:
    with pytest.raises((duckdb.ConversionException, duckdb.InvalidInputException)):
        value(con, expression)


@pytest.mark.parametrize(
    "call",
    [
        "parse_duration(t)",
        "parse_hours(t)",
        "parse_hours(t, ',')",
        "parse_decimal(t)",
        "parse_decimal(t, ',')",
        "parse_date(t)",
        "parse_date(t, '%Y')",
        "parse_timestamp(t)",
        "parse_date_time(t, '%Y-%m-%d')",
        "parse_instant(t)",
        "parse_instant(t, 'Europe/Berlin')",
        "utc_offset_of(t)",
        "parse_boolean(t)",
        "iso_duration(t)",
        "worded_duration(t, 8)",
        "unit_duration(t, 8)",
        "seconds_us(t)",
        "empty_to_null(t)",
        "unreadable('x', t)",
        "local_to_utc(cast(t as timestamp), 'Europe/Berlin')",
    ],
)
def test_null_stays_null(con: duckdb.DuckDBPyConnection, call: str) -> None:
    assert con.execute(f"select {call} from (values (cast(null as varchar))) as texts(t)").fetchone() == (None,)


@settings(max_examples=200, deadline=None)
@given(
    local=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2037, 1, 1)),
    zone=st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll", "Asia/Kolkata"]
    ),
)
def test_local_time_is_the_earlier_reading_and_moves_forward_in_a_gap(local: datetime, zone: str) -> None:
    check_against_zoneinfo([local], zone)


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"]
)
def test_every_quarter_hour_of_two_years_agrees_with_zoneinfo(zone: str) -> None:
    start = datetime(2011, 1, 1)
    check_against_zoneinfo([start + timedelta(minutes=15 * step) for step in range(4 * 24 * 730)], zone)


def check_against_zoneinfo(locals_: list[datetime], zone: str) -> None:
    """zoneinfo with fold=0 keeps the same rule: earlier of two, offset before the gap."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(MACROS.read_text(encoding="utf-8"))
    epoch = datetime(1970, 1, 1)
    micros = [(local - epoch) // timedelta(microseconds=1) for local in locals_]
    got = connection.execute(
        "select list_transform(?::bigint[], lambda us: epoch_us(local_to_utc(make_timestamp(us), ?)))", [micros, zone]
    ).fetchone()
    origin = datetime(1970, 1, 1, tzinfo=UTC)
    expected = [
        (local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC) - origin) // timedelta(microseconds=1)
        for local in locals_
    ]
    assert got is not None
    assert got[0] == expected
