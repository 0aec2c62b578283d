"""What a format's SQL may do, judged before it runs."""

from __future__ import annotations

import duckdb
import pytest

from connectors.expressions import IMPURE, check_expression, check_select, referred_columns, referred_options
from data_contracts.errors import WorkledgerError

TABLES = frozenset({"export"})


@pytest.mark.parametrize(
    "sql",
    [
        '"Start date"',
        "'instant'",
        "local_to_utc(parse_timestamp(\"Day\" || ' ' || \"Time\"), option('zone'))",
        "case when \"A\" = '1' then 'x' else unreadable('a', \"A\") end -- says why",
        "list_transform(string_split(\"Tags\", ','), lambda tag: trim(tag))[1]",
    ],
)
def test_scalar_expressions_pass(sql: str) -> None:
    check_expression(sql, "here")


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("(select max(x) from export)", "subquery"),
        ("row_number() over ()", "window"),
        ('"A", "B"', "more than one expression"),
        ('"A" as b', "more than one expression"),
        ('"A" from export', "more than one expression"),
        ("1; select 2", "more than one statement"),
        ("1; drop table export", "Only SELECT"),
        ("*", "star"),
        ("now()", "not a function of the delivery"),
        ("random()", "not a function of the delivery"),
        ("?", "parameter"),
        ("1 +", "cannot be read"),
    ],
)
def test_anything_else_is_refused(sql: str, complaint: str) -> None:
    with pytest.raises(WorkledgerError, match=complaint):
        check_expression(sql, "here")


@pytest.mark.parametrize(
    "sql",
    [
        "select * from export where \"Kind\" = 'log'",
        "with logs as (select *, row_number() over (order by _row) as n from export) select * from logs",
        "select * from (unpivot export on a, b into name kind value amount)",
    ],
)
def test_relational_selects_pass(sql: str) -> None:
    check_select(sql, TABLES, "here")


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("select * from read_csv('/etc/passwd')", "table function"),
        ("select * from '/etc/passwd'", "table '/etc/passwd'"),
        ("select * from other.export", "table 'export'"),
        ("select * from _quarantine", "table '_quarantine'"),
        ("select cast(_row as varchar) from export", "cast"),
        ("drop table export", "Only SELECT"),
        ("select 1; select 2", "more than one statement"),
        ("select now() from export", "not a function of the delivery"),
    ],
)
def test_other_selects_are_refused(sql: str, complaint: str) -> None:
    with pytest.raises(WorkledgerError, match=complaint):
        check_select(sql, TABLES, "here")


def test_columns_and_options_are_found() -> None:
    sql = 'parse_date_time("Start date" || "Start time" || "Start date", option(\'date_format\'))'
    assert referred_columns(sql) == ("Start date", "Start time")
    assert referred_options(sql) == ("date_format",)


def test_every_impure_function_of_duckdb_is_known() -> None:
    names = duckdb.sql(
        "select distinct function_name from duckdb_functions() where stability <> 'CONSISTENT'"
    ).fetchall()
    assert {name for (name,) in names} <= IMPURE
