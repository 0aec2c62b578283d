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

import pytest

if TYPE_CHECKING:
    from tests.formats.conftest import Extract

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


def test_incidents_keep_their_audit_and_stand_as_their_last_row_says(examples: Path, extracted: Extract) -> None:
    content = (examples / "crm_hr_desk/servicenow/incident_event_log_5998.csv").read_bytes()
    done = extracted(("export.csv", content), zone="UTC")
    assert (done.only.format, done.only.drift) == ("servicenow__incidents", ())
    counts = {stream.stream: (stream.rows_read, stream.rows_loaded) for stream in done.only.streams}
    assert counts == {"interactions": (5998, 890), "process_events": (5998, 5998)}
    incidents = done.rows("interactions")
    assert [json.loads(str(row["extras"]))["made_sla"] for row in incidents].count("TRUE") == 495
    assert {row["status_category"] for row in incidents} == {"done"}
    assert not any(row["completed_at"] is None or row["handling_us"] for row in incidents)
    assert not any("?" in (row["person_source_id"], row["team_name"], row["outcome"]) for row in incidents)


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


SYSTEMS = "real_systems"
PERSON = {"person_email": "somebody@example.org"}


@pytest.mark.parametrize(
    ("file", "format_name", "options", "loaded", "hours"),
    [
        ("redmine_time_entries.json", "redmine__rest_time_entries", {}, {"time_entries": 100}, 216.5),
        ("redmine_issues.json", "redmine__rest_issues", {}, {"tasks": 59}, 722.5),
        ("redmine_issue_journals.json", "redmine__rest_issue", {}, {"tasks": 1, "task_changes": 3}, 3.5),
        ("tryton_timesheet_line_search_read.json", "tryton__timesheet_lines", {}, {"time_entries": 100}, 255.5),
        ("timewarrior.json", "timewarrior__export", PERSON, {"time_entries": 2}, 4.5),
        ("watson.json", "watson__frames", PERSON, {"time_entries": 1}, 1.5),
        ("tryton_project_work.json", "tryton__project_work", {}, {"tasks": 40, "projects": 3}, 747 + 47 / 60),
        ("rt_tickets.json", "rt__tickets", {}, {"tasks": 30}, 9.5),
        ("taskwarrior.json", "taskwarrior__export", {}, {"tasks": 2}, 0),
    ],
)
def test_answers_of_running_systems_are_recognised_and_add_up(
    examples: Path,
    extracted: Extract,
    file: str,
    format_name: str,
    options: dict[str, str],
    loaded: dict[str, int],
    hours: float,
) -> None:
    done = extracted((file, (examples / SYSTEMS / file).read_bytes()), **options).only
    assert (done.status, done.format, done.drift) == ("mapped", format_name, ())
    assert {stream.stream: stream.rows_loaded for stream in done.streams} == loaded
    assert sum(stream.rows_quarantined for stream in done.streams) == 0
    assert sum(stream.us_loaded or 0 for stream in done.streams) == round(hours * HOUR)


def test_redmine_says_the_same_as_csv_and_by_its_api(examples: Path, extracted: Extract) -> None:
    both = [
        extracted((file, (examples / SYSTEMS / file).read_bytes()), zone="UTC").rows("tasks")
        for file in ("redmine_issues.csv", "redmine_issues.json")
    ]
    same = (
        "task_type",
        "project_name",
        "assignee_name",
        "status_category",
        "due_date",
        "estimate_us",
        "reported_spent_us",
    )
    by_id = [
        {row["source_record_id"]: (row["completed_at"] is None, *(row[name] for name in same)) for row in rows}
        for rows in both
    ]
    assert by_id[0] == by_id[1]
    assert len(by_id[0]) == 59
