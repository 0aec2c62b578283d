"""What dbt reads: streams are typed whether or not a file feeds them; reference files are checked by header."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from data_contracts.errors import WorkledgerError
from data_contracts.load import load_streams
from orchestration.gap_thresholds import THRESHOLDS
from orchestration.reference import check_reference
from orchestration.settings import GapRule, Policy
from orchestration.warehouse import gap_thresholds, prepare_warehouse
from orchestration.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "workledger.yaml").write_text("zone: Europe/Berlin\n")
    (tmp_path / "reference").mkdir()
    return Workspace(tmp_path)


def _prepare(workspace: Workspace, files: dict[str, list[Path]] | None = None) -> Path:
    state = workspace.root / "state.duckdb"
    prepare_warehouse(
        state, workspace, as_of=date(2026, 11, 20), stream_files=files or {}, delivery_streams=[], problems=[]
    )
    return state


def test_a_stream_without_files_is_typed_and_empty(workspace: Workspace) -> None:
    with duckdb.connect(str(_prepare(workspace))) as con:
        for name, contract in load_streams().items():
            described = con.execute(f"describe streams.{name}").fetchall()
            assert [(row[0], row[1]) for row in described] == [(c.name, c.type) for c in contract.columns]
            assert con.execute(f"select count(*) from streams.{name}").fetchone() == (0,)


def test_a_file_without_a_later_column_reads_as_null(workspace: Workspace, tmp_path: Path) -> None:
    old = tmp_path / "old.parquet"
    duckdb.sql(f"copy (select 's' as source, 'r' as source_record_id, 'Billing' as project_name) to '{old}'")
    with duckdb.connect(str(_prepare(workspace, {"projects": [old]}))) as con:
        row = con.execute("select project_name, fee_amount, typeof(fee_amount) from streams.projects").fetchone()
    assert row == ("Billing", None, "DECIMAL(18,4)")


def test_holidays_are_those_of_the_places_in_the_roster(workspace: Workspace, tmp_path: Path) -> None:
    roster = tmp_path / "roster.parquet"
    duckdb.sql(f"copy (select 'DE-BY' as place, date '2026-01-01' as valid_from_date) to '{roster}'")
    (workspace.reference / "extra_holidays.csv").write_text(
        "place,holiday_date,holiday_name\nDE-BY,2026-12-24,Company day\nDE,2026-12-31,Of all Germans\n"
    )
    with duckdb.connect(str(_prepare(workspace, {"people": [roster]}))) as con:
        held = "select holiday_date from workspace.holidays where place"
        days = con.execute(f"{held} = 'DE-BY' and year(holiday_date) = 2026").fetchall()
        elsewhere = con.execute(f"{held} <> 'DE-BY'").fetchall()
    assert (date(2026, 1, 6),) in days  # Epiphany: Bavaria, not all of Germany
    assert (date(2026, 12, 24),) in days
    assert (date(2026, 12, 31),) in days
    assert elsewhere == [(date(2026, 12, 31),)]


def test_a_reference_file_that_does_not_convert_is_named(workspace: Workspace) -> None:
    (workspace.reference / "extra_holidays.csv").write_text("place,holiday_date\nDE,tomorrow\n")
    with pytest.raises(WorkledgerError, match=r"extra_holidays\.csv"):
        _prepare(workspace)


def test_unknown_reference_files_and_columns_are_named(workspace: Workspace) -> None:
    (workspace.reference / "people_croswalk.csv").write_text("source\n")
    (workspace.reference / "targets.csv").write_text("team,utilisation_target_ratio\n")
    found = [str(problem) for problem in check_reference(workspace.reference)]
    assert any("Did you mean 'people_crosswalk.csv'" in problem for problem in found)
    assert any("'team' is not known" in problem and "row 1" in problem for problem in found)


ACCEPTED = "rule,source,person,team,start_date,end_date,accepted_by,reason,accepted_until\n"


def test_an_acceptance_says_who_why_and_until_when(workspace: Workspace) -> None:
    file = workspace.reference / "accepted_gaps.csv"
    file.write_text(ACCEPTED + "unlogged_days,,,Support,2026-01-01,,lead@example.org,Night shifts,2026-06-30\n")
    assert check_reference(workspace.reference) == []
    with duckdb.connect(str(_prepare(workspace))) as con:
        row = con.execute(
            "select rule, team, person, start_date, accepted_until from workspace.accepted_gaps"
        ).fetchone()
    assert row == ("unlogged_days", "Support", None, date(2026, 1, 1), date(2026, 6, 30))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("unlogged_days,,,,,,,Night shifts,2026-06-30", "accepted_by is empty"),
        ("unlogged_days,,,,,,lead@example.org, ,2026-06-30", "reason is empty"),
        ("unlogged_days,,,,,,lead@example.org,Night shifts,", "accepted_until is empty"),
        (",,,,,,lead@example.org,Night shifts,2026-06-30", "rule is empty"),
        ("unloged_days,,,,,,lead@example.org,Night shifts,2026-06-30", "Did you mean 'unlogged_days'"),
    ],
)
def test_an_acceptance_that_lacks_something_is_an_error_with_its_row(
    workspace: Workspace, line: str, said: str
) -> None:
    (workspace.reference / "accepted_gaps.csv").write_text(f"{ACCEPTED}{line}\n")
    (problem,) = check_reference(workspace.reference)
    assert said in str(problem)
    assert "accepted_gaps.csv, row 2" in str(problem)
    with pytest.raises(WorkledgerError, match="row 2"):
        _prepare(workspace)


SCHEDULES = "work_schedule,cycle_start_date,cycle_day,hours,is_worked_on_holidays\n"


def test_a_schedule_is_a_whole_cycle(workspace: Workspace) -> None:
    rows = "Crew A,2026-01-05,2,0,\nCrew B,2026-01-06,1,7.6,true\ncrew a,2026-01-05,1,12,\n"
    (workspace.reference / "work_schedules.csv").write_text(SCHEDULES + rows)
    assert check_reference(workspace.reference) == []
    with duckdb.connect(str(_prepare(workspace))) as con:
        found = con.execute("from workspace.work_schedules order by work_schedule, cycle_day").fetchall()
    assert found[1] == ("Crew B", date(2026, 1, 6), 1, Decimal("7.6"), True)


@pytest.mark.parametrize(
    ("second", "row", "said"),
    [
        ("crew a ,2026-01-05,1,8,", 3, "day 1 of the cycle is in row 2 already"),
        ("Crew A,2026-01-05,3,8,", 2, "says nothing of day 2"),
        ("Crew A,2026-01-06,2,8,", 3, "its cycle begins on 2026-01-06 here"),
        ("Crew A,2026-01-05,0,8,", 3, "'0' is no day of a cycle"),
        ("Crew A,2026-01-05,two,8,", 3, "'two' is no day of a cycle"),
        ("Crew A,2026-01-05,2,25,", 3, "'25' are no hours of a day"),
        ('Crew A,2026-01-05,2,"7,5",', 3, "'7,5' are no hours of a day"),
        ("Crew A,2026-01-05,2,,", 3, "hours is empty"),
    ],
)
def test_a_schedule_that_leaves_a_day_open_is_an_error_with_its_row(
    workspace: Workspace, second: str, row: int, said: str
) -> None:
    (workspace.reference / "work_schedules.csv").write_text(f"{SCHEDULES}Crew A,2026-01-05,1,8,\n{second}\n")
    (problem,) = check_reference(workspace.reference)
    assert said in str(problem)
    assert f"work_schedules.csv, row {row}" in str(problem)
    with pytest.raises(WorkledgerError, match=f"row {row}"):
        _prepare(workspace)


def test_only_what_is_shared_of_annotations_is_there(workspace: Workspace) -> None:
    workspace.annotations.mkdir(parents=True)
    for number, (period, more) in enumerate(
        (("2026-10", {}), ("2026-10", {"is_shared": True}), ("2026-10-07", {"is_shared": True}))
    ):
        said = {"person_key": "k", "period": period, "measure": "counted_hours", "text": f"said {number}", **more}
        path = workspace.annotations / f"{number + 1:06d}.json"
        path.write_text(json.dumps({**said, "annotated_at": "2026-11-01T08:00:00+00:00"}))
    with duckdb.connect(str(_prepare(workspace))) as con:
        rows = con.execute(
            "select annotation_number, period_kind, period_date, annotation from workspace.annotations order by 1"
        ).fetchall()
    assert rows == [(2, "month", date(2026, 10, 1), "said 1"), (3, "week", date(2026, 10, 7), "said 2")]


def test_the_first_line_that_names_a_limit_holds_for_its_sources() -> None:
    lines = [
        GapRule(rule="short_exports", source="toggl", owner="ops"),
        GapRule(rule="gap_short_exports", source="toggl", thresholds={"scatters": 6}),
        GapRule(rule="short_exports", thresholds={"scatters": 5, "long_percent": 200}),
        GapRule(rule="short_exports", source="jira", thresholds={"scatters": 7}),
    ]
    told = {
        (row["threshold"], row["source"]): row["value"]
        for row in gap_thresholds(Policy(gaps=lines), ("toggl", "jira"))
        if row["rule"] == "short_exports"
    }
    default = {limit.name: limit.default for limit in THRESHOLDS if limit.rule == "short_exports"}
    assert told == {
        ("scatters", None): 5,
        ("scatters", "toggl"): 6,
        ("short_percent", None): default["short_percent"],
        ("long_percent", None): 200,
        ("smallest_hours", None): default["smallest_hours"],
    }
