"""`make examples` maps a file, lists it with a reason, or fails; nothing in a folder of exports goes unsaid."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.format_spec import load_formats
from connectors.mapping import check_mapping
from tests.formats.map_examples import OWN, Rule, load_rules, main, map_folder, stale_rules, totals

KLOG = {"records": [{"date": "2026-01-05", "total_mins": 90, "entries": [{"type": "duration", "total_mins": 90}]}]}
LOG = "Date,Time,Project,Task,Division,Details\n2026-01-05,1.5,Engine,Draw,Design,gears\n"
SHEET = """\
| **Date** | from | to | Intervals | Time |
| --- | --- | --- | --- | --- |
| x | 05.01.2026 | 06.01.2026 | 1 | 01:30 |
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "log.csv": LOG,
        "page.md": f"Some words\n\n```csv\n{LOG}```\n",
        "sheet.md": SHEET,
        "table.csv": 'id,data\n1,"{""accountId"": ""a"", ""displayName"": ""Ada""}"\n',
        "klog.json": json.dumps(KLOG),
        "notes.txt": "nothing of use\n",
        "README.md": "what is here\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


RULES = [
    Rule("page.md", block=1),
    Rule("sheet.md", table=True),
    Rule("table.csv", payloads="lines", format="examples__jira_users"),
    Rule("README.md", reason="says what the folder holds"),
]


def test_every_file_is_mapped_listed_or_unaccounted(folder: Path) -> None:
    found = {result.file: result for result in map_folder(folder, RULES)}
    mapped = {name: result.format for name, result in found.items() if result.streams and not result.problem}
    assert mapped == {
        "klog.json": "examples__klog_json",
        "log.csv": "examples__task_log",
        "page.md": "examples__task_log",
        "sheet.md": "examples__track_hours",
        "table.csv": "examples__jira_users",
    }
    assert found["README.md"].reason == "says what the folder holds"
    assert "No format recognises" in str(found["notes.txt"].problem)
    assert totals(list(found.values())).splitlines()[-1] == "5 mapped, 1 listed, 1 unaccounted"
    hours = sum(stream.us_loaded or 0 for result in found.values() for stream in result.streams)
    assert hours == 4 * 90 * 60_000_000


def test_an_unaccounted_file_or_a_stale_rule_is_an_exit_code(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.formats.map_examples.load_rules", lambda: RULES)
    assert main([str(folder)]) == 1
    assert "UNACCOUNTED notes.txt" in capsys.readouterr().out
    (folder / "notes.txt").unlink()
    assert main([str(folder)]) == 0
    assert stale_rules(folder, [*RULES, Rule("gone.csv", reason="x")]) == ["gone.csv"]
    assert main([str(folder / "absent")]) == 2


def test_rows_that_the_reader_loses_are_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.formats.map_examples._count_records", lambda spec, export: 2)
    (result,) = [result for result in map_folder(folder, RULES) if result.file == "log.csv"]
    assert result.problem == "time_entries: 2 rows in the file, but 1 read."


def test_every_rule_either_declares_or_gives_a_reason() -> None:
    for rule in load_rules():
        declares = any([rule.format, rule.zone, rule.options, rule.block, rule.table, rule.payloads])
        assert declares != bool(rule.reason), rule.files


def test_example_formats_keep_the_rules_of_formats() -> None:
    names = {path.stem for path in OWN.glob("*.yaml")}
    formats = load_formats(OWN)
    assert names <= set(formats)
    for name in names:
        check_mapping(formats[name])
        assert name.startswith("examples__"), "a format of these files alone is no vendor's"


@pytest.mark.parametrize("part", ["time_trackers", "real_systems"])
def test_files_at_hand_are_accounted_for(examples: Path, part: str) -> None:
    results = list(map_folder(examples, load_rules(), part))
    assert len(results) > 10
    assert [(result.file, result.problem) for result in results if result.problem] == []
