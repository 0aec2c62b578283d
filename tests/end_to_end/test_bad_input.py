"""Bad files and bad settings: each a clear error or gap that names file and place; the rest goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import run_cli

HEADER = "time_entries_record_id,person_email,project_code,date_precision,work_date,duration_hours,is_billable"
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
    format: hr_roster__csv
    mode: full
  good:
    files: ["inbox/good/*.csv"]
    format: workledger__time_entries
"""
UNREADABLE = {
    "zero_bytes": (b"", "empty (0 bytes)"),
    "wrong_encoding": ("\n".join(GOOD).encode().replace(b"ada", b"\xff\xfe\xe9da"), "UTF-8"),
    "missing_headers": (b"when,who,howlong\n1,2,3\n", "time_entries_record_id"),
}
BAD_ROWS = {
    "month_13": ("3,ada@example.org,P1,day,2026-13-04,8,true", "work_date"),
    "no_duration": ("3,ada@example.org,P1,day,2026-11-04,eight,true", "duration"),
    "truncated": ("3,ada@example.org,P1,day,2026-1", ""),
}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    """A workspace where a good source stands among bad ones: the folder, the refresh's report, the status after it."""
    root = tmp_path_factory.mktemp("mixed")
    contents = {
        "hr": "\n".join(ROSTER).encode(),
        "good": "\n".join(GOOD).encode(),
        **{name: content for name, (content, _) in UNREADABLE.items()},
        **{name: "\n".join([*GOOD, line]).encode() for name, (line, _) in BAD_ROWS.items()},
    }
    for name, content in contents.items():
        (root / "inbox" / name).mkdir(parents=True)
        (root / "inbox" / name / f"{name}.csv").write_bytes(content)
    bad = [*UNREADABLE, *BAD_ROWS, "no_file"]
    entries = [f'  {name}:\n    files: ["inbox/{name}/*.csv"]\n    format: workledger__time_entries\n' for name in bad]
    (root / "workledger.yaml").write_text(CONFIG + "".join(entries))
    report = json.loads(run_cli("refresh", "-w", str(root), "--as-of", "2026-11-20", "--json").stdout)
    return root, report, json.loads(run_cli("status", "-w", str(root), "--json").stdout)


Mixed = tuple[Path, dict[str, Any], dict[str, Any]]


def test_what_is_good_is_published_beside_what_is_bad(mixed: Mixed) -> None:
    _, report, status = mixed
    assert report["published"] is True
    loaded = {delivery["source"] for delivery in status["deliveries"] if delivery["rows_loaded"]}
    assert loaded == {"hr", "good", *BAD_ROWS}
    assert "delivery_problems" in {gap["rule"] for gap in status["gaps"]}


@pytest.mark.parametrize("source", UNREADABLE)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(mixed: Mixed, source: str) -> None:
    problems = mixed[2]["problems"]
    words = UNREADABLE[source][1]
    assert [problem for problem in problems if f"{source}.csv" in problem and words in problem]
    (delivery,) = [delivery for delivery in mixed[2]["deliveries"] if delivery["source"] == source]
    assert (delivery["file"], delivery["stream"], delivery["rows_read"]) == (f"{source}.csv", None, 0)
    assert words in delivery["problem"]


@pytest.mark.parametrize("source", BAD_ROWS)
def test_a_row_that_cannot_be_read_is_quarantined_and_counted(mixed: Mixed, source: str) -> None:
    import duckdb

    root, _, status = mixed
    (delivery,) = [delivery for delivery in status["deliveries"] if delivery["source"] == source]
    assert (delivery["rows_read"], delivery["rows_loaded"], delivery["rows_quarantined"]) == (3, 2, 1)
    rows = duckdb.sql(f"from read_parquet('{root}/data/quarantine/*.parquet', union_by_name = true)").fetchall()
    assert [row for row in rows if any(BAD_ROWS[source][1] in str(value) for value in row)]


def test_a_source_without_a_file_is_a_gap(mixed: Mixed) -> None:
    problems = mixed[2]["problems"]
    assert [problem for problem in problems if problem.startswith("no_file:") and "No file has ever arrived" in problem]


def test_a_workspace_without_sources_publishes_an_empty_version(tmp_path: Path) -> None:
    run_cli("init", str(tmp_path / "ws"))
    report = json.loads(run_cli("refresh", "-w", str(tmp_path / "ws"), "--json").stdout)
    assert report["published"] is True
    rows = json.loads(
        run_cli(
            "query", "select count(*) as n from core.fct_activities", "-w", str(tmp_path / "ws"), "--format", "json"
        ).stdout
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
    (tmp_path / "workledger.yaml").write_text(CONFIG.replace(old, new))
    done = run_cli("refresh", "-w", str(tmp_path), expect=1)
    assert words in done.stderr
    assert "workledger.yaml, line" in done.stderr
    assert not (tmp_path / "published").exists()


def test_a_query_before_the_first_refresh_says_what_to_do(tmp_path: Path) -> None:
    run_cli("init", str(tmp_path / "ws"))
    done = run_cli("query", "select 1", "-w", str(tmp_path / "ws"), expect=4)
    assert "workledger refresh" in done.stderr
