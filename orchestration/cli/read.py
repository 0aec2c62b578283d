"""Commands that read what is published: query, status, gaps."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import typer

from data_contracts.errors import WorkledgerError
from orchestration.cli import render
from orchestration.cli.app import NOTHING_PUBLISHED, JsonOption, WorkspaceOption, app
from orchestration.plain_csv import as_csv
from orchestration.workspace import Workspace, find_workspace

DELIVERY = re.compile(r"\bdelivery ([0-9a-f]{16})\b")


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SQL statement.")],
    format: Annotated[Literal["table", "csv", "json"], typer.Option(help="How to print the rows.")] = "table",
    workspace: WorkspaceOption = None,
) -> None:
    """Run SQL on the current published version.

    Example: `workledger query "select * from marts.mart_utilisation__team_week limit 5"`
    """
    columns, rows = run_query(find_workspace(workspace), sql)
    if format == "json":
        print(render.as_json([dict(zip(columns, row, strict=True)) for row in rows]))
    elif format == "csv":
        print(as_csv(columns, rows), end="")
    else:
        render.print_rows(columns, rows)


def _require_rule(workspace: Workspace, rule: str) -> None:
    """Raises WorkledgerError where no gap model has this rule: a misspelt one would look as if all were well."""
    from connectors.nearest import did_you_mean

    sql = "select table_name from audit.checks where table_name like 'gaps.gap_%' order by all"
    rules = {name.removeprefix("gaps.gap_") for (name,) in run_query(workspace, sql)[1]}
    if rule not in rules:
        raise WorkledgerError(f"There is no gap rule {rule!r}", remedy=did_you_mean(rule, rules))


def run_query(workspace: Workspace, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows of ``sql`` on the current version. Raises WorkledgerError where the SQL is wrong."""
    import duckdb

    if not workspace.analyst_file.exists():
        render.err.print(f"Nothing is published in {workspace.root} yet. Publish with: workledger refresh")
        raise typer.Exit(NOTHING_PUBLISHED)
    with duckdb.connect(str(workspace.analyst_file), read_only=True) as con:
        con.execute("set timezone = 'UTC'")
        try:
            statements = con.extract_statements(sql)
            if len(statements) != 1:
                raise WorkledgerError(
                    f"The query holds {len(statements) or 'no'} statements",
                    remedy="Give one SQL statement; put it in quotes.",
                )
            result = con.execute(statements[0])
            columns = _told_apart([column[0] for column in result.description or []])
            return columns, result.fetchall()
        except duckdb.Error as error:
            raise _in_one_paragraph(error) from None


def with_files(workspace: Workspace, columns: list[str], rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Gaps as operators read them: which file it was is in the ledger, and in nothing that is published."""
    from orchestration.intake import files_of_deliveries

    files, detail = files_of_deliveries(workspace), columns.index("detail")

    def file_of(found: re.Match[str]) -> str:
        return files.get(found[1], found[0])

    return [(*row[:detail], DELIVERY.sub(file_of, row[detail] or ""), *row[detail + 1 :]) for row in rows]


def _in_one_paragraph(error: Exception) -> WorkledgerError:
    """DuckDB's message without the caret under the line that it quotes."""
    said, _, quoted = str(error).strip().partition("\nLINE ")
    place = f"line {quoted.splitlines()[0]}" if quoted else ""
    return WorkledgerError("The query failed: " + " ".join(said.split()).rstrip(".!"), where=place)


def _told_apart(columns: list[str]) -> list[str]:
    """Columns of one name get numbers, as DuckDB gives them in a table: none is lost in a JSON object."""
    told: list[str] = []
    for column in columns:
        name, number = column, 0
        while name in told:
            number += 1
            name = f"{column}_{number}"
        told.append(name)
    return told


@app.command()
def status(workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    """What is published, what was delivered, and whether every row is accounted for."""
    from orchestration.status import read_status

    state = read_status(find_workspace(workspace))
    if json:
        print(render.as_json(state.as_json()))
        return
    render.out.print(f"Workspace   {state.workspace}", markup=False)
    render.out.print(f"Version     {state.version or 'nothing published yet'}")
    if state.published_at:
        render.out.print(f"Published   {state.published_at}  (as of {state.as_of})")
    if state.hold:
        render.out.print(f"Held        {state.hold}", markup=False)
    render.out.print()
    columns = [
        "source",
        "file",
        "stream",
        "read",
        "loaded",
        "merged",
        "quarantined",
        "filtered",
        "hours read",
        "hours loaded",
    ]
    render.out.print(render.table("Deliveries", columns, [delivery.as_row() for delivery in state.deliveries]))
    open_accounts = [delivery for delivery in state.deliveries if not delivery.accounting_closes]
    verdict = "closes for every delivery" if not open_accounts else f"is open for {len(open_accounts)} deliveries"
    render.out.print(f"\nAccounting {verdict}: read = loaded + merged + quarantined + filtered.")
    for problem in state.problems:
        render.out.print(f"Problem: {problem}", markup=False)
    if state.gaps:
        render.out.print()
        rows = [
            (gap["rule"], gap["severity"], gap["gaps"], gap["hours_at_stake"], gap["accepted"]) for gap in state.gaps
        ]
        render.out.print(render.table("Gaps", ["rule", "severity", "gaps", "hours at stake", "accepted"], rows))


@app.command()
def gaps(
    workspace: WorkspaceOption = None,
    rule: Annotated[str | None, typer.Option(help="Only this rule.")] = None,
    accepted: Annotated[
        bool, typer.Option("--accepted", help="Those that somebody accepted, with who and why.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Rows to print.")] = 40,
    json: JsonOption = False,
) -> None:
    """What is missing or doubtful in the published version, as a worklist by owner."""
    rule = rule and rule.removeprefix("gap_")  # in policy.checks a rule goes by its model's name
    where = "where " + ("is_accepted" if accepted else "not is_accepted")
    where += "" if rule is None else " and rule = '" + rule.replace("'", "''") + "'"
    what_to_do = "accepted_by, accepted_reason, accepted_until_date" if accepted else "remedy"
    sql = f"""
        select owner, rule, severity, scope, source, start_date, end_date, first_seen_date, open_since_date,
            round(hours_at_stake, 2) as hours_at_stake, detail, {what_to_do}
        from core.fct_gaps {where}
        order by owner nulls last, hours_at_stake desc nulls last, rule, start_date
        limit {limit}
    """
    found = find_workspace(workspace)
    columns, rows = run_query(found, sql)
    rows = with_files(found, columns, rows)
    if rule is not None and not rows:
        _require_rule(found, rule)
    if json:
        print(render.as_json([dict(zip(columns, row, strict=True)) for row in rows]))
        return
    by_owner: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        by_owner.setdefault(row[0] or "no owner named", []).append(row[1:])
    for owner, owned in by_owner.items():
        render.out.print(render.table(owner, columns[1:], owned))
        render.out.print()
    if not rows:
        render.out.print("No gaps.")
