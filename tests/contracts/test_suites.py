"""Suites over real DuckDB files: each rule kind passes on good data and names the rows that break it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data_contracts.load import StreamContract, load_streams
from orchestration.checks.attached import attached
from orchestration.checks.results import CheckResult
from orchestration.checks.rules import (
    TableRules,
    all_stream_rules,
    published_rules,
    stream_rules,
)
from orchestration.checks.suites import run_suites

MART: dict[str, Any] = {
    "name": "mart_x__week",
    "alias": "mart_x__week",
    "database": "analyst",
    "schema": "marts",
    "columns": {
        "team_key": {"meta": {"classification": "internal"}},
        "person_name": {"meta": {"classification": "personal", "accepted": ["Ada Example"]}},
        "utilisation_ratio": {"meta": {"classification": "internal", "range": [0, 1]}},
    },
    "meta": {"owner": "analytics"},
}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Every stream, typed and empty, as a refresh prepares them."""
    path = tmp_path / "state.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema streams")
        for contract in load_streams().values():
            connection.execute(f"create table streams.{contract.name} ({_columns(contract)})")
        connection.execute("create schema workspace")
        connection.execute(
            "create table workspace.delivery_streams"
            "(source varchar, delivery_id varchar, stream varchar, file_name varchar, rows_loaded bigint)"
        )
    return path


@pytest.fixture
def analyst(tmp_path: Path) -> Path:
    """One published mart with one good row."""
    path = tmp_path / "analyst.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.mart_x__week as "
            "select 'red' as team_key, 'Ada Example' as person_name, 0.8::double as utilisation_ratio"
        )
    return path


def _columns(contract: StreamContract) -> str:
    return ", ".join(f'"{column.name}" {column.type}' for column in contract.columns)


def change(path: Path, sql: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


def entry(state: Path, **values: Any) -> None:
    row = {"source": "toggl", "delivery_id": "d1", "_row": 7, "date_precision": "day", **values}
    with duckdb.connect(str(state)) as connection:
        marks = ", ".join("?" for _ in row)
        connection.execute(f"insert into streams.time_entries ({', '.join(row)}) values ({marks})", list(row.values()))


def ledger(state: Path, rows_loaded: int, delivery_id: str = "d1") -> None:
    change(
        state,
        "insert into workspace.delivery_streams "
        f"values ('toggl', '{delivery_id}', 'time_entries', 'may.csv', {rows_loaded})",
    )


def checked(state: Path, more: dict[str, Path], tables: Sequence[TableRules], seconds: float = 60) -> list[CheckResult]:
    with attached({"state": state, **more}) as build:
        return run_suites(build, tables, "run", seconds)


def stream(state: Path) -> dict[str, CheckResult]:
    found = checked(state, {}, [stream_rules(load_streams()["time_entries"])])
    return {result.rule: result for result in found}


def mart(state: Path, analyst: Path, rules: TableRules | None = None) -> dict[str, CheckResult]:
    found = checked(state, {"analyst": analyst}, [rules or published_rules(MART)])
    return {result.rule: result for result in found}


def test_empty_streams_pass_and_every_rule_answers_once(state: Path) -> None:
    tables = all_stream_rules(load_streams())
    found = checked(state, {}, tables)
    assert sorted(r.rule for r in found) == sorted(rule.rule for table in tables for rule in table.rules)
    assert {result.status for result in found} == {"passed"}


def test_good_rows_and_missing_values_pass(state: Path) -> None:
    entry(state, duration_us=0, approval_status=None)
    entry(state, duration_us=3_155_760_000_000, approval_status="approved", _row=8)
    ledger(state, rows_loaded=2)
    assert {result.status for result in stream(state).values()} == {"passed"}


def test_what_great_expectations_is_spared_changes_no_outcome(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that fail and rules that pass, on columns with and without values."""
    entry(state, date_precision="weekish", duration_us=-1, approval_status="approved")
    entry(state, date_precision="day", duration_us=5, _row=8)
    ledger(state, rows_loaded=2)
    spared = {rule: replace(result, seconds=0.0) for rule, result in stream(state).items()}
    monkeypatch.setattr("orchestration.checks.suites.remembered", nullcontext)
    assert {rule: replace(result, seconds=0.0) for rule, result in stream(state).items()} == spared
    assert {result.status for result in spared.values()} == {"passed", "failed"}


def test_a_value_outside_the_accepted_ones_is_found_and_addressed(state: Path) -> None:
    ledger(state, rows_loaded=2)
    entry(state, date_precision="weekish", person_name="Ada Example", note="private words")
    entry(state)
    found = stream(state)["time_entries__date_precision__accepted"]
    assert (found.status, found.rows_failed, found.observed) == ("failed", 1, "1 of 2 rows")
    assert found.sample == (
        {
            "file_name": "may.csv",
            "source": "toggl",
            "delivery_id": "d1",
            "_row": 7,
            "date_precision": "weekish",
        },
    )
    assert "instant, day, period" in found.detail
    assert "toggl 1" in found.detail


@pytest.mark.parametrize("duration_us", [-1, 3_155_760_000_001])
def test_a_value_outside_the_range_is_found(state: Path, duration_us: int) -> None:
    entry(state, duration_us=duration_us)
    found = stream(state)["time_entries__duration_us__range"]
    assert (found.status, found.rows_failed) == ("failed", 1)
    assert found.sample[0]["duration_us"] == duration_us


@pytest.mark.parametrize(
    ("rows_loaded", "detail"),
    [
        ({"d1": 3}, "delivery d1 of toggl: ledger 3, stream 1."),
        ({"d1": 1, "d2": 5}, "delivery d2 of toggl: ledger 5, stream 0."),
        ({}, "delivery d1 of toggl: ledger 0, stream 1."),
    ],
    ids=["rows lost", "a file lost", "a delivery that does not count"],
)
def test_a_stream_that_differs_from_its_ledger_is_found(state: Path, rows_loaded: dict[str, int], detail: str) -> None:
    entry(state)
    for delivery_id, rows in rows_loaded.items():
        ledger(state, rows, delivery_id)
    found = stream(state)["time_entries__loaded"]
    assert (found.status, found.detail) == ("failed", detail)


def test_a_record_that_expands_into_rows_was_loaded_once(state: Path) -> None:
    entry(state)
    entry(state)
    ledger(state, rows_loaded=1)
    assert stream(state)["time_entries__loaded"].status == "passed"


def test_a_build_without_a_ledger_is_an_error(state: Path) -> None:
    change(state, "drop table workspace.delivery_streams")
    assert stream(state)["time_entries__loaded"].status == "errored"


def test_a_published_table_passes(state: Path, analyst: Path) -> None:
    found = mart(state, analyst)
    assert {rule: result.status for rule, result in found.items()} == {
        "mart_x__week__columns": "passed",
        "mart_x__week__classified": "failed",  # person_name in the analyst's file
        "mart_x__week__person_name__accepted": "passed",
        "mart_x__week__utilisation_ratio__range": "passed",
    }
    assert {result.owner for result in found.values()} == {"analytics"}


def test_a_ratio_out_of_range_is_found(state: Path, analyst: Path) -> None:
    change(analyst, "insert into marts.mart_x__week values ('blue', 'Ada Example', 1.2), ('red', null, 'nan')")
    found = mart(state, analyst)["mart_x__week__utilisation_ratio__range"]
    assert (found.status, found.rows_failed) == ("failed", 2)


def test_a_sample_never_shows_a_personal_column(state: Path, analyst: Path) -> None:
    change(analyst, "insert into marts.mart_x__week values ('blue', 'Bo Example', 0.5)")
    found = mart(state, analyst)["mart_x__week__person_name__accepted"]
    assert found.status == "failed"
    assert found.sample == ({"team_key": "blue"},)
    assert "Bo Example" not in repr(found)


@pytest.mark.parametrize(
    ("sql", "observed"),
    [
        ("alter table marts.mart_x__week add column hourly_rate double", "not described: hourly_rate"),
        (
            "alter table marts.mart_x__week rename column team_key to team",
            "not there: team_key; not described: team",
        ),
    ],
)
def test_columns_that_nobody_described_are_found(state: Path, analyst: Path, sql: str, observed: str) -> None:
    change(analyst, sql)
    found = mart(state, analyst)["mart_x__week__columns"]
    assert (found.status, found.observed) == ("failed", observed)


def test_a_table_that_nobody_described_is_found(state: Path, analyst: Path) -> None:
    found = mart(state, analyst, published_rules({**MART, "columns": {}}))
    assert found["mart_x__week__columns"].status == "failed"
    assert "person_name" in found["mart_x__week__columns"].observed


@pytest.mark.parametrize(
    ("audience", "column", "classification", "status"),
    [
        ("analyst", "team_key", "internal", "passed"),
        ("analyst", "person_key", "personal", "passed"),
        ("analyst", "counted_hours", "personal", "passed"),
        ("analyst", "person_name", "personal", "failed"),
        ("analyst", "email", "personal", "failed"),
        ("analyst", "assignee_source_id", "personal", "failed"),
        ("analyst", "bill_rate_amount", "confidential", "failed"),
        ("analyst", "anything", None, "failed"),
        ("directory", "person_name", "personal", "passed"),
        ("directory", "bill_rate_amount", "confidential", "failed"),
        ("finance", "bill_rate_amount", "confidential", "passed"),
        ("finance", "person_name", "personal", "failed"),
        ("finance", "note", "private", "failed"),
    ],
)
def test_each_audience_sees_what_it_may(
    state: Path, analyst: Path, audience: str, column: str, classification: str | None, status: str
) -> None:
    described = {column: {"meta": {"classification": classification} if classification else {}}}
    rules = published_rules({**MART, "database": audience, "columns": described})
    only = replace(rules, rules=tuple(rule for rule in rules.rules if rule.kind == "classified"))
    (found,) = checked(state, {audience: analyst}, [only])
    assert found.status == status
    assert (column in found.detail) is (status == "failed")


def test_a_missing_table_or_column_is_an_error_for_its_rules_only(state: Path, analyst: Path) -> None:
    change(analyst, "alter table marts.mart_x__week drop column utilisation_ratio")
    found = mart(state, analyst)
    assert found["mart_x__week__utilisation_ratio__range"].status == "errored"
    assert found["mart_x__week__person_name__accepted"].status == "passed"
    gone = mart(state, analyst, replace(published_rules(MART), table="never_built"))
    assert {result.status for result in gone.values()} == {"errored"}
    assert "never_built" in gone["mart_x__week__columns"].detail


def test_a_missing_or_damaged_file_is_an_error_for_its_tables_only(state: Path, tmp_path: Path) -> None:
    (tmp_path / "analyst.duckdb").write_bytes(b"no database" * 1000)
    for file in ("analyst.duckdb", "never.duckdb"):
        tables = [stream_rules(load_streams()["rates"]), published_rules(MART)]
        found = checked(state, {"analyst": tmp_path / file}, tables)
        assert {(result.phase, result.status) for result in found} == {("stream", "passed"), ("published", "errored")}


@pytest.mark.parametrize("break_it", [lambda: None, lambda: 1 / 0], ids=["after a run", "after an error"])
def test_the_files_are_free_afterwards(
    state: Path, analyst: Path, break_it: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.checks.suites._exception", lambda _: break_it() or "")
    with suppress(ZeroDivisionError):
        mart(state, analyst)
    for path in (state, analyst):
        duckdb.connect(str(path), config={"memory_limit": "1GB"}).close()


def test_checks_leave_no_file_behind(
    state: Path, analyst: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "cwd"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    mart(state, analyst)
    assert list(elsewhere.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["analyst.duckdb", "cwd", "state.duckdb"]


@pytest.mark.parametrize("rule", ["time_entries__loaded", "time_entries__duration_us__range"])
def test_a_check_that_hangs_is_stopped(state: Path, rule: str) -> None:
    """A stream that never ends; whichever way its rules are asked."""
    contract = load_streams()["time_entries"]
    with duckdb.connect(str(state)) as connection:
        typed = ", ".join(f'null::{column.type} as "{column.name}"' for column in contract.columns)
        connection.execute("drop table streams.time_entries")
        connection.execute(f"create view streams.time_entries as select {typed} from range(1000000000000)")
    table = stream_rules(contract)
    table = replace(table, rules=tuple(found for found in table.rules if found.rule == rule))
    (result,) = checked(state, {}, [table], 0.3)
    assert result.status == "errored"
    assert "policy.check_minutes" in result.detail


def test_who_looks_in_a_thread_of_its_own_looks_in_utc(state: Path) -> None:
    with attached({"state": state}) as build:
        assert build.connection.cursor().execute("select current_setting('timezone')").fetchone() == ("UTC",)
