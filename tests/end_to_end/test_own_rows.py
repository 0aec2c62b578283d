"""A contributor's extract: all of one's own rows, nobody else's, readable by nobody else."""

from __future__ import annotations

import csv
import json
import shutil
import stat
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.annotations import measures

from .conftest import last_json, refresh_here, run_cli

Refreshed = tuple[Path, dict[str, Any]]


@pytest.fixture(scope="module")
def people(refreshed: Refreshed) -> list[tuple[str, str, str, str]]:
    """Key, name, address and number of everybody, those with most hours first."""
    current = refreshed[0] / "published" / "current"
    with duckdb.connect(str(current / "directory.duckdb"), read_only=True) as connection:
        connection.execute(f"attach '{current / 'analyst.duckdb'}' as analyst (read_only)")
        return connection.execute(
            "select person_key, person_name, person_email, person_number from core.dim_person_names"
            " left join (select person_key, sum(logged_hours) as logged_hours from analyst.core.fct_activities group by all)"
            " using (person_key) order by logged_hours desc nulls last, person_key"
        ).fetchall()


@pytest.fixture(scope="module")
def extract(
    refreshed: Refreshed, people: list[tuple[str, str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("mine") / "rows"
    run_cli("my", "-w", str(refreshed[0]), "--person", people[0][2].upper(), "--to", str(folder))
    return folder


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_all_of_ones_own_hours_are_in_it(refreshed: Refreshed, people: list[tuple[str, ...]], extract: Path) -> None:
    analyst = refreshed[0] / "published" / "current" / "analyst.duckdb"
    with duckdb.connect(str(analyst), read_only=True) as connection:
        sql = "select count(*), sum(logged_hours) from core.fct_activities where person_key = ?"
        known = connection.execute(sql, [people[0][0]]).fetchone()
    activities = rows_of(extract / "activities.csv")
    assert known is not None and known[0] > 50
    assert (len(activities), sum(float(row["logged_hours"] or 0) for row in activities)) == pytest.approx(known)


def test_what_managers_see_of_a_team_is_in_it_of_oneself(
    refreshed: Refreshed, people: list[tuple[str, ...]], extract: Path
) -> None:
    analyst = refreshed[0] / "published" / "current" / "analyst.duckdb"
    tables = {
        "tasks": "core.fct_tasks",
        "bookings": "core.fct_allocation_days",
        "capture_by_week": "marts.mart_capture_gap__person_week",
    }
    with duckdb.connect(str(analyst), read_only=True) as connection:
        for name, table in tables.items():
            known = connection.execute(f"select count(*) from {table} where person_key = ?", [people[0][0]]).fetchone()
            assert known == (len(rows_of(extract / f"{name}.csv")),)


def test_nobody_else_is_in_it(people: list[tuple[str, ...]], extract: Path) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in extract.iterdir()).lower()
    others = {value.lower() for person in people[1:] for value in person if value and len(value) > 6}
    assert len(others) > 150
    assert [value for value in others if value in text] == []


def test_it_explains_its_measures(extract: Path) -> None:
    about = (extract / "README.md").read_text(encoding="utf-8")
    for measure in ("utilisation_ratio", "effective_capacity_hours", "counted_hours", "hours_at_stake"):
        assert f"| {measure} |" in about
    told = {
        column
        for file in extract.glob("*.csv")
        for column in file.read_text(encoding="utf-8").split("\n", 1)[0].split(",")
    }
    assert sorted(name for name in told & measures() if f"| {name} |" not in about) == []


def test_only_the_owner_of_the_files_reads_them(extract: Path) -> None:
    assert stat.S_IMODE(extract.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in extract.iterdir()} == {0o600}


def test_key_number_and_address_name_the_same_person(
    refreshed: Refreshed, people: list[tuple[str, ...]], extract: Path, tmp_path: Path
) -> None:
    for number, person in enumerate((people[0][0], people[0][3])):
        folder = tmp_path / str(number)
        run_cli("my", "-w", str(refreshed[0]), "--person", person, "--to", str(folder))
        assert (folder / "activities.csv").read_bytes() == (extract / "activities.csv").read_bytes()


@pytest.mark.parametrize("person", ["nobody@example.org", "", "%", "' or true --"])
def test_nobody_is_an_error_and_leaves_nothing(refreshed: Refreshed, tmp_path: Path, person: str) -> None:
    done = run_cli("my", "-w", str(refreshed[0]), "--person", person, "--to", str(tmp_path / "x"), expect=1)
    assert "Nobody is known as" in done.stderr
    assert not (tmp_path / "x").exists()


def test_a_folder_that_holds_something_is_left_alone(
    refreshed: Refreshed, people: list[tuple[str, ...]], tmp_path: Path
) -> None:
    (tmp_path / "note").write_text("mine")
    run_cli("my", "-w", str(refreshed[0]), "--person", people[0][0], "--to", str(tmp_path), expect=1)
    assert [path.name for path in tmp_path.iterdir()] == ["note"]


def annotated(refreshed: Refreshed, *arguments: str, expect: int = 0) -> str:
    return run_cli("annotate", "-w", str(refreshed[0]), *arguments, expect=expect).stderr


def test_what_one_says_about_a_number_comes_with_ones_own_rows_only(
    refreshed: Refreshed, people: list[tuple[str, ...]], tmp_path: Path
) -> None:
    said = "=I was at the dentist's"
    own, other = people[1], people[2]
    annotated(refreshed, "--person", own[2], "--period", "2026-10", "--measure", "utilisation_ratio", said)
    for name, person in (("own", own), ("other", other)):
        run_cli("my", "-w", str(refreshed[0]), "--person", person[0], "--to", str(tmp_path / name))
    (row,) = rows_of(tmp_path / "own" / "annotations.csv")
    assert (row["period"], row["measure"], row["text"]) == ("2026-10", "utilisation_ratio", f"'{said}")
    assert rows_of(tmp_path / "other" / "annotations.csv") == []
    folder = refreshed[0] / "data" / "annotations"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o400}


@pytest.mark.parametrize(
    ("period", "measure", "text", "complaint"),
    [
        ("2026-13", "utilisation_ratio", "x", "is no period"),
        ("../../x", "utilisation_ratio", "x", "is no period"),
        ("0000-10", "utilisation_ratio", "x", "is no period"),
        ("٢٠٢٦-10", "utilisation_ratio", "x", "is no period"),
        ("2026-10", "utilisation_ratio", "caf\udce9", "bytes that are no text"),
        ("2026-10", "utilization_ratio", "x", "utilisation_ratio"),
        ("2026-10-05", "utilisation_ratio", " ", "1 to 2,000 characters"),
    ],
)
def test_what_is_no_annotation_is_not_kept(
    refreshed: Refreshed, people: list[tuple[str, ...]], period: str, measure: str, text: str, complaint: str
) -> None:
    before = sorted((refreshed[0] / "data").glob("annotations/*"))
    said = annotated(refreshed, "--person", people[0][0], "--period", period, "--measure", measure, text, expect=1)
    assert complaint in said
    assert sorted((refreshed[0] / "data").glob("annotations/*")) == before


def test_accounts_that_no_roster_knows_are_listed_with_their_hours(refreshed: Refreshed) -> None:
    found = json.loads(run_cli("people", "-w", str(refreshed[0]), "--json").stdout)
    analyst = refreshed[0] / "published" / "current" / "analyst.duckdb"
    with duckdb.connect(str(analyst), read_only=True) as connection:
        unmatched, logged = connection.execute(
            "with strangers as (select person_key from core.dim_persons where not is_resolved group by all)"
            " select sum(logged_hours) filter (where strangers.person_key is not null), sum(logged_hours)"
            " from core.fct_activities left join strangers using (person_key) where person_key is not null"
        ).fetchone() or (0, 0)
    assert unmatched > 0
    assert sum(one["hours"] for one in found["accounts"]) == pytest.approx(unmatched)
    assert found["logged_hours"] == pytest.approx(logged)
    assert found["matched_hours"] == pytest.approx(logged - unmatched)


def test_a_table_that_policy_keeps_from_analysts_is_still_in_ones_own_rows(
    refreshed: Refreshed, people: list[tuple[str, ...]], extract: Path, tmp_path: Path
) -> None:
    workspace = tmp_path / "org"
    shutil.copytree(refreshed[0], workspace, symlinks=True)
    settings = workspace / "workledger.yaml"
    kept = "  audiences: {mart_utilisation__person_week: service, mart_capture_gap__person_week: finance}\n"
    settings.write_text(settings.read_text().replace("policy:\n", f"policy:\n{kept}", 1))
    assert refresh_here(workspace).published
    with duckdb.connect(str(workspace / "published/current/analyst.duckdb"), read_only=True) as connection:
        marts = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
    assert "mart_utilisation__team_week" in marts
    assert marts.isdisjoint({"mart_utilisation__person_week", "mart_capture_gap__person_week"})
    run_cli("my", "-w", str(workspace), "--person", people[0][0], "--to", str(tmp_path / "mine"))
    for name in ("utilisation_by_week", "capture_by_week"):
        assert rows_of(tmp_path / "mine" / f"{name}.csv") == rows_of(extract / f"{name}.csv") != []
    told = last_json(run_cli("diff", "-w", str(workspace), "--json").stdout)
    assert "workledger.yaml" in told["causes"]
    run_cli("verify", "-w", str(workspace))
