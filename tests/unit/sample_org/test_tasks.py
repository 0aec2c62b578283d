"""Tasks tell one story: worklogs, history, present state and the tool's own total agree, except where a
fault says not.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from connectors.sample_org.jira import duration_words

from .conftest import Sample
from .reading import decimal_hours, rows_of

JIRA_TIME = "%Y-%m-%dT%H:%M:%S.%f%z"


@pytest.fixture(scope="module")
def issues(sample: Sample) -> list[dict[str, Any]]:
    pages = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((sample.root / "inbox/jira").glob("*.json"))
    ]
    assert all(len(page["issues"]) <= page["maxResults"] for page in pages)
    return [issue for page in pages for issue in page["issues"]]


def test_jira_totals_match_an_independent_reading(sample: Sample, issues: list[dict[str, Any]]) -> None:
    logs = [log for issue in issues for log in issue["fields"]["worklog"]["worklogs"]]
    total = sample.planted["sources"]["jira"]
    assert total["time_entries"]["rows_current"] == len({log["id"] for log in logs}) == len(logs)
    assert total["time_entries"]["us_current"] == sum(log["timeSpentSeconds"] for log in logs) * 1_000_000
    assert total["tasks"]["rows_current"] == len({issue["id"] for issue in issues}) == len(issues)
    items = sum(len(history["items"]) for issue in issues for history in issue["changelog"]["histories"])
    assert total["task_changes"]["rows_current"] == items


def test_reported_time_is_the_sum_of_worklogs_but_for_the_planted_issue(
    sample: Sample, issues: list[dict[str, Any]]
) -> None:
    (fault,) = sample.faults("unreconciled_task")
    off = {
        issue["key"]: (issue["fields"]["timespent"] or 0, spent)
        for issue in issues
        if (issue["fields"]["timespent"] or 0)
        != (spent := sum(log["timeSpentSeconds"] for log in issue["fields"]["worklog"]["worklogs"]))
    }
    reported, logged = (fault["detail"][key] // 1_000_000 for key in ("us_reported", "us_logged"))
    assert off == {fault["detail"]["key"]: (reported, logged)}


def test_history_leads_to_the_present_state(issues: list[dict[str, Any]]) -> None:
    kinds = set()
    for issue in issues:
        histories = list(reversed(issue["changelog"]["histories"]))
        times = [datetime.strptime(one["created"], JIRA_TIME) for one in histories]
        assert times == sorted(times)
        assert datetime.strptime(issue["fields"]["created"], JIRA_TIME) <= min(times, default=_far())
        status = "To Do"
        for item in (item for history in histories for item in history["items"]):
            kinds.add(item["field"])
            if item["field"] == "status":
                assert item["fromString"] == status
                status = item["toString"]
            elif item["field"] == "duedate":
                assert item["to"] == issue["fields"]["duedate"]
        assert status == issue["fields"]["status"]["name"]
        assert (status == "Done") == (issue["fields"]["resolutiondate"] is not None)
    assert kinds == {"status", "assignee", "duedate", "timeoriginalestimate"}


def _far() -> datetime:
    return datetime.strptime("2100-01-01T00:00:00.000+0000", JIRA_TIME)


def test_some_tasks_are_blocked_reopened_and_done_by_a_system(issues: list[dict[str, Any]]) -> None:
    items = [(h["author"], item) for issue in issues for h in issue["changelog"]["histories"] for item in h["items"]]
    assert any(item["toString"] == "Blocked" for _, item in items)
    assert any(item["fromString"] == "Done" and item["toString"] == "In Progress" for _, item in items)
    assert any(author["accountType"] == "app" for author, _ in items)


def test_moved_due_date_is_in_the_history(sample: Sample, issues: list[dict[str, Any]]) -> None:
    (fault,) = sample.faults("moved_due_date")
    (issue,) = [one for one in issues if one["id"] == fault["detail"]["id"]]
    moves = [
        item for history in issue["changelog"]["histories"] for item in history["items"] if item["field"] == "duedate"
    ]
    assert [(item["from"], item["to"]) for item in moves] == [(fault["detail"]["first_due"], fault["detail"]["due"])]
    assert fault["detail"]["first_due"] < fault["detail"]["due"]


def test_redmine_totals_per_issue_are_the_sum_of_its_time_entries(sample: Sample) -> None:
    folder = sample.root / "inbox/redmine"
    logged: dict[str, int] = {}
    for path in folder.glob("redmine_time_*.csv"):
        for row in rows_of(path, "latin-1"):
            number = row["Issue"].split("#")[1].split(":")[0]
            logged[number] = logged.get(number, 0) + decimal_hours(row["Hours"])
    latest = rows_of(sorted(folder.glob("redmine_issues_*.csv"))[-1], "latin-1")
    reported = {row["#"]: decimal_hours(row["Spent time"]) for row in latest}
    assert {number: us for number, us in reported.items() if us} == logged


def test_redmine_exports_show_due_dates_before_they_moved(sample: Sample) -> None:
    exports = [
        rows_of(path, "latin-1") for path in sorted((sample.root / "inbox/redmine").glob("redmine_issues_*.csv"))
    ]
    due: dict[str, set[str]] = {}
    for rows in exports:
        for row in rows:
            due.setdefault(row["#"], set()).add(row["Due date"])
    assert [len(rows) for rows in exports] == sorted(len(rows) for rows in exports)
    assert any(len(dates) > 1 for dates in due.values())


@pytest.mark.parametrize(("seconds", "words"), [(0, "0m"), (3600, "1h"), (36_000, "1d 2h"), (5400, "1h 30m")])
def test_days_in_jira_words_have_eight_hours(seconds: int, words: str) -> None:
    assert duration_words(seconds) == words
