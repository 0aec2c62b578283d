"""Commands for contributors: my."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli import render
from orchestration.cli.app import JsonOption, WorkspaceOption, app
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
