"""Gaps as checks: the ones that block stop publication, the others are counted and travel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.checks.expected import expected_checks
from orchestration.checks.gaps import KnownGap, gap_results
from orchestration.settings import CheckRule


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A build with three gaps that warn, 8 hours known at stake."""
    path = tmp_path / "state.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema gaps")
        connection.execute(
            "create table gaps.gap_unlogged_days("
            "gap_key varchar, severity varchar, source varchar, person_key varchar, start_date date, end_date date,"
            "hours_at_stake double, owner varchar, detail varchar, remedy varchar)"
        )
        add_gaps(connection, ("warns", 8.0), ("warns", None), ("warns", None))
    return path


def add_gaps(connection: duckdb.DuckDBPyConnection, *gaps: tuple[str, float | None]) -> None:
    for severity, hours in gaps:
        connection.execute(
            "insert into gaps.gap_unlogged_days by name select uuid()::varchar as gap_key, ? as severity,"
            " 'toggl' as source, ?::double as hours_at_stake, 'Ops' as owner, 'Nothing logged' as detail",
            [severity, hours],
        )


def outcome(
    state: Path, manifest: dict[str, Any], policy: dict[str, CheckRule] | None = None
) -> tuple[str, int | None]:
    expected = expected_checks({}, manifest, policy)
    (found,), _ = gap_results(state, manifest, expected, "run")
    return found.status, found.rows_failed


def test_gaps_that_warn_do_not_fail_the_check_and_are_known(state: Path, manifest: dict[str, Any]) -> None:
    found, known = gap_results(state, manifest, expected_checks({}, manifest), "run")
    assert [(check.status, check.observed) for check in found] == [("passed", "3 gaps, 0 count")]
    assert known == [KnownGap("unlogged_days", "warns", 3, 8.0)]


def test_a_gap_that_blocks_fails_the_check(state: Path, manifest: dict[str, Any]) -> None:
    with duckdb.connect(str(state)) as connection:
        add_gaps(connection, ("blocks", 1))
    assert outcome(state, manifest) == ("failed", 1)


def test_what_blocks_is_shown_where_it_is_and_whose(state: Path, manifest: dict[str, Any]) -> None:
    with duckdb.connect(str(state)) as connection:
        add_gaps(connection, ("blocks", 1))
    (found,), _ = gap_results(state, manifest, expected_checks({}, manifest), "run")
    assert found.sample == ({"source": "toggl", "hours_at_stake": 1.0, "owner": "Ops", "detail": "Nothing logged"},)
    assert found.detail == "Nothing logged"


@pytest.mark.parametrize("severity", ["blocks", "warns"])
def test_where_policy_speaks_every_gap_counts(state: Path, manifest: dict[str, Any], severity: str) -> None:
    assert outcome(state, manifest, {"gap_unlogged_days": CheckRule(severity=severity)}) == ("failed", 3)


def test_a_gap_model_that_was_not_built_is_an_error(state: Path, manifest: dict[str, Any]) -> None:
    with duckdb.connect(str(state)) as connection:
        connection.execute("drop table gaps.gap_unlogged_days")
    assert outcome(state, manifest) == ("errored", None)


def accept(tmp_path: Path, state: Path, severity: str) -> Path:
    """A file for analysts in which the gaps of one severity are accepted."""
    analyst = tmp_path / "analyst.duckdb"
    with duckdb.connect(str(analyst)) as connection:
        connection.execute(f"attach '{state}' as state (read_only)")
        connection.execute("create schema core")
        connection.execute(
            "create table core.fct_gaps as"
            " select gap_key, severity, severity = ? as is_accepted from state.gaps.gap_unlogged_days",
            [severity],
        )
    return analyst


def test_an_accepted_gap_blocks_nothing_and_is_counted_apart(
    state: Path, manifest: dict[str, Any], tmp_path: Path
) -> None:
    with duckdb.connect(str(state)) as connection:
        add_gaps(connection, ("blocks", 1))
    expected = expected_checks({}, manifest)
    (found,), known = gap_results(state, manifest, expected, "run", accept(tmp_path, state, "blocks"))
    assert (found.status, found.observed, found.sample) == ("passed", "3 gaps, 0 count, 1 accepted", ())
    assert known == [KnownGap("unlogged_days", "blocks", 0, None, 1), KnownGap("unlogged_days", "warns", 3, 8.0, 0)]


def test_accepting_some_gaps_does_not_accept_the_others(state: Path, manifest: dict[str, Any], tmp_path: Path) -> None:
    with duckdb.connect(str(state)) as connection:
        add_gaps(connection, ("blocks", 1))
    analyst = accept(tmp_path, state, "warns")
    (found,), _ = gap_results(state, manifest, expected_checks({}, manifest), "run", analyst)
    assert (found.status, found.rows_failed) == ("failed", 1)
    every = expected_checks({}, manifest, {"gap_unlogged_days": CheckRule(severity="blocks")})
    (found,), _ = gap_results(state, manifest, every, "run", analyst)
    assert (found.status, found.rows_failed) == ("failed", 1)


def test_the_severity_of_the_list_counts_which_policy_may_have_changed(
    state: Path, manifest: dict[str, Any], tmp_path: Path
) -> None:
    analyst = accept(tmp_path, state, "nothing")
    with duckdb.connect(str(analyst)) as connection:
        connection.execute("update core.fct_gaps set severity = 'blocks' where rowid = 0")
    (found,), known = gap_results(state, manifest, expected_checks({}, manifest), "run", analyst)
    assert (found.status, found.rows_failed, len(found.sample)) == ("failed", 1, 1)
    assert [(gap.severity, gap.gaps) for gap in known] == [("blocks", 1), ("warns", 2)]


@pytest.mark.parametrize(
    "built", ["create table t(i int)", "create schema core; create table core.fct_gaps(gap_key varchar)"]
)
def test_where_the_list_of_gaps_was_not_built_all_of_them_count(
    state: Path, manifest: dict[str, Any], tmp_path: Path, built: str
) -> None:
    with duckdb.connect(str(state)) as connection:
        add_gaps(connection, ("blocks", 1))
    analyst = tmp_path / "analyst.duckdb"
    with duckdb.connect(str(analyst)) as connection:
        connection.execute(built)
    (found,), _ = gap_results(state, manifest, expected_checks({}, manifest), "run", analyst)
    assert (found.status, found.rows_failed) == ("failed", 1)
