"""Commands about what could not be read: quarantine, quarantine retry."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from orchestration.cli import render
from orchestration.cli.app import JsonOption, WorkspaceOption, app
from orchestration.cli.formats import PersonalOption, clip
from orchestration.workspace import find_workspace

if TYPE_CHECKING:
    from orchestration.quarantine import QuarantinedFile, Retried

SourceOption = Annotated[str | None, typer.Option("--source", help="Only this source.")]
quarantine_app = typer.Typer(
    help="Rows and files that could not be read, with reasons; `quarantine retry` tries them again."
)
app.add_typer(quarantine_app, name="quarantine")


@quarantine_app.callback(invoke_without_command=True)
def quarantine(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    source: SourceOption = None,
    all: Annotated[bool, typer.Option("--all", help="Also files that a later one has replaced.")] = False,
    limit: Annotated[int, typer.Option(help="Values to print a file.")] = 20,
    json: JsonOption = False,
    personal: PersonalOption = False,
) -> None:
    """List what could not be read: file, row, column, value and reason.

    A row leaves when the mended export arrives, or when the format or settings are mended and it is read again.
    """
    if context.invoked_subcommand is not None:
        context.obj = (workspace, source)
        return
    from orchestration.quarantine import list_quarantine

    files = list_quarantine(find_workspace(workspace), source, personal or sys.stdout.isatty())
    shown = [file for file in files if all or file.is_present]
    if json:
        print(render.as_json([file.as_json() for file in shown]))
        return
    for file in shown:
        _show_file(file, limit)
    _show_end(files, shown)


def _show_file(file: QuarantinedFile, limit: int) -> None:
    out = render.out
    replaced = "" if file.is_present else "  (replaced by a later file)"
    what = f"{file.rows_quarantined:,} rows" if file.rows_quarantined else "rejected"
    out.print(
        f"[bold]{escape(file.source)}: {escape(file.file_name)}[/]  {what}, arrived {file.arrived_at[:16]}{replaced}"
    )
    if file.problem:
        out.print(f"  {file.problem}. {file.remedy or ''}", markup=False)
    rows = [
        (entry.stream or "no row", entry.row or entry.line, entry.column, clip(entry.value), clip(entry.reason, 120))
        for entry in file.entries[:limit]
    ]
    if rows:
        out.print(render.table("", ["stream", "row", "column", "value", "reason"], rows))
    if len(file.entries) > limit:
        out.print(f"  … and {len(file.entries) - limit:,} more values; --limit {len(file.entries)} prints all.")
    out.print()


def _show_end(files: list[QuarantinedFile], shown: list[QuarantinedFile]) -> None:
    rows = sum(file.rows_quarantined for file in shown)
    rejected = sum(1 for file in shown if not file.rows_quarantined)
    render.out.print(
        f"In quarantine: {rows:,} rows of {len(shown) - rejected} files; {rejected} files are rejected whole."
    )
    hidden = len(files) - len(shown)
    if hidden:
        render.out.print(
            f"{hidden} more files had been in quarantine when a later one replaced them; --all lists them."
        )
    if shown:
        render.out.print(
            "Mend the export and put it into the inbox, or mend the format or settings; then: workledger quarantine retry"
        )


@quarantine_app.command()
def retry(
    context: typer.Context, workspace: WorkspaceOption = None, source: SourceOption = None, json: JsonOption = False
) -> None:
    """Read again, from the kept bytes, what a mended format or mended settings may now read."""
    from orchestration.quarantine import retry_quarantine

    outer_workspace, outer_source = context.obj or (None, None)
    tried = retry_quarantine(find_workspace(workspace or outer_workspace), source or outer_source)
    if json:
        print(render.as_json([entry.__dict__ for entry in tried]))
        return
    for entry in tried:
        render.out.print(_say_retried(entry), markup=False)
    if not tried:
        render.out.print("Nothing is in quarantine.")
    if any(entry.was_mapped_again for entry in tried):
        render.out.print("Publish what was read with: workledger refresh")


def _say_retried(entry: Retried) -> str:
    place = f"{entry.source}: {entry.file_name}:"
    before, after = _in_words(entry.before), _in_words(entry.after)
    if not entry.was_mapped_again:
        return f"{place} {before} in quarantine as before: neither its format nor its source's settings have changed since."
    reason = f" {entry.problem}" if entry.problem else ""
    return f"{place} {before} in quarantine before, {after} now.{reason}"


def _in_words(rows: int | None) -> str:
    if rows is None:
        return "the whole file"
    return {0: "nothing", 1: "1 row"}.get(rows, f"{rows:,} rows")
