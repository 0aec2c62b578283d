"""What is missing or doubtful, as a list of work for each owner."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from connectors.sql_text import literal
from data_contracts.errors import WorkledgerError
from orchestration.cli import render
from orchestration.cli.app import JsonOption, WorkspaceOption, app
from orchestration.cli.read import run_query
from orchestration.publication.layout import database_files
from orchestration.workspace import Workspace, find_workspace

DELIVERY = re.compile(r"\bdelivery ([0-9a-f]{16})\b")
NOBODY = "no owner named"
Gap = dict[str, Any]


@app.command()
def gaps(
    workspace: WorkspaceOption = None,
    rule: Annotated[str | None, typer.Option(help="Only this rule.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only what this owner has to do.")] = None,
    accepted: Annotated[
        bool, typer.Option("--accepted", help="Those that somebody accepted, with who and why.")
    ] = False,
    limits: Annotated[
        bool, typer.Option("--limits", help="What policy may set inside the rules, and what holds here.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Gaps to print of each owner, largest first; --json has all.")] = 10,
    json: JsonOption = False,
) -> None:
    """What is missing or doubtful in the published version, as a worklist by owner."""
    rule = rule and rule.removeprefix("gap_")  # in policy.checks a rule goes by its model's name
    found = find_workspace(workspace)
    if limits:
        _print_limits(found, rule, json)
        return
    listed = _gaps(found, rule, owner, accepted)
    if rule is not None and not listed:
        _require_rule(found, rule)
    if json:
        print(render.as_json(listed))
        return
    by_owner: dict[str, list[Gap]] = {}
    for gap in listed:
        by_owner.setdefault(gap.pop("owner") or NOBODY, []).append(gap)
    names = _names(found)
    for name, owned in by_owner.items():
        rows = [tuple(_about(gap, names).values()) for gap in owned[:limit]]
        render.out.print(render.table(name, list(_about(owned[0], names)), rows))
        if len(owned) > limit:
            # Not a whole command: the workspace and what else was asked for stand in the reader's own.
            render.out.print(
                f"… and {len(owned) - limit:,} more: add --owner '{name}' --limit {len(owned)}", markup=False
            )
        render.out.print()
    if not listed:
        render.out.print("No gaps.")


def _print_limits(workspace: Workspace, rule: str | None, json: bool) -> None:
    """Limits inside gap rules: for all sources, and for those of which policy says another."""
    from orchestration.gap_thresholds import THRESHOLDS
    from orchestration.warehouse import gap_thresholds

    settings = workspace.settings
    known = {(limit.rule, limit.name): limit for limit in THRESHOLDS}
    told = [
        {
            **line,
            "default": known[line["rule"], line["threshold"]].default,
            "meaning": known[line["rule"], line["threshold"]].meaning,
        }
        for line in gap_thresholds(settings.policy, settings.sources)
        if rule in (None, line["rule"])
    ]
    if rule is not None and not told:
        _require_rule(workspace, rule)
    if json:
        print(render.as_json(told))
        return
    columns = ["rule", "threshold", "source", "value", "default", "meaning"]
    render.out.print(
        render.table("Limits inside gap rules", columns, [tuple(line[name] for name in columns) for line in told])
    )


def _gaps(workspace: Workspace, rule: str | None, owner: str | None, accepted: bool) -> list[Gap]:
    """Gaps by owner, the most hours at stake first."""
    wanted = ["gaps.is_accepted" if accepted else "not gaps.is_accepted"]
    wanted += [f"gaps.rule = {literal(rule)}"] if rule is not None else []
    wanted += [f"coalesce(gaps.owner, '{NOBODY}') = {literal(owner)}"] if owner is not None else []
    what_to_do = "accepted_by, accepted_reason, accepted_until_date" if accepted else "remedy"
    sql = f"""
        select gaps.owner, gaps.rule, gaps.severity, gaps.scope, gaps.source, gaps.person_key, teams.team_name as team,
            coalesce(projects.project_code, projects.project_name) as project, gaps.start_date, gaps.end_date,
            gaps.first_seen_date, gaps.open_since_date, round(gaps.hours_at_stake, 2) as hours_at_stake, gaps.detail, {what_to_do}
        from core.fct_gaps as gaps
        left join core.dim_teams as teams on gaps.team_key = teams.team_key
        left join core.dim_projects as projects on gaps.project_key = projects.project_key
        where {" and ".join(wanted)}
        order by gaps.owner nulls last, gaps.hours_at_stake desc nulls last, gaps.rule, gaps.start_date, gaps.gap_key
    """
    columns, rows = run_query(workspace, sql)
    return [dict(zip(columns, row, strict=True)) for row in with_files(workspace, columns, rows)]


def _about(gap: Gap, names: dict[str, str]) -> Gap:
    """A gap as it is printed: one column for whom or what it is about, by name where the reader may see names."""
    person = gap["person_key"] and names.get(gap["person_key"], gap["person_key"])
    about = ", ".join(filter(None, (person, gap["team"], gap["project"]))) or gap["source"]
    hidden = {"scope", "person_key", "team", "project", "first_seen_date"}
    rest = {name: value for name, value in gap.items() if name not in hidden}
    return {"rule": rest.pop("rule"), "severity": rest.pop("severity"), "about": about, **rest}


def _names(workspace: Workspace) -> dict[str, str]:
    """Names by key, for whoever may read the directory; else none, and people go by their keys."""
    import duckdb

    try:
        with duckdb.connect(str(database_files(workspace.published / "current")["directory"]), read_only=True) as con:
            sql = "select person_key, person_name from core.dim_person_names where person_name is not null"
            return dict(con.execute(sql).fetchall())
    except (duckdb.IOException, duckdb.CatalogException):
        return {}


def _require_rule(workspace: Workspace, rule: str) -> None:
    """Raises WorkledgerError where no gap model has this rule: a misspelt one would look as if all were well."""
    from connectors.nearest import did_you_mean

    sql = "select table_name from audit.checks where table_name like 'gaps.gap_%' order by all"
    rules = {name.removeprefix("gaps.gap_") for (name,) in run_query(workspace, sql)[1]}
    if rule not in rules:
        raise WorkledgerError(f"There is no gap rule {rule!r}", remedy=did_you_mean(rule, rules))


def with_files(workspace: Workspace, columns: list[str], rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Gaps as operators read them: which file it was is in the ledger, and in nothing that is published."""
    from orchestration.intake import files_of_deliveries

    files, detail = files_of_deliveries(workspace), columns.index("detail")

    def file_of(found: re.Match[str]) -> str:
        return files.get(found[1], found[0])

    return [(*row[:detail], DELIVERY.sub(file_of, row[detail] or ""), *row[detail + 1 :]) for row in rows]
