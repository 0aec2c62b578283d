"""Command: people, the work list of accounts that no roster knows."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli import render
from orchestration.cli.app import JsonOption, WorkspaceOption, app
from orchestration.publication.lock import refresh_lock
from orchestration.workspace import find_workspace


@app.command()
def people(
    accept: Annotated[
        str | None, typer.Option(help="An account of the list, which is the person proposed or named by --is.")
    ] = None,
    is_: Annotated[str | None, typer.Option("--is", help="E-mail address or number of a person on a roster.")] = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """List accounts with activities that no roster knows, with whom each could be, and accept who one is.

    A proposal is a likeness of names or addresses; nothing is matched by it. An accepted one is a line in
    reference/people_crosswalk.csv, and with the next refresh the account's whole history is that person's.

    Whoever runs it must be able to read the directory of names.
    """
    from orchestration import people_review

    found = find_workspace(workspace)
    listed = people_review.review(found)
    if accept is not None:
        account = people_review.find_account(listed, accept)
        person = people_review.chosen(found, account, is_)
        with refresh_lock(found.lock, "people", lambda holder: render.err.print(f"waiting for {holder}")):
            file = people_review.accept(found, account, person)
        render.out.print(
            f"{account.account} is {person.email or person.number}: written to {file.relative_to(found.root)}."
            " It counts with the next refresh.",
            markup=False,
        )
        return
    if json:
        print(render.as_json(listed.as_json()))
        return
    share = f"{listed.matched_hours / listed.logged_hours:.1%}" if listed.logged_hours else "no hours"
    render.out.print(f"Of {listed.logged_hours:,.1f} logged hours {share} have a person on a roster.\n", markup=False)
    rows = [
        (
            one.account,
            one.email or one.source_id or one.name,
            one.activities,
            one.hours,
            (one.proposal.person.email or one.proposal.person.number) if one.proposal else None,
            one.proposal.reason if one.proposal else None,
        )
        for one in listed.accounts
    ]
    render.out.print(
        render.table("", ["account", "known as", "activities", "hours", "could be", "because"], rows)
        if rows
        else "Every account is somebody on a roster."
    )
