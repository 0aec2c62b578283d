"""Issues as Jira's REST search returns them: fields, changelog and worklog, a page of a hundred a file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.sample_org.organisation import Organisation
from connectors.sample_org.plan import Plan
from connectors.sample_org.projects import Portfolio
from connectors.sample_org.spelling import Ints
from connectors.sample_org.tasks import Change, Task
from connectors.sample_org.teams import PLACES
from connectors.sample_org.time_entries import DAY_SECONDS, Entries

PAGE = 100
HOME = "https://jira.example.org/rest/api/3"
PLACE = PLACES.index("DE-BY")
BOT = 1
CATEGORY = {
    "To Do": ("10000", 2, "new"),
    "In Progress": ("10001", 4, "indeterminate"),
    "Blocked": ("10002", 4, "indeterminate"),
    "In Review": ("10003", 4, "indeterminate"),
    "Done": ("10004", 3, "done"),
}
CATEGORY_NAME = {"new": "To Do", "indeterminate": "In Progress", "done": "Done"}


def account_id(person: int) -> str:
    return f"712020:{person:08x}-5a3c-4e1b-9d20-{person * 7919 % 2**48:012x}"


def hides_email(person: int) -> bool:
    """One in eight keeps the address private; only the account id tells who it is."""
    return person != BOT and person % 8 == 5


def project_key(code: str) -> str:
    return code.replace("-", "")


@dataclass(frozen=True)
class Jira:
    """Renders tasks as issues. Entries are already in the zone of the site, Europe/Berlin."""

    plan: Plan
    org: Organisation
    portfolio: Portfolio
    entries: Entries
    offsets: Ints
    _users: dict[int, dict[str, Any]] = field(default_factory=dict)

    def instant(self, seconds: int) -> str:
        """2026-06-01T09:15:00.000+0200, the offset without colon."""
        day, second = divmod(int(seconds), DAY_SECONDS)
        east = int(self.offsets[PLACE, min(max(day, 0), self.plan.days - 1)]) // 60
        clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.000"
        return f"{self.plan.day(day).isoformat()}T{clock}+{east // 60:02d}{east % 60:02d}"

    def user(self, person: int) -> dict[str, Any]:
        if person not in self._users:
            self._users[person] = self._user(person)
        return self._users[person]

    def _user(self, person: int) -> dict[str, Any]:
        one = self.org.people[person]
        body: dict[str, Any] = {"self": f"{HOME}/user?accountId={account_id(person)}", "accountId": account_id(person)}
        if not hides_email(person):
            body["emailAddress"] = one.email
        kind = "app" if person == BOT else "atlassian"
        return body | {
            "displayName": one.name,
            "active": one.left is None,
            "timeZone": "Europe/Berlin",
            "accountType": kind,
        }

    def status(self, name: str) -> dict[str, Any]:
        number, category, key = CATEGORY[name]
        return {
            "id": number,
            "name": name,
            "statusCategory": {"id": category, "key": key, "name": CATEGORY_NAME[key]},
        }

    def issue(self, task: Task, reported_extra: int = 0) -> dict[str, Any]:
        project = self.portfolio.projects[task.project]
        spent = task.spent + reported_extra or None
        remaining = None if task.estimate is None else (0 if task.completed else max(0, task.estimate - task.spent))
        kind_id = {"Task": "10002", "Story": "10001", "Bug": "10004"}[task.kind]
        return {
            "expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields",
            "id": str(10_000 + task.number),
            "self": f"{HOME}/issue/{10_000 + task.number}",
            "key": f"{project_key(project.code)}-{task.number}",
            "fields": {
                "summary": task.subject,
                "issuetype": {"id": kind_id, "name": task.kind, "subtask": False},
                "project": {
                    "id": str(20_000 + task.project),
                    "key": project_key(project.code),
                    "name": project.name,
                    "projectTypeKey": "software",
                },
                "status": self.status(task.status),
                "priority": {"id": "3", "name": "Medium"} if task.number % 5 else {"id": "2", "name": "High"},
                "resolution": {"id": "10000", "name": "Done"} if task.completed else None,
                "reporter": self.user(task.reporter),
                "assignee": self.user(task.assignee),
                "labels": [],
                "created": self.instant(task.created),
                "updated": self.instant(task.updated),
                "resolutiondate": self.instant(task.completed) if task.completed else None,
                "duedate": None if task.due is None else self.plan.day(task.due).isoformat(),
                "timeoriginalestimate": task.estimate,
                "timeestimate": remaining,
                "timespent": spent,
                "worklog": self.worklog(task),
            },
            "changelog": self.changelog(task),
        }

    def worklog(self, task: Task) -> dict[str, Any]:
        logs = []
        for position in task.entries:
            start = int(self.entries.day[position] * DAY_SECONDS + self.entries.start[position])
            seconds = int(self.entries.seconds[position])
            author = self.user(int(self.entries.person[position]))
            logs.append(
                {
                    "self": f"{HOME}/issue/{10_000 + task.number}/worklog/{100_000 + position}",
                    "author": author,
                    "updateAuthor": author,
                    "created": self.instant(start + seconds),
                    "updated": self.instant(start + seconds),
                    "started": self.instant(start),
                    "timeSpent": duration_words(seconds),
                    "timeSpentSeconds": seconds,
                    "id": str(100_000 + position),
                    "issueId": str(10_000 + task.number),
                }
            )
        return {"startAt": 0, "maxResults": 20, "total": len(logs), "worklogs": logs}

    def changelog(self, task: Task) -> dict[str, Any]:
        histories = [
            {
                "id": str(task.number * 100 + number),
                "author": self.user(change.author),
                "created": self.instant(change.at),
                "items": [self.item(change)],
            }
            for number, change in enumerate(task.changes)
        ]
        histories.reverse()  # Jira lists the latest first
        return {"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": histories}

    def item(self, change: Change) -> dict[str, Any]:
        name, before, after = change.field, change.before, change.after
        if name == "status":
            values: tuple[str | None, ...] = (CATEGORY[str(before)][0], before, CATEGORY[str(after)][0], after)
        elif name == "assignee":
            was, now = int(str(before)), int(str(after))
            values = (account_id(was), self.org.people[was].name, account_id(now), self.org.people[now].name)
        elif name == "due_date":
            name = "duedate"
            was_day, now_day = (self.plan.day(int(str(value))).isoformat() for value in (before, after))
            values = (was_day, f"{was_day} 00:00:00.0", now_day, f"{now_day} 00:00:00.0")
        else:
            name = "timeoriginalestimate"
            values = (before, duration_words(int(str(before))), after, duration_words(int(str(after))))
        return {
            "field": name, "fieldtype": "jira", "fieldId": name,
            "from": values[0], "fromString": values[1], "to": values[2], "toString": values[3],
        }  # fmt: skip

    def write_pages(
        self, folder: Path, stem: str, issues: list[dict[str, Any]]
    ) -> list[tuple[Path, list[dict[str, Any]]]]:
        """Write a search result in pages; each file with the issues it holds."""
        pages = []
        for start in range(0, len(issues), PAGE):
            part = issues[start : start + PAGE]
            body = {
                "expand": "schema,names",
                "startAt": start,
                "maxResults": PAGE,
                "total": len(issues),
                "issues": part,
            }
            path = folder / f"{stem}_page-{start // PAGE + 1:03d}.json"
            path.write_text(json.dumps(body, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
            pages.append((path, part))
        return pages


def duration_words(seconds: int) -> str:
    """1d 2h 30m with days of eight hours, as Jira shows it."""
    minutes = seconds // 60
    parts = [(minutes // 480, "d"), (minutes % 480 // 60, "h"), (minutes % 60, "m")]
    return " ".join(f"{n}{unit}" for n, unit in parts if n) or "0m"
