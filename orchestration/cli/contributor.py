"""Commands for contributors: my, annotate."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli import render
from orchestration.cli.app import JsonOption, WorkspaceOption, app
from orchestration.publication.lock import refresh_lock
from orchestration.workspace import find_workspace

PersonOption = Annotated[str, typer.Option(help="E-mail address, number or key of the person.")]


@app.command()
def my(
    person: PersonOption,
    to: Annotated[Path, typer.Option(help="A new folder for the files.")] = Path("my-rows"),
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Write a contributor's own rows to a folder: utilisation, capacity, activities, gaps, and what the measures mean.

    Nothing of anybody else's is in it, teams' totals neither. Whoever runs it must be able to read the directory of names.
    """
    from orchestration.own_rows import write_own_rows

    extract = write_own_rows(find_workspace(workspace), person, to)
    if json:
        print(render.as_json({"folder": str(extract.folder), "version": extract.version, "rows": extract.rows}))
        return
    render.out.print(
        render.table("", ["file", "rows"], [(f"{name}.csv", count) for name, count in extract.rows.items()])
    )
    render.out.print(f"\nIn {extract.folder}, with README.md; from version {extract.version}.", markup=False)


@app.command()
def annotate(
    person: PersonOption,
    period: Annotated[
        str, typer.Option(help="A month, as 2026-10, or a day of the week that is meant, as 2026-10-05.")
    ],
    measure: Annotated[str, typer.Option(help="The measure, as in core.dim_measures.")],
    text: Annotated[str, typer.Argument(help="What there is to say about the number.")],
    share: Annotated[
        bool,
        typer.Option(
            "--share", help="Let analysts read it from the next version on, and managers know that there is one."
        ),
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Keep what a contributor says about a number of theirs.

    It comes with `workledger my`. Only what is shared is published: analysts read it beside the person's key, managers see on the
    team's figure how many spoke.
    """
    from orchestration.annotations import annotate as keep

    found = find_workspace(workspace)
    with refresh_lock(found.lock, "annotate", lambda holder: render.err.print(f"waiting for {holder}")):
        kept = keep(found, person, period, measure, text, datetime.now(UTC), share=share)
    shared = " The next version tells it to analysts, and managers that there is one." if share else ""
    render.out.print(f"Kept, on {kept.measure} of {kept.period}. It comes with: workledger my.{shared}", markup=False)
