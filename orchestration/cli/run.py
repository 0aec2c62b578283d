"""Commands that write a version: refresh and demo."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from data_contracts.errors import WorkledgerError
from orchestration.cli import render
from orchestration.cli.app import BLOCKED, JsonOption, WorkspaceOption, app
from orchestration.events import Blocker, Checked, Delivered, RefreshReport
from orchestration.workspace import find_workspace

SHOWN_BLOCKERS = 12


@app.command()
def refresh(
    workspace: WorkspaceOption = None,
    as_of: Annotated[
        str | None, typer.Option(help="The day the version speaks of, YYYY-MM-DD. Today if left out.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Build a version though nothing is new, and every day of it anew.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Read new exports, build a version, check it, publish it if nothing blocks.

    Exit code 3 says that checks blocked it; readers keep the last good version.
    """
    from orchestration.refresh import refresh as run

    found = find_workspace(workspace)
    report: RefreshReport | None = None
    with render.progress_line(quiet=json).running() as progress:
        for event in run(found, as_of=_day(as_of), force=force, door="command line", progress=progress):
            if isinstance(event, RefreshReport):
                report = event
            elif not json:
                _show(event)
    assert report is not None
    if json:
        print(render.as_json(report.as_json()))
    else:
        show_report(report)
    if report.blocked_by:
        raise typer.Exit(BLOCKED)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WorkledgerError(f"{text!r} is not a date", remedy="Write --as-of YYYY-MM-DD.") from None


def _show(event: object) -> None:
    if isinstance(event, Delivered) and event.problem:
        render.out.print(f"[yellow]Rejected[/] {escape(f'{event.source}: {event.file_name}: {event.problem}')}")
    elif isinstance(event, Checked) and event.result.status != "passed" and event.result.severity == "warns":
        result = event.result
        said = escape(result.detail or result.observed)
        render.out.print(f"[yellow]Warning[/] {result.rule} on {result.table}: {said}")


def show_report(report: RefreshReport) -> None:
    """The end of a refresh in a few lines."""
    phases = ", ".join(f"{phase} {seconds:.1f} s" for phase, seconds in report.seconds.items())
    if report.nothing_new:
        render.out.print(f"Nothing new since version {report.version}.  ({phases})")
        return
    if report.published:
        passed = report.checks.get("passed", 0)
        warned = sum(report.checks.values()) - passed
        render.out.print(f"[green]Published[/] version {report.version}: {passed} checks passed, {warned} warn.")
        if report.removed_versions:
            render.out.print(f"Removed {len(report.removed_versions)} old versions, as policy says.")
        if report.removed_exports:
            render.out.print(f"Removed {report.removed_exports} old exports, as policy says; their rows stay.")
        if report.retention_problem:
            render.out.print(report.retention_problem, markup=False)
    else:
        render.out.print("[red]Not published.[/] Readers keep the last good version. What blocks:")
        _show_blockers(report.blocked_by)
        render.out.print(f"The build is kept for a look: {report.build_folder}", markup=False)
    render.out.print(f"Time: {phases}")


def _show_blockers(blockers: tuple[Blocker, ...]) -> None:
    """Causes first: what failed, then what could not run; checks skipped for want of a table are only counted."""
    order = {"failed": 0, "errored": 1}
    causes = sorted((b for b in blockers if b.status in order), key=lambda blocker: order[blocker.status])
    for blocker in causes[:SHOWN_BLOCKERS]:
        rows = f" on {blocker.rows_failed:,} rows" if blocker.rows_failed else ""
        owner = f" Owner: {blocker.owner}." if blocker.owner else ""
        render.out.print(
            f"  {blocker.rule} on {blocker.table} {blocker.status}{rows}: {blocker.detail}{owner}", markup=False
        )
        for row in blocker.sample:
            render.out.print("    " + ", ".join(f"{name}={value}" for name, value in row.items()), markup=False)
    hidden = len(blockers) - len(causes[:SHOWN_BLOCKERS])
    if hidden:
        render.out.print(f"  … and {hidden} more that failed or could not run.")


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo workspace lies.")] = Path("demo"),
    people: Annotated[int, typer.Option(help="People in the sample organisation.")] = 150,
    months: Annotated[int, typer.Option(help="Months of history.")] = 14,
    seed: Annotated[int, typer.Option(help="Same seed, same organisation.")] = 7,
) -> None:
    """Write the sample organisation, refresh it through Dagster, show what came out."""
    from orchestration.demo import run_demo

    if not run_demo(folder, people=people, months=months, seed=seed):
        raise typer.Exit(BLOCKED)
