"""The command that erases a person: erase."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli import render
from orchestration.cli.app import JsonOption, WorkspaceOption, app
from orchestration.publication.lock import refresh_lock
from orchestration.workspace import find_workspace

if TYPE_CHECKING:
    from orchestration.erasure.erase import Erased


@app.command()
def erase(
    person: Annotated[str, typer.Argument(help="E-mail address, number or key of the person.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Erase a person from all that the workspace keeps. There is no way back.

    Deliveries' bytes that hold the person are removed; what was read of them stays, without the person, whose rows are filtered
    by the rule `erased` from then on. Published versions, closed months, annotations and logs lose them too. Figures that
    managers were shown stay. Who was erased is not recorded, only that.
    """
    from orchestration.erasure.erase import Erased, erase, plan_erasure
    from orchestration.erasure.texts import files_of_the_user

    found = find_workspace(workspace)
    with refresh_lock(found.lock, "erase", lambda holder: render.err.print(f"waiting for {holder}")):
        plan = plan_erasure(found, person, datetime.now(UTC))
        if dry_run:
            _show(
                Erased(plan.erasure, plan.mentions, files_of_the_user(found, plan.person, plan.hashes)),
                json,
                is_done=False,
            )
            return
        if not yes:
            _show(Erased(plan.erasure, plan.mentions, ()), False, is_done=False)
            typer.confirm("Erase for good?", abort=True, err=True)
        done = erase(found, plan, lambda what: render.err.print(f"erasing: {what}", markup=False))
    _show(done, json, is_done=True)


def _show(erased: Erased, json: bool, *, is_done: bool) -> None:
    if json:
        print(render.as_json({**asdict(erased), "is_done": is_done}))
        return
    out, erasure = render.out, erased.erasure
    rows = [
        (stream, erasure.rows_by_stream.get(stream, 0), erased.mentions.get(stream, 0))
        for stream in sorted({*erasure.rows_by_stream, *erased.mentions})
    ]
    if rows:
        out.print(render.table("", ["stream", "rows that go", "rows that stay, without the person"], rows))
    went = "went" if is_done else "would go"
    out.print(
        f"Bytes of {len(erasure.deliveries):,} deliveries {went}, {erasure.closed_entries:,} entries of closed months and"
        f" {erasure.annotations:,} annotations; {erasure.released_rows:,} rows of releases become nobody's; {erasure.versions:,}"
        " published versions lose the person."
    )
    if erased.still_named:
        out.print("\nThese files are yours and still tell of the person:")
        for path in erased.still_named:
            out.print(f"  {path}", markup=False)
    if is_done:
        out.print(
            f"\nErasure {erasure.number} is recorded, without saying whose. Publish without the person: workledger refresh"
        )
