"""The command that compares two published versions: diff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from data_contracts.errors import WorkledgerError
from orchestration.cli import render
from orchestration.cli.app import JsonOption, WorkspaceOption, app
from orchestration.publication.hold import require_version_before
from orchestration.publication.versions import current_version
from orchestration.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from orchestration.differences import Delivery, Difference

SHOWN_TOTALS = 4
SHOWN_DELIVERIES = 2


@app.command()
def diff(
    before: Annotated[str | None, typer.Argument(help="The earlier version; the one before if left out.")] = None,
    after: Annotated[str | None, typer.Argument(help="The later version; the current one if left out.")] = None,
    table: Annotated[
        str | None, typer.Option(help="Only this table, such as marts.mart_utilisation__team_week.")
    ] = None,
    limit: Annotated[int, typer.Option(help="Changes to print.")] = 40,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """What changed between two versions: totals and rows by table, period and source, and the deliveries behind it."""
    from orchestration.differences import diff_versions
    from orchestration.intake import files_of_deliveries

    found = find_workspace(workspace)
    first, second = _named(found, before, after)
    difference = diff_versions(found.published, first, second, files_of_deliveries(found))
    if json:
        print(render.as_json(difference.as_json(table)))
        return
    _show(difference, table, limit)


def _named(workspace: Workspace, before: str | None, after: str | None) -> tuple[str, str]:
    second = current_version(workspace.published) if after is None else after
    if second is None:
        raise WorkledgerError("Nothing is published yet, so there is nothing to compare", remedy="workledger refresh")
    return before or require_version_before(workspace.published, second), second


def _show(difference: Difference, table: str | None, limit: int) -> None:
    out = render.out
    out.print(f"From {difference.before}\nto   {difference.after}\n")
    for name, (was, now) in difference.causes.items():
        out.print(f"{name}: {was} → {now}", markup=False)
    _show_deliveries("new", difference.deliveries_new)
    _show_deliveries("gone", difference.deliveries_gone)
    _show_deliveries("read again, other rows", difference.deliveries_read_again)
    for name, columns in difference.columns.items():
        out.print(f"Columns of {name} that only one of the two has, or with another type: {', '.join(columns)}")
    changed = [row for row in difference.changed if table in (None, row.table)]
    rows = [
        (
            *(row.table, row.grain, row.period, row.source, f"−{row.rows_gone:,} +{row.rows_new:,}"),
            *(_totals(row.totals), _files(row.deliveries, difference)),
        )
        for row in changed[:limit]
    ]
    if rows:
        out.print()
        out.print(render.table("", ["table", "by", "from", "source", "rows", "totals", "deliveries"], rows))
    if len(changed) > limit:
        out.print(f"… and {len(changed) - limit:,} more; --limit {len(changed)} prints all.")
    if not changed:
        out.print("No row and no total differs." if table is None else f"Nothing differs in {table}.")


def _show_deliveries(what: str, deliveries: tuple[Delivery, ...]) -> None:
    for entry in deliveries:
        file = "" if entry.file_name is None else f" {entry.file_name},"
        render.out.print(
            f"Delivery {what}: {entry.source},{file} {entry.rows_loaded:,} rows ({entry.delivery_id})", markup=False
        )


def _files(deliveries: tuple[str, ...], difference: Difference) -> str | None:
    """Deliveries by their files' names, where the ledger knows them."""
    listed = (*difference.deliveries_new, *difference.deliveries_gone, *difference.deliveries_read_again)
    names = {entry.delivery_id: entry.file_name or entry.delivery_id for entry in listed}
    more = f", and {len(deliveries) - SHOWN_DELIVERIES} more" if len(deliveries) > SHOWN_DELIVERIES else ""
    return ", ".join(names[delivery] for delivery in deliveries[:SHOWN_DELIVERIES]) + more or None


def _totals(totals: Mapping[str, tuple[float | None, float | None]]) -> str:
    told = [f"{name} {_number(was)} → {_number(now)}" for name, (was, now) in totals.items()]
    more = f", and {len(told) - SHOWN_TOTALS} more" if len(told) > SHOWN_TOTALS else ""
    return ", ".join(told[:SHOWN_TOTALS]) + more


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:,.2f}".removesuffix(".00")
