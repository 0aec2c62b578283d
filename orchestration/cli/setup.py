"""Commands before the first refresh: init, sample, check, preview."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from data_contracts.errors import WorkledgerError
from orchestration.cli import render
from orchestration.cli.app import FAILED, JsonOption, WorkspaceOption, app
from orchestration.workspace import find_workspace


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Where to make the workspace.")] = Path()) -> None:
    """Make an empty workspace: a commented workledger.yaml and the folders beside it.

    Example: `workledger init ~/acme-hours`
    """
    from orchestration.initialise import initialise

    root = initialise(folder)
    render.out.print(f"Made a workspace in {root}", markup=False)
    render.out.print("Put exports into inbox/<source>/, name the sources in workledger.yaml, then: workledger check")


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="Where to write the sample organisation's workspace.")],
    people: Annotated[int, typer.Option(min=60, help="People in the organisation.")] = 150,
    months: Annotated[int, typer.Option(min=3, help="Months of history.")] = 14,
    seed: Annotated[int, typer.Option(help="Same seed, same organisation.")] = 7,
    until: Annotated[str | None, typer.Option(help="Last day of the history, YYYY-MM-DD.")] = None,
) -> None:
    """Write the exports of a made-up organisation, with planted faults, as a workspace.

    Example: `workledger sample /tmp/sample --people 150 --months 14 --seed 7`
    """
    from connectors.sample_org.write import write_sample_organisation

    if (folder / "workledger.yaml").exists():
        raise WorkledgerError("This folder already is a workspace", where=str(folder), remedy="Name an empty folder.")
    with render.progress_line().running() as progress:
        summary = write_sample_organisation(
            folder,
            people=people,
            months=months,
            seed=seed,
            until=_date(until),
            progress=lambda what: progress(what, 0, None),
        )
    render.out.print(
        f"Wrote {summary.files} files with {summary.time_entries:,} time entries of {summary.people} people into {folder}",
        markup=False,
    )
    render.out.print(f"Planted faults: {summary.faults}, listed in {folder / 'planted_faults.json'}", markup=False)
    render.out.print(f"Next: workledger refresh -w {folder}", markup=False)


def _date(text: str | None) -> date:
    if text is None:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WorkledgerError(f"{text!r} is not a date", remedy="Write YYYY-MM-DD.") from None


@app.command()
def check(workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    """Check the configuration, the reference files and where each source's files lie. Nothing is run."""
    from orchestration.inspection import inspect_sources, require_known_checks
    from orchestration.reference import check_reference

    found = find_workspace(workspace)
    require_known_checks(found)
    sources = inspect_sources(found)
    problems = [str(problem) for problem in check_reference(found.reference)]
    problems += [source.problem for source in sources if source.problem]
    if json:
        print(render.as_json({"sources": [source.as_json() for source in sources], "problems": problems}))
    else:
        rows = [source.as_row() for source in sources]
        render.out.print(render.table(found.settings.organisation, ["source", "format", "mode", "zone", "files"], rows))
        for problem in problems:
            render.out.print(f"Problem: {problem}", markup=False)
        if not sources:
            render.out.print("No source is named in workledger.yaml yet.")
    if problems:
        raise typer.Exit(FAILED)
