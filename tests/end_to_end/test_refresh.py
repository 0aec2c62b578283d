"""A folder of exports becomes a published version, through the command line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data_contracts.errors import WorkledgerError
from orchestration.models import load_compiled
from orchestration.publication.layout import database_files
from orchestration.verification import verify
from orchestration.workspace import Workspace
from tests.end_to_end.conftest import refresh_here, run_cli

AS_OF = ("--as-of", "2026-11-20")
Refreshed = tuple[Path, dict[str, Any]]


@pytest.fixture
def copy(refreshed: Refreshed, tmp_path: Path) -> Path:
    """A refreshed workspace of the test's own."""
    target = tmp_path / "org"
    shutil.copytree(refreshed[0], target, symlinks=True)
    return target


def _current(workspace: Path) -> str:
    return (workspace / "published" / "current").readlink().name


def _json(*arguments: str, expect: int = 0) -> Any:
    return json.loads(run_cli(*arguments, expect=expect).stdout)


def test_a_refresh_publishes_and_says_what_it_took(refreshed: Refreshed) -> None:
    _, report = refreshed
    assert report["published"] is True
    assert report["blocked_by"] == []
    assert {"extract", "models", "publish"} <= set(report["seconds"])


def test_every_row_read_is_accounted_for(refreshed: Refreshed) -> None:
    workspace, _ = refreshed
    planted = json.loads((workspace / "planted_faults.json").read_text())
    read: dict[tuple[str, str], int] = {}
    for delivery in _json("status", "-w", str(workspace), "--json")["deliveries"]:
        parts = ("rows_loaded", "rows_merged", "rows_quarantined", "rows_filtered")
        assert delivery["rows_read"] == sum(delivery[part] for part in parts)
        key = (delivery["source"], delivery["stream"])
        # The planted cut-off row was read and is in quarantine; the generator counts whole rows.
        read[key] = read.get(key, 0) + delivery["rows_read"] - delivery["rows_quarantined"]
    sources = {source for source, _ in read}
    expected = {
        (source, stream): totals["rows_delivered"]
        for source, streams in planted["sources"].items()
        for stream, totals in streams.items()
        if source in sources
    }
    assert {key: rows for key, rows in read.items() if key in expected} == expected


def test_the_fact_holds_the_current_hours_of_every_source(refreshed: Refreshed) -> None:
    """The generator knows what it wrote; late edits, deletes and re-exports must leave exactly that."""
    workspace, _ = refreshed
    planted = json.loads((workspace / "planted_faults.json").read_text())
    with duckdb.connect(str(workspace / "published" / "current" / "analyst.duckdb"), read_only=True) as con:
        found = dict(
            con.execute(
                "select source, sum(duration_us)::bigint from core.fct_activities "
                "where activity_kind = 'time_entry' group by source"
            ).fetchall()
        )
    expected = {
        source: streams["time_entries"]["us_current"]
        for source, streams in planted["sources"].items()
        if "time_entries" in streams and source in found
    }
    assert len(found) >= 5
    assert found == expected


def test_no_outer_join_compares_every_row_with_every_row(refreshed: Refreshed) -> None:
    """An ``or``, or a condition on one side alone, keeps the engine from looking rows up."""
    workspace = refreshed[0]
    models = [model for model in load_compiled().models if model.kind != "seed"]
    assert len(models) > 100
    slow = {}
    with duckdb.connect() as connection:
        for catalog, file in database_files(workspace / "published" / "current").items():
            connection.execute(f"attach '{file}' as {catalog} (read_only)")
        for model in models:
            row = connection.execute(f"explain (format json) {model.source}").fetchone()
            assert row is not None
            joins = [step for step in _steps(json.loads(row[1])) if step["name"] == "BLOCKWISE_NL_JOIN"]
            # With one row, as of the policy, nothing is compared: its condition is `true`.
            found = [join["extra_info"] for join in joins if join["extra_info"]["Join Type"] != "INNER"]
            if found := [join for join in found if join["Condition"] != "true"]:
                slow[model.table] = found
    assert slow == {}


def _steps(plan: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in plan:
        yield step
        yield from _steps(step["children"])


def test_nothing_new_publishes_nothing(copy: Path) -> None:
    before = _current(copy)
    report = _json("refresh", "-w", str(copy), *AS_OF, "--json")
    assert report["nothing_new"] is True
    assert report["version"] == before == _current(copy)


def test_exports_taken_in_by_and_by_make_the_version_that_they_make_at_once(
    refreshed: Refreshed, tmp_path: Path
) -> None:
    """Row for row, both ways: what a later export edits, deletes or moves is as if no earlier one had been read.

    Readers meanwhile never wait and never see a mix.
    """
    workspace, waiting = tmp_path / "org", list[tuple[Path, Path]]()
    shutil.copytree(refreshed[0], workspace, ignore=shutil.ignore_patterns("data", "published"))
    salt = Workspace(workspace).key_salt
    salt.parent.mkdir(parents=True)
    shutil.copyfile(Workspace(refreshed[0]).key_salt, salt)
    for folder in sorted((workspace / "inbox").iterdir()):
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        for file in files[(len(files) + 1) // 2 :]:
            waiting.append((file, tmp_path / f"waiting-{len(waiting)}"))
            shutil.move(*waiting[-1])
    assert len(waiting) > 10
    assert refresh_here(workspace).published
    for file, kept in waiting:
        shutil.move(kept, file)
    before = _current(workspace)
    seen = _read_during(workspace, "refresh", "-w", str(workspace), *AS_OF)
    after = _current(workspace)
    assert before in seen
    assert seen <= {before, after}
    _require_same_rows(refreshed[0] / "published" / "current", workspace / "published" / "current")


READ_ON = """
import pathlib, sys, time, duckdb
file, stop = sys.argv[1], pathlib.Path(sys.argv[2])
while not stop.exists():
    with duckdb.connect(file, read_only=True) as con:
        (teams,) = con.execute("select count(*) from marts.mart_utilisation__team_week").fetchone()
        (version,) = con.execute("select version from audit.version").fetchone()
    print(version, teams, flush=True)
    time.sleep(0.1)
"""


def _read_during(workspace: Path, *arguments: str) -> set[str]:
    """Versions that a reader in another process saw, connecting anew again and again while the command ran."""
    stop = workspace.parent / "stop reading"
    reader = [sys.executable, "-c", READ_ON, str(workspace / "published" / "current" / "analyst.duckdb"), str(stop)]
    with subprocess.Popen(reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as reading:
        try:
            run_cli(*arguments)
        finally:
            stop.touch()
        told, problem = reading.communicate(timeout=60)
    assert reading.returncode == 0, problem
    reads = [line.split() for line in told.splitlines()]
    assert len(reads) > 50
    assert all(int(teams) > 0 for _, teams in reads)
    return {version for version, _ in reads}


#: Made of the moment at which a file arrived.
ITS_OWN = ("delivery_id", "arrived_at")


def _require_same_rows(one: Path, other: Path) -> None:
    with duckdb.connect() as con:
        for name, version in (("a", one), ("b", other)):
            con.execute(f"attach '{version / 'analyst.duckdb'}' as {name} (read_only)")
        tables = con.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'a' and schema_name <> 'audit'"
        ).fetchall()
        assert len(tables) > 20
        for schema, table in tables:
            columns = [row[0] for row in con.execute(f"describe a.{schema}.{table}").fetchall()]
            chosen = ", ".join(f'"{column}"' for column in columns if column not in ITS_OWN)
            for left, right in (("a", "b"), ("b", "a")):
                rows = f"select {chosen} from {left}.{schema}.{table} except all select {chosen} from {right}.{schema}.{table}"
                assert con.execute(rows).fetchall() == [], f"{schema}.{table}: {left} minus {right}"


def test_query_prints_table_csv_and_json(refreshed: Refreshed) -> None:
    workspace, report = refreshed
    sql = "select version, as_of_date from audit.version"
    query = ("query", sql, "-w", str(workspace))
    assert _json(*query, "--format", "json") == [{"version": report["version"], "as_of_date": "2026-11-20"}]
    assert run_cli(*query, "--format", "csv").stdout.splitlines() == [
        "version,as_of_date",
        f"{report['version']},2026-11-20",
    ]
    assert report["version"] in run_cli(*query).stdout


def _bytes(workspace: Path, version: str) -> int:
    files = (workspace / "published" / "versions" / version).rglob("*.duckdb")
    return sum(file.stat().st_size for file in files)


def test_a_blocking_check_keeps_the_old_version_and_says_what_whose_and_which_rows(copy: Path) -> None:
    before = _current(copy)
    (month, *_) = sorted((copy / "inbox" / "scripts").glob("time_entries_2026-10-01*"))
    lines = month.read_text().splitlines()
    cells = lines[1].split(",")
    cells[lines[0].split(",").index("date_precision")] = "someday"
    bad = month.with_name(month.name.partition("_exported")[0] + "_exported_2026-11-21.csv")
    bad.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n")
    report = _json("refresh", "-w", str(copy), *AS_OF, "--json", expect=3)
    assert report["published"] is False
    blockers = {blocker["rule"]: blocker for blocker in report["blocked_by"]}
    sample = blockers["time_entries__date_precision__accepted"]["sample"]
    assert (sample[0]["_row"], sample[0]["file_name"]) == (1, bad.name)
    assert _current(copy) == before


def _hours_of_others(workspace: Path) -> tuple[str, list[tuple[str, int, float]]]:
    """Whoever has most hours, and rows and hours by source of everybody else."""
    with duckdb.connect(str(workspace / "published" / "current" / "analyst.duckdb"), read_only=True) as con:
        row = con.execute(
            "select person_key from core.fct_activities group by all order by sum(logged_hours) desc nulls last limit 1"
        ).fetchone()
    assert row is not None
    return row[0], _hours(workspace, f"person_key is distinct from '{row[0]}'")


def _hours(workspace: Path, kept: str) -> list[tuple[str, int, float]]:
    with duckdb.connect(str(workspace / "published" / "current" / "analyst.duckdb"), read_only=True) as con:
        return con.execute(
            "select source, count(*), round(sum(logged_hours) filter (is_counted), 4) from core.fct_activities"
            f" where {kept} group by source order by source"
        ).fetchall()


def test_rollback_holds_until_resume_and_who_is_erased_meanwhile_is_in_no_version(copy: Path) -> None:
    first = _current(copy)
    assert refresh_here(copy, force=True).published
    second = _current(copy)
    sizes = [_bytes(copy, version) for version in (first, second)]
    assert max(sizes) < 1.2 * min(sizes), "a version holds the blocks of the one before"
    run_cli("rollback", "-w", str(copy), "--reason", "wrong month")
    assert _current(copy) == first
    with pytest.raises(WorkledgerError, match="wrong month"):
        refresh_here(copy, force=True)
    assert _current(copy) == first
    run_cli("resume", "-w", str(copy))
    key, expected = _hours_of_others(copy)
    assert _json("erase", key, "-w", str(copy), "--yes", "--json")["erasure"]["versions"] == 2
    assert refresh_here(copy).published
    assert _current(copy) not in (first, second)
    assert _hours(copy, "true") == expected
    for version in (first, second):
        assert verify(Workspace(copy), version).findings == ()
        assert key.encode() not in (copy / "published" / "versions" / version / "analyst.duckdb").read_bytes()
    listed = _json("versions", "-w", str(copy), "--json")
    assert [entry["version"] for entry in listed][1:] == [second, first]
    assert [entry["is_current"] for entry in listed] == [True, False, False]
