"""Commands that read what is published: query and status."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from data_contracts.errors import WorkledgerError
from orchestration.cli import render
from orchestration.cli.app import NOTHING_PUBLISHED, JsonOption, WorkspaceOption, app
from orchestration.plain_csv import as_csv
from orchestration.workspace import Workspace, find_workspace


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
