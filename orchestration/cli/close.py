"""Commands about the books: close."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from orchestration.cli import render
from orchestration.cli.app import JsonOption, WorkspaceOption, app
from orchestration.publication.lock import refresh_lock
from orchestration.status import US_PER_HOUR
from orchestration.workspace import find_workspace


@app.command()
def close(
    month: Annotated[str, typer.Argument(help="The month, as 2026-10.")],
    reason: Annotated[str, typer.Option(help="Why or by whom; published with the month.")] = "",
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Close a month on the current version: what comes later becomes a dated adjustment.

    The month's time entries are kept as they are published now (`core.fct_closed_activities`), and the version is pinned. From
    the next refresh on `core.fct_adjustments` tells what changed since, and `marts.mart_reconciliation__closed_month` that the
    books and their adjustments come to what is known now.
    """
    from orchestration.closes import close_month

    found = find_workspace(workspace)
    with refresh_lock(found.lock, "close", lambda holder: render.err.print(f"waiting for {holder}")):
        closed = close_month(found, month, reason=reason, at=datetime.now(UTC))
    if json:
        print(render.as_json(asdict(closed)))
        return
    hours = closed.counted_us / US_PER_HOUR
    render.out.print(
        f"{closed.month} is closed on version {closed.version}: {closed.entries:,} time entries, {hours:,.2f} counted hours."
    )
    render.out.print("The next refresh publishes it: core.fct_closed_activities, core.fct_adjustments.")
