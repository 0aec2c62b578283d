"""What Jira's exports need beyond the standard suite: older headers, statuses by option, changes without their issue."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.formats.conftest import Extract

FIXTURES = Path(__file__).parent / "fixtures"
REST = json.loads((FIXTURES / "jira__rest" / "export.json").read_text(encoding="utf-8"))


def as_csv(*rows: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def page(*issues: dict[str, Any]) -> bytes:
    return json.dumps({"startAt": 0, "issues": issues}).encode()


OLD = {
    "Summary": "Gears",
    "Issue key": "ENG-1",
    "Issue id": "10001",
    "Issue Type": "Bug",
    "Created": "05/Jan/26 8:00 AM",
}


@pytest.mark.parametrize(
    ("status", "resolution", "category"),
    [
        ("Closed", "Done", "done"),
        ("Closed", "Won't Do", "cancelled"),
        ("Abandoned", "", "cancelled"),
        ("Selected for Development", "", "todo"),
        ("Waiting for customer", "", "blocked"),
        ("In Review", "", "active"),
        ("Brewing", "", None),
    ],
)
def test_without_a_status_category_patterns_decide(
    extracted: Extract, status: str, resolution: str, category: str | None
) -> None:
    resolved = "09/Jan/26 5:30 PM" if resolution else ""
    row = OLD | {
        "Status": status,
        "Resolution": resolution,
        "Resolved": resolved,
        "Original Estimate": "3600",
        "Due Date": "12/Jan/26",
    }
    done = extracted(("old.csv", as_csv(row)), zone="Europe/Berlin")
    assert (done.only.format, done.only.drift) == ("jira__issues", ())
    (task,) = done.rows("tasks")
    assert (task["status_category"], task["estimate_us"], task["due_date"]) == (category, "3600000000", "2026-01-12")
    assert (task["completed_at"] is not None) == bool(resolution)


def test_statuses_of_a_company_are_options(extracted: Extract) -> None:
    row = OLD | {"Status": "Brewing"}
    done = extracted(("old.csv", as_csv(row)), zone="Europe/Berlin", active_statuses="brewing|stirring")
    assert [task["status_category"] for task in done.rows("tasks")] == ["active"]


def test_other_dates_are_an_option(extracted: Extract) -> None:
    row = OLD | {"Status": "Open", "Created": "2026-01-05 08:00", "Log Work": "x;2026-01-06 09:00;ada;60"}
    done = extracted(("old.csv", as_csv(row)), zone="Europe/Berlin", date_format="%Y-%m-%d %H:%M")
    assert [task["created_at"] for task in done.rows("tasks")] == ["2026-01-05 07:00:00+00"]
    assert [entry["started_at"] for entry in done.rows("time_entries")] == ["2026-01-06 08:00:00+00"]


def test_both_exports_know_an_issue_by_the_same_id(extracted: Extract) -> None:
    from_page = extracted(("page.json", page(*REST["issues"]))).rows("tasks")
    from_csv = extracted(
        ("issues.csv", (FIXTURES / "jira__issues" / "export.csv").read_bytes()), zone="Europe/Berlin"
    ).rows("tasks")
    same = (
        "source_record_id",
        "task_key",
        "status",
        "status_category",
        "due_date",
        "estimate_us",
        "project_code",
        "parent_source_id",
    )
    assert [[row[name] for name in same] for row in from_page] == [[row[name] for name in same] for row in from_csv]


def test_data_center_knows_people_by_key_and_writes_comments_as_text(extracted: Extract) -> None:
    ada = {"name": "ada", "key": "JIRAUSER10100", "emailAddress": "ada@example.org", "displayName": "Ada Byron"}
    issue = json.loads(json.dumps(REST["issues"][0]))
    issue["fields"]["assignee"] = ada
    issue["fields"]["worklog"]["worklogs"] = [
        {"id": "1", "author": ada, "comment": "Drew", "started": "2026-01-06T09:00:00.000+0000", "timeSpentSeconds": 60}
    ]
    for history in issue["changelog"]["histories"]:
        history["author"] = ada
        for item in history["items"]:
            del item["fieldId"]
    done = extracted(("page.json", page(issue)))
    assert done.only.drift == ()
    assert [(row["person_source_id"], row["note"]) for row in done.rows("time_entries")] == [("JIRAUSER10100", "Drew")]
    assert {row["author_source_id"] for row in done.rows("task_changes")} == {"JIRAUSER10100"}
    assert [row["field"] for row in done.rows("task_changes")] == [
        "status",
        "status",
        "assignee",
        "due_date",
        "estimate",
    ]


def test_a_page_without_issues_or_history_is_complete(extracted: Extract) -> None:
    done = extracted(("page.json", page()), format="jira__rest").only
    assert [(stream.rows_read, stream.is_complete) for stream in done.streams] == [(0, True)] * 3
    bare = {"id": "1", "key": "A-1", "fields": {name: REST["issues"][0]["fields"][name] for name in BARE_FIELDS}}
    done = extracted(("page.json", page(bare))).only
    assert {stream.stream: stream.rows_loaded for stream in done.streams} == {
        "tasks": 1,
        "task_changes": 0,
        "time_entries": 0,
    }


BARE_FIELDS = ("status", "project", "created", "updated")


def test_an_answer_that_is_an_error_says_what_it_holds(extracted: Extract) -> None:
    done = extracted(("page.json", b'{"errorMessages": ["no such JQL"], "errors": {}}'), format="jira__rest").only
    assert done.status == "rejected"
    assert "no records at issues[*]" in str(done.problem)
    assert "errorMessages" in str(done.remedy)


def test_a_status_that_sounds_final_is_work_where_jira_says_so(extracted: Extract) -> None:
    rejected = {"id": "10009", "name": "Rejected", "statusCategory": {"key": "indeterminate"}}
    issue = json.loads(json.dumps(REST["issues"][3]))
    issue["fields"]["status"] = rejected
    moved = {"field": "status", "from": "10000", "fromString": "To Do", "to": "10009", "toString": "Rejected"}
    issue["changelog"]["histories"] = [{"id": "1", "created": issue["fields"]["created"], "items": [moved]}]
    done = extracted(("page.json", page(issue)))
    assert [task["status_category"] for task in done.rows("tasks")] == ["active"]
    assert [change["to_category"] for change in done.rows("task_changes")] == ["active"]
