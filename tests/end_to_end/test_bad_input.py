"""Bad files and bad settings: each a clear error or gap that names file and place; the rest goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import run_cli

HEADER = "source_record_id,person_email,project_code,date_precision,work_date,duration_hours,is_billable"
GOOD = [HEADER, "1,ada@example.org,P1,day,2026-11-02,7.5,true", "2,ada@example.org,P1,day,2026-11-03,8,false"]
ROSTER = [
    "Employee Number,Name,E-mail,Valid From,Valid To,Hired,Left,Employment Type,Role,Team,Manager E-mail,Place,Time Zone,"
    "Weekly Hours,FTE,Mon,Tue,Wed,Thu,Fri,Sat,Sun",
    "1,Ada,ada@example.org,2026-01-01,,2026-01-01,,employee,Engineer,Core,,DE,Europe/Berlin,40,1,8,8,8,8,8,0,0",
]
CONFIG = """\
zone: Europe/Berlin
sources:
  hr:
    files: ["inbox/hr/*.csv"]
    format: workledger__roster
    mode: full
  good:
    files: ["inbox/good/*.csv"]
    format: workledger__time_entries
  bad:
    files: ["inbox/bad/*.csv"]
    format: workledger__time_entries
"""


def _workspace(root: Path, bad: bytes | None) -> Path:
    for folder in ("hr", "good", "bad"):
        (root / "inbox" / folder).mkdir(parents=True)
    (root / "workledger.yaml").write_text(CONFIG)
    (root / "inbox" / "hr" / "roster.csv").write_text("\n".join(ROSTER) + "\n")
    (root / "inbox" / "good" / "entries.csv").write_text("\n".join(GOOD) + "\n")
    if bad is not None:
        (root / "inbox" / "bad" / "entries.csv").write_bytes(bad)
    return root


def _refresh(workspace: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    report = json.loads(run_cli("refresh", "-w", str(workspace), "--as-of", "2026-11-20", "--json").stdout)
    status = json.loads(run_cli("status", "-w", str(workspace), "--json").stdout)
    return report, status


def _lines(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        pytest.param(b"", "empty (0 bytes)", id="zero bytes"),
        pytest.param(_lines("\n".join(GOOD)).replace(b"ada", b"\xff\xfe\xe9da"), "UTF-8", id="wrong encoding"),
        pytest.param(_lines("when,who,howlong", "1,2,3"), "source_record_id", id="missing headers"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_published(
    tmp_path: Path, bad: bytes, words: str
) -> None:
    report, status = _refresh(_workspace(tmp_path, bad))
    assert report["published"] is True
    assert any("bad" in problem and "entries.csv" in problem and words in problem for problem in status["problems"])
    assert {delivery["source"] for delivery in status["deliveries"] if delivery["rows_loaded"]} >= {"good", "hr"}
    assert "gap_delivery_problems" in {gap["rule"] for gap in status["gaps"]}


@pytest.mark.parametrize(
    ("line", "column"),
    [
        pytest.param("3,ada@example.org,P1,day,2026-13-04,8,true", "work_date", id="month 13"),
        pytest.param("3,ada@example.org,P1,day,2026-11-04,eight,true", "duration", id="no duration"),
        pytest.param("3,ada@example.org,P1,day,2026-1", None, id="truncated"),
    ],
)
def test_a_row_that_cannot_be_read_is_quarantined_and_counted(
    tmp_path: Path, line: str, column: str | None
) -> None:
    import duckdb

    workspace = _workspace(tmp_path, "\n".join([*GOOD, line]).encode())
    report, status = _refresh(workspace)
    assert report["published"] is True
    (delivery,) = [delivery for delivery in status["deliveries"] if delivery["source"] == "bad"]
    assert (delivery["rows_read"], delivery["rows_loaded"], delivery["rows_quarantined"]) == (3, 2, 1)
    (quarantine,) = (workspace / "data" / "quarantine").glob("*.parquet")
    row = duckdb.sql(f"from '{quarantine}'").fetchone()
    assert row is not None
    if column is not None:
        assert any(column in str(value) for value in row)


def test_a_source_without_a_file_is_a_gap(tmp_path: Path) -> None:
    report, status = _refresh(_workspace(tmp_path, None))
    assert report["published"] is True
    assert any(problem.startswith("bad:") and "No file has ever arrived" in problem for problem in status["problems"])


def test_a_workspace_without_sources_publishes_an_empty_version(tmp_path: Path) -> None:
    run_cli("init", str(tmp_path / "ws"))
    report = json.loads(run_cli("refresh", "-w", str(tmp_path / "ws"), "--json").stdout)
    assert report["published"] is True
    rows = json.loads(
        run_cli("query", "select count(*) as n from core.fct_activities", "-w", str(tmp_path / "ws"), "--format", "json").stdout
    )
    assert rows == [{"n": 0}]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  good:", "  hr:", "stands twice"),
        ("inbox/good", "../elsewhere", "leads out of the workspace"),
        ("    mode: full", "    moed: full", "Did you mean 'mode'"),
    ],
)
def test_a_mistake_in_the_settings_stops_at_once(tmp_path: Path, old: str, new: str, words: str) -> None:
    workspace = _workspace(tmp_path, None)
    (workspace / "workledger.yaml").write_text(CONFIG.replace(old, new))
    done = run_cli("refresh", "-w", str(workspace), expect=1)
    assert words in done.stderr
    assert "workledger.yaml, line" in done.stderr
    assert not (workspace / "published").exists()


def test_a_query_before_the_first_refresh_says_what_to_do(tmp_path: Path) -> None:
    run_cli("init", str(tmp_path / "ws"))
    done = run_cli("query", "select 1", "-w", str(tmp_path / "ws"), expect=4)
    assert "workledger refresh" in done.stderr
