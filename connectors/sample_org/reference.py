"""The CSV files that an organisation keeps by hand: crosswalks, kinds of work, targets, a day off of its
own.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from connectors.sample_org import redmine, teams
from connectors.sample_org.jira import account_id, hides_email
from connectors.sample_org.organisation import Organisation
from connectors.sample_org.plan import Plan
from connectors.sample_org.projects import Portfolio

NO_SPAN = ("", "")
PEOPLE_HEADERS = (
    "source", "person_source_id", "person_email", "person_name", "maps_to_email", "maps_to_number",
    "valid_from_date", "valid_to_date",
)  # fmt: skip
RULES = (
    ("Month-end close", "Month-end close", "finance", "close"),
    ("Journals", "Month-end close", "finance", "close"),
    ("Reconciliation", "Reconciliation", "finance", "close"),
    ("Invoicing", "Billing", "finance", "receivables"),
    ("Payroll", "Payroll", "finance", "payroll"),
    ("*invoice*", "Accounts payable", "finance", "payables"),
    ("Recruiting", "Recruiting", "growth", ""),
    ("Interviewing", "Recruiting", "growth", ""),
    ("Prospecting", "Sales", "growth", ""),
    ("Demo", "Sales", "growth", ""),
    ("Proposal*", "Sales", "growth", ""),
    ("Tickets", "Support", "client", ""),
    ("Call", "Support", "client", ""),
    ("Knowledge base", "Support", "client", ""),
    ("Incident", "Support", "client", ""),
    ("Team meeting", "Meeting", "internal", ""),
    ("Client meeting", "Client delivery", "client", ""),
    ("Administration", "Administration", "internal", ""),
    ("Training", "Training", "internal", ""),
)
"""Labels that no rule names (Analysis, Drafting, Court …) stay to be seen as not classified, except those
of client work.
"""
CLIENT_LABELS = (
    "Analysis", "Workshop", "Reporting", "Research", "Presentation", "Modelling", "Testing", "Concept", "Layout",
    "Prototype", "Drafting", "Review", "Development", "Code review", "Refinement", "Data preparation",
)  # fmt: skip


def write_reference(folder: Path, plan: Plan, org: Organisation, portfolio: Portfolio) -> None:
    """Write every reference file. Headers are those the workspace knows."""
    folder.mkdir(parents=True, exist_ok=True)
    _save(folder / "people_crosswalk.csv", PEOPLE_HEADERS, people_crosswalk(org))
    _save(
        folder / "projects_crosswalk.csv",
        ("source", "project_source_id", "project_name", "maps_to_code"),
        projects_crosswalk(portfolio),
    )
    rules = [*RULES, *((label, "Client delivery", "client", "") for label in CLIENT_LABELS)]
    _save(
        folder / "activity_rules.csv",
        ("priority", "pattern", "activity_type", "category", "finance_service", "valid_from_date", "valid_to_date"),
        [(str(10 * n), *rule, *NO_SPAN) for n, rule in enumerate(rules, 1)],
    )
    _save(
        folder / "targets.csv",
        ("team_name", "role_name", "utilisation_target_ratio", "valid_from_date", "valid_to_date"),
        targets(plan, org),
    )
    years = range(plan.start.year, plan.until.year + 1)
    _save(
        folder / "extra_holidays.csv",
        ("place", "holiday_date", "holiday_name"),
        [("DE-BY", f"{year}-12-24", "Christmas Eve, a company day off") for year in years],
    )


def people_crosswalk(org: Organisation) -> list[tuple[str, ...]]:
    """Accounts that carry no known address: Redmine and Zendesk names, private Jira accounts, addresses
    before a marriage.
    """
    rows: list[tuple[str, ...]] = []
    by_source: dict[str, list[int]] = {}
    for index, person in enumerate(org.people):
        sources = {family.source for family in (org.teams[s.team].family for s in person.spans) if family}
        families = {family.name for family in (org.teams[s.team].family for s in person.spans) if family}
        for source in sorted(sources):
            by_source.setdefault(source, []).append(index)
        if "Customer Support" in families:
            by_source.setdefault("zendesk", []).append(index)
        if person.earlier_email:
            rows += [(s, "", person.earlier_email, "", "", person.number, *NO_SPAN) for s in sorted(sources)]
    for source in ("redmine", "zendesk"):
        known = by_source.get(source, [])
        names = Counter(org.people[i].name for i in known)
        rows += [
            (source, "", "", org.people[i].name, "", org.people[i].number, *NO_SPAN)
            for i in known
            if names[org.people[i].name] == 1  # a name that two people share leads to nobody
        ]
    rows += [
        ("jira", account_id(i), "", "", "", org.people[i].number, *NO_SPAN)
        for i in by_source.get("jira", [])
        if hides_email(i)
    ]
    return sorted(rows)


def projects_crosswalk(portfolio: Portfolio) -> list[tuple[str, ...]]:
    """Project names as each tool shows them, where the tool has no code of ours."""
    rows: list[tuple[str, ...]] = []
    sources = ("toggl_de", "toggl_gb", "toggl_us", "toggl_in", "clockify", "jira", "redmine")
    for number, project in enumerate(portfolio.projects):
        for source in sources:
            tools = {project.family.source} if project.family else {source}
            if "harvest" in tools:
                tools.add("clockify")  # where some of its people tried another tracker for a month
            if source not in tools:
                continue
            shown = redmine.project_name(project) if source == "redmine" else project.name
            rows.append((source, "", shown, project.code))
            if source == "jira":
                rows.append((source, str(20_000 + number), "", project.code))
    return sorted(rows)


def targets(plan: Plan, org: Organisation) -> list[tuple[str, ...]]:
    """Utilisation targets a team, raised on the first of January of the last year; one role has its own."""
    year = plan.until.year
    rows: list[tuple[str, ...]] = [("", "Team Lead", "0.500000", "", "")]
    for team in org.teams:
        if team.family is None or team.family is teams.SMALL_TEAM:
            continue
        base = team.family.billable + 0.05
        rows.append((team.name, "", f"{base - 0.05:.6f}", "", f"{year - 1}-12-31"))
        rows.append((team.name, "", f"{base:.6f}", f"{year}-01-01", ""))
    return rows


def _save(path: Path, headers: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(headers)
        writer.writerows(rows)
