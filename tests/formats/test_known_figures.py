"""Exports of other people's project tools, where they are at hand: figures are those their authors or systems state.

Formats that only these files need are in example_formats; they are a company's own formats as far as the engine knows.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Extract

HOUR = 3_600_000_000
OWN = Path(__file__).parent / "example_formats"


def total_hours(rows: list[dict[str, str | None]], column: str) -> float:
    return round(sum(int(row[column] or 0) for row in rows) / HOUR, 3)


def test_published_estimates_add_up(examples: Path, extracted: Extract) -> None:
    content = (examples / "project_tools/jira_estimates/hemmati2018.csv").read_bytes()
    done = extracted(("export.csv", content), own=OWN)
    assert (done.only.format, done.only.drift) == ("examples__jira_estimates", ())
    (stream,) = done.only.streams
    assert (stream.rows_read, stream.rows_loaded, stream.rows_quarantined) == (1945, 1945, 0)
    rows = done.rows("tasks")
    assert total_hours(rows, "reported_spent_us") == 7_295.888
    assert total_hours(rows, "estimate_us") == 8_992.825
    assert any(row["reported_spent_us"] is None for row in rows), "a blank is unknown, not zero"


def test_published_cycle_times_are_found_again(examples: Path, extracted: Extract) -> None:
    content = (examples / "project_tools/agile_jira/jira.csv").read_bytes()
    done = extracted(("export.csv", content), own=OWN)
    assert (done.only.format, done.only.drift) == ("examples__agile_jira", ())
    rows = done.rows("tasks")
    days = [(instant(row["completed_at"]) - instant(row["created_at"])).days for row in rows]
    assert (len(days), round(mean(days), 3), median(days), max(days), days.count(-1)) == (4123, 9.678, 1, 1140, 1662)


def instant(text: str | None) -> datetime:
    return datetime.fromisoformat(str(text))


def test_payloads_of_a_real_jira_give_what_another_tool_made_of_them(examples: Path, extracted: Extract) -> None:
    folder = examples / "project_tools/rest_payloads/jira"
    issues = {issue["id"]: issue for issue, _ in payloads(folder / "raw_tables/_raw_jira_api_issues.csv")}
    page = json.dumps({"startAt": 0, "issues": list(issues.values())}).encode()
    done = extracted(("page.json", page), format="jira__rest")
    assert done.only.drift == ()
    loaded = {stream.stream: (stream.rows_loaded, stream.rows_quarantined) for stream in done.only.streams}
    assert loaded == {"tasks": (33, 0), "task_changes": (222, 0), "time_entries": (6, 0)}
    theirs = {row["issue_id"]: row for row in table(folder / "snapshot_tables/_tool_jira_issues.csv")}
    both = [
        (task, theirs[str(task["source_record_id"])])
        for task in done.rows("tasks")
        if task["source_record_id"] in theirs
    ]
    assert len(both) == len(theirs) == 30
    for task, other in both:
        assert (task["task_key"], task["status"]) == (other["issue_key"], other["status_name"])
        assert instant(task["created_at"]) == instant(other["created"])
    assert sum(int(row["duration_us"] or 0) for row in done.rows("time_entries")) == 22 * HOUR


def test_histories_and_worklogs_asked_for_one_by_one_fit_into_a_page(examples: Path, extracted: Extract) -> None:
    """Payloads of issues that the page above does not have: their own issues are made up around them."""
    folder = examples / "project_tools/rest_payloads/jira"
    made: dict[str, dict[str, Any]] = defaultdict(lambda: {"histories": [], "worklogs": []})
    for history, url in payloads(folder / "raw_tables/_raw_jira_api_issue_changelogs.csv"):
        made[re.findall(r"issue/(\d+)/", url)[0]]["histories"].append(history)
    for worklog, _ in payloads(folder / "raw_tables/_raw_jira_api_worklogs.csv"):
        made[worklog["issueId"]]["worklogs"].append(worklog)
    page = json.dumps({"issues": [issue_around(number, parts) for number, parts in made.items()]}).encode()
    done = extracted(("page.json", page), format="jira__rest")
    counts = {stream.stream: (stream.rows_read, stream.rows_loaded) for stream in done.only.streams}
    items = table(folder / "snapshot_tables/_tool_jira_issue_changelog_items_extractor.csv")
    theirs = [row for row in items if row["field"] in ("status", "assignee", "duedate", "timeoriginalestimate")]
    assert counts["task_changes"] == (284, len(theirs))
    worklogs = table(folder / "snapshot_tables/_tool_jira_worklogs.csv")
    assert counts["time_entries"] == (len(worklogs), len(worklogs))
    seconds = {row["worklog_id"]: int(row["time_spent_seconds"]) for row in worklogs}
    rows = done.rows("time_entries")
    assert {str(row["source_record_id"]): int(row["duration_us"] or 0) // 1_000_000 for row in rows} == seconds
    assert {row["utc_offset_minutes"] for row in rows} == {"480"}


def issue_around(number: str, parts: dict[str, Any]) -> dict[str, Any]:
    fields = {
        "status": {"id": "1", "name": "Open"},
        "project": {"key": "EE"},
        "created": "2020-01-01T00:00:00.000+0800",
        "updated": "2020-01-01T00:00:00.000+0800",
        "worklog": {"worklogs": parts["worklogs"]},
    }
    return {"id": number, "key": f"EE-{number}", "fields": fields, "changelog": {"histories": parts["histories"]}}


def payloads(path: Path) -> list[tuple[dict[str, Any], str]]:
    """JSON documents in the column ``data`` of a table, with the address they came from."""
    return [(json.loads(row["data"]), row["url"]) for row in table(path)]


def table(path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(1 << 24)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
