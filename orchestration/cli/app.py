"""The typer application, its shared options and its exit codes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from orchestration.workspace import ENVIRONMENT

# Exit codes, as docs/operating.md lists them. 2 is typer's own for wrong usage.
FAILED = 1
BLOCKED = 3
NOTHING_PUBLISHED = 4

app = typer.Typer(
    name="workledger",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "One operational baseline of who worked on what, from the exports you already have.\n\n"
        "Exit codes: 0 done, 1 an error to mend, 2 wrong usage, 3 checks blocked the publication, "
        "4 nothing is published yet."
    ),
)

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "-w",
        "--workspace",
        help="The workspace. Else $WORKLEDGER_WORKSPACE, else the nearest folder above with a workledger.yaml.",
        show_default=False,
    ),
]


@app.callback()
def before_the_command(context: typer.Context, workspace: WorkspaceOption = None) -> None:
    """The workspace may be named before the command as well as after it, where it counts more."""
    if workspace is not None:
        os.environ[ENVIRONMENT] = str(workspace)


JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
