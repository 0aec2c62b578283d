"""What was planned: projects, milestones, bookings of people, rates. Frames of text, ready to be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from connectors.sample_org.hr import text_frame
from connectors.sample_org.organisation import Organisation, iso_day
from connectors.sample_org.plan import Plan
from connectors.sample_org.projects import Portfolio, Project
from connectors.sample_org.time_entries import Entries, Scene

if TYPE_CHECKING:
    import polars as pl

PROJECT_HEADERS = (
    "Project Code", "Project", "Client", "Charge Code", "Billable", "Internal", "Team", "Status", "Budget Hours",
    "Budget", "Fee", "Currency", "Planned Start", "Planned End",
)  # fmt: skip
MILESTONE_HEADERS = (
    "milestones_record_id", "project_code", "project_name", "client_name", "milestone_name", "baseline_date",
    "baseline_basis", "due_date", "completed_date", "status_category",
)  # fmt: skip
ALLOCATION_HEADERS = (
    "E-mail", "Role", "Project Code", "Project", "Start Date", "End Date", "Percent", "Hours per Week", "Status",
)  # fmt: skip
RATE_HEADERS = (
    "Rate Type", "E-mail", "Role", "Project Code", "Valid From", "Valid To", "Hourly Rate", "Currency",
)  # fmt: skip
STEPS = ("Kick-off", "First draft", "Review", "Acceptance", "Handover")


def projects_frame(plan: Plan, org: Organisation, portfolio: Portfolio) -> pl.DataFrame:
    return text_frame(PROJECT_HEADERS, [_project_row(plan, org, n, p) for n, p in enumerate(portfolio.projects)])


def _project_row(plan: Plan, org: Organisation, number: int, project: Project) -> list[str]:
    team = next((team.name for team in org.teams if team.family is project.family and team.family), "")
    return [
        project.code, project.name, project.client, f"CC-{1000 + number}", "Yes" if project.is_billable else "No",
        "Yes" if project.is_internal else "No", team, project.status,
        "" if project.budget_hours is None else str(project.budget_hours),
        "" if project.budget_hours is None else f"{project.budget_hours * 110}.00",
        "" if project.fee is None else f"{project.fee}.00", project.currency,
        "" if project.is_internal else iso_day(plan, project.first),
        "" if project.is_internal else iso_day(plan, project.last),
    ]  # fmt: skip


def milestones_frame(plan: Plan, portfolio: Portfolio) -> pl.DataFrame:
    """Two to five promised dates a client project; some were moved, some are late, a few never had a
    baseline.
    """
    rng = plan.rng("milestones")
    rows = []
    for project in portfolio.projects:
        if project.is_internal:
            continue
        count = int(rng.integers(2, 6))
        for step in range(count):
            baseline = project.first + (project.last - project.first) * (step + 1) // count
            due = baseline + (int(rng.integers(5, 30)) if rng.random() < 0.25 else 0)
            done: int | None = due + int(rng.integers(-6, 9))
            if done is not None and done >= plan.days - 1:
                done = None
            elif rng.random() < 0.05:
                done = None  # overdue and still open
            knows_baseline = rng.random() > 0.06
            rows.append([
                f"{project.code}/{step + 1}", project.code, project.name, project.client, STEPS[step],
                iso_day(plan, baseline) if knows_baseline else "", "original" if knows_baseline else "reported",
                iso_day(plan, due), iso_day(plan, done),
                "done" if done is not None else ("active" if baseline < plan.days + 30 else "todo"),
            ])  # fmt: skip
    return text_frame(MILESTONE_HEADERS, rows)


def rates_frame(plan: Plan, org: Organisation, portfolio: Portfolio) -> pl.DataFrame:
    """Bill and cost rates a role, raised on the first of January; some projects and people have their own."""
    rng = plan.rng("rates")
    new_year = f"{plan.until.year}-01-01"
    year_end = f"{plan.until.year - 1}-12-31"
    begin = f"{plan.start.year - 2}-01-01"
    roles = sorted({span.role for person in org.people for span in person.spans if span.role != "System Account"})
    rows = []
    for role in roles:
        bill = 70 + int(rng.integers(0, 14)) * 5
        cost = bill * 0.45
        for kind, amount in (("bill", float(bill)), ("cost", cost)):
            rows.append([kind, "", role, "", begin, year_end, f"{amount:.2f}", "EUR"])
            rows.append([kind, "", role, "", new_year, "", f"{amount * 1.04:.2f}", "EUR"])
    for project in portfolio.projects:
        if project.is_billable and rng.random() < 0.1:
            rows.append(["bill", "", "", project.code, begin, "", f"{100 + int(rng.integers(0, 10)) * 5}.00", "EUR"])
    for person in org.people[2:]:
        if person.employment_type == "contractor":
            rows.append(["cost", person.email, "", "", begin, "", f"{50 + int(rng.integers(0, 8)) * 5}.00", "EUR"])
    return text_frame(RATE_HEADERS, rows)


class Bookings:
    """Planned bookings that follow the work really done, month by month, with the errors that plans have."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._parts: list[tuple[int, np.ndarray[tuple[int], np.dtype[np.int64]]]] = []
        self._client = np.array([not p.is_internal for p in scene.portfolio.projects], bool)

    def add(self, month: int, entries: Entries) -> None:
        """Remember who worked on which client project in the month, and for how long."""
        known = (entries.person < len(self.scene.org.people)) & self._client[entries.project]
        key = entries.person[known] * len(self._client) + entries.project[known]
        pairs, where = np.unique(key, return_inverse=True)
        seconds = np.bincount(where, weights=entries.seconds[known], minlength=len(pairs)).astype(np.int64)
        self._parts.append((month, np.stack([pairs, seconds])))

    def frame(self) -> pl.DataFrame:
        """One row a booking: by percent, one in six by hours a week; the last month is carried on for two
        more.
        """
        import polars as pl

        rows = [self._month(month, part) for month, part in self._parts]
        return pl.concat([*rows, self._placeholders()])

    def _month(self, number: int, part: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pl.DataFrame:
        import polars as pl

        plan, scene = self.scene.plan, self.scene
        months = plan.month_list()
        month = months[number]
        rng = plan.rng("allocations", number, len(part[0]), int(part[0][0]) if len(part[0]) else 0)
        person, project = np.divmod(part[0], len(self._client))
        due = scene.days.due[person, month.first_index : month.last_index + 1].sum(axis=1).astype(np.int64) * 60
        share = part[1] / np.maximum(due, 1) * rng.normal(1.05, 0.15, len(person))
        percent = (np.rint(share * 10) * 10).clip(0, 120).astype(np.int64)
        keep = (percent > 0) & (due > 0)
        person, project, percent = person[keep], project[keep], percent[keep]
        by_hours = rng.random(len(person)) < 0.16
        status = rng.choice(np.array(["confirmed", "tentative", "cancelled"]), len(person), p=[0.86, 0.11, 0.03])
        is_last = number == len(months) - 1
        end = _two_months_on(plan) if is_last else month.last.isoformat()
        emails = [scene.org.people[i].email for i in person.tolist()]
        codes = [scene.portfolio.projects[i].code for i in project.tolist()]
        names = [scene.portfolio.projects[i].name for i in project.tolist()]
        return pl.DataFrame(
            {
                "E-mail": pl.Series(emails, dtype=pl.String),
                "Role": pl.Series([None] * len(emails), dtype=pl.String),
                "Project Code": pl.Series(codes, dtype=pl.String),
                "Project": pl.Series(names, dtype=pl.String),
                "Start Date": pl.Series([month.first.isoformat()] * len(emails), dtype=pl.String),
                "End Date": pl.Series([end] * len(emails), dtype=pl.String),
                "Percent": pl.Series(
                    [None if b else str(p) for b, p in zip(by_hours, percent, strict=True)], dtype=pl.String
                ),
                "Hours per Week": pl.Series(
                    [f"{p * 0.4:g}" if b else None for b, p in zip(by_hours, percent, strict=True)], dtype=pl.String
                ),
                "Status": pl.Series(status.tolist(), dtype=pl.String),
            }
        )

    def _placeholders(self) -> pl.DataFrame:
        plan = self.scene.plan
        rows = []
        for project in self.scene.portfolio.projects:
            if not project.is_internal and project.family and project.first < plan.days <= project.last:
                role = project.family.roles[-1]
                start, end = iso_day(plan, plan.days), _two_months_on(plan)
                rows.append(["", role, project.code, project.name, start, end, "50", "", "tentative"])
        return text_frame(ALLOCATION_HEADERS, rows[: 5 + len(rows) // 4])


def _two_months_on(plan: Plan) -> str:
    return iso_day(plan, plan.days + 59)
