"""The command line in this process: what it prints, its exit codes, and one paragraph for whatever goes wrong."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.cli.main import main
from orchestration.workspace import ENVIRONMENT

Captured = pytest.CaptureFixture[str]
PUBLISHED = """
create schema core;
create schema audit;
create table core.fct_gaps (gap_key varchar, owner varchar, rule varchar, severity varchar, scope varchar, source varchar,
    person_key varchar, team_key varchar, project_key varchar, start_date date, end_date date, first_seen_date date,
    open_since_date date, hours_at_stake double, detail varchar, remedy varchar, is_accepted boolean);
create table core.dim_teams (team_key varchar, team_name varchar);
create table core.dim_projects (project_key varchar, project_code varchar, project_name varchar);
create table audit.checks as select 'gap_unlogged_days' as rule, 'gaps.gap_unlogged_days' as table_name;
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with an empty published file."""
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    (tmp_path / "workledger.yaml").touch()
    current = tmp_path / "published" / "current"
    current.mkdir(parents=True)
    with duckdb.connect(str(current / "analyst.duckdb")) as connection:
        connection.execute(PUBLISHED)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run a command; its exit code."""
    monkeypatch.setattr("sys.argv", ["workledger", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def rows_of(workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured, sql: str) -> Any:
    assert run(monkeypatch, "query", sql, "--format", "json", "-w", str(workspace)) == 0

    def refuse(text: str) -> None:
        raise AssertionError(f"{text} is not JSON")

    return json.loads(capsys.readouterr().out, parse_constant=refuse)


def test_what_is_no_number_in_json_is_null(workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    sql = "select 'nan'::double as a, 'inf'::double as b, ['-inf'::float] as c, 1.5 as d"
    assert rows_of(workspace, monkeypatch, capsys, sql) == [{"a": None, "b": None, "c": [None], "d": 1.5}]


def test_columns_of_one_name_are_told_apart(workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    assert rows_of(workspace, monkeypatch, capsys, "select 1 as a, 2 as a, 3 as a") == [{"a": 1, "a_1": 2, "a_2": 3}]


def test_no_rows_are_an_empty_array(workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    assert rows_of(workspace, monkeypatch, capsys, "select 1 as a where false;") == []


def test_brackets_in_a_value_are_text(workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    assert run(monkeypatch, "query", "select '[/no] [bold]b :smile:' as \"[/x]\"", "-w", str(workspace)) == 0
    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == ["[/x]", "[/no] [bold]b :smile:"]


def test_truth_in_csv_is_as_in_sql(workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    run(monkeypatch, "query", "select true as a, null as b, 'x,y' as c", "--format", "csv", "-w", str(workspace))
    assert list(csv.reader(capsys.readouterr().out.splitlines())) == [["a", "b", "c"], ["true", "", "x,y"]]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("", "holds no statements"),
        ("  ;", "holds no statements"),
        ("select 1; select 2", "holds 2 statements"),
        ("selec 1", 'syntax error at or near "selec" (line 1: selec 1)'),
        ("select error('boom')", "boom"),
        ("create table x as select 1", "read-only"),
    ],
)
def test_wrong_sql_is_one_line(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured, sql: str, said: str
) -> None:
    assert run(monkeypatch, "query", sql, "-w", str(workspace)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_a_misspelt_gap_rule_is_no_all_clear(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    assert run(monkeypatch, "gaps", "--rule", "unloged_days", "-w", str(workspace)) == 1
    assert "'unlogged_days'" in capsys.readouterr().err
    for name in ("unlogged_days", "gap_unlogged_days"):
        assert run(monkeypatch, "gaps", "--rule", name, "-w", str(workspace)) == 0
        assert "No gaps." in capsys.readouterr().out


def test_limits_inside_a_rule_are_listed_with_what_holds_here(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    line = "policy: {gaps: [{rule: unlogged_days, thresholds: {smallest_days: 9}}]}\n"
    (workspace / "workledger.yaml").write_text(line)
    assert run(monkeypatch, "gaps", "--limits", "--rule", "unlogged_days", "--json", "-w", str(workspace)) == 0
    told = {limit["threshold"]: (limit["value"], limit["default"]) for limit in json.loads(capsys.readouterr().out)}
    assert told == {"smallest_days": (9, 5), "logged_percent": (50, 50)}
    assert run(monkeypatch, "gaps", "--limits", "--rule", "unloged_days", "-w", str(workspace)) == 1
    assert "'unlogged_days'" in capsys.readouterr().err


def test_gaps_are_a_worklist_of_each_owner_that_says_whom_it_is_about_and_what_it_leaves_out(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    current = workspace / "published" / "current"
    with duckdb.connect(str(current / "analyst.duckdb")) as connection:
        connection.execute("insert into core.dim_projects values ('p', 'ACME-1', 'Roll-out')")
        connection.execute(
            "insert into core.fct_gaps by name select 'g' || range as gap_key, 'contributor' as owner, 'unlogged_days' as rule,"
            " 'k' || range as person_key, range::double as hours_at_stake, false as is_accepted from range(12)"
            " union all by name select 'g' as gap_key, 'ops' as owner, 'unmatched_projects' as rule, 'p' as project_key,"
            " 1.0 as hours_at_stake, false as is_accepted"
        )
    with duckdb.connect(str(current / "directory.duckdb")) as connection:
        connection.execute("create schema core")
        connection.execute(
            "create table core.dim_person_names as select 'k11' as person_key, 'Ann Example' as person_name"
        )
    assert run(monkeypatch, "gaps", "-w", str(workspace)) == 0
    told = capsys.readouterr().out
    assert "Ann Example" in told
    assert "k10" in told
    assert "k1 " not in told
    assert "… and 2 more: add --owner 'contributor' --limit 12" in told
    assert "ACME-1" in told
    assert run(monkeypatch, "gaps", "-w", str(workspace), "--owner", "contributor", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert [gap["person_key"] for gap in listed] == [f"k{number}" for number in range(11, -1, -1)]
    (current / "directory.duckdb").unlink()
    assert run(monkeypatch, "gaps", "-w", str(workspace)) == 0
    assert "k11" in capsys.readouterr().out


def test_nothing_published_has_its_exit_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    (tmp_path / "workledger.yaml").touch()
    assert run(monkeypatch, "query", "select 1", "-w", str(tmp_path)) == 4
    assert "workledger refresh" in capsys.readouterr().err


def test_the_workspace_may_be_named_before_the_command(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv(ENVIRONMENT, "/nowhere")
    assert run(monkeypatch, "-w", str(workspace), "query", "select 1 as a", "--format", "csv") == 0
    assert capsys.readouterr().out == "a\n1\n"


def test_the_config_file_is_no_workspace(workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    assert run(monkeypatch, "status", "-w", str(workspace / "workledger.yaml")) == 1
    assert capsys.readouterr().err.endswith(f"Name the folder: {workspace}\n")


def test_a_file_where_a_folder_is_expected_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    (tmp_path / "taken").touch()
    assert run(monkeypatch, "init", str(tmp_path / "taken" / "below")) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "A file lies where a folder is expected" in line


def test_an_unusable_ledger_is_one_line(workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    (workspace / "published" / "current" / "analyst.duckdb").unlink()
    (workspace / "published" / "current").rmdir()
    (workspace / "data" / "ledger.db").mkdir(parents=True)
    assert run(monkeypatch, "status", "-w", str(workspace)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "ledger" in line


def test_a_check_that_does_not_exist_is_told_before_anything_is_built(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    (workspace / "workledger.yaml").write_text("policy: {checks: {unlogged_days: blocks}}\n")
    for command in ("check", "refresh"):
        assert run(monkeypatch, command, "-w", str(workspace)) == 1
        assert "Did you mean 'gap_unlogged_days'?" in capsys.readouterr().err
    assert not (workspace / "data" / "runs").exists()


@pytest.mark.parametrize("command", [("rollback", ""), ("verify", ""), ("pin", "")])
def test_an_empty_name_is_no_version(
    command: tuple[str, ...], workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    assert run(monkeypatch, *command, "-w", str(workspace)) == 1
    assert "There is no version ''" in capsys.readouterr().err
