"""Commands around formats: preview, formats, template."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from data_contracts.errors import WorkledgerError
from orchestration.cli import render
from orchestration.cli.app import JsonOption, WorkspaceOption, app
from orchestration.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from orchestration.preview import Preview, StreamPreview

SHOWN_QUARANTINE = 10
PersonalOption = Annotated[
    bool, typer.Option("--personal", help="Show names and addresses also in a pipe or file. Notes are never shown.")
]


@app.command()
def preview(
    file: Annotated[Path, typer.Argument(help="An export.")],
    format: Annotated[str | None, typer.Option(help="Its format, where headers do not tell.")] = None,
    zone: Annotated[str | None, typer.Option(help="IANA zone of the local times in it.")] = None,
    option: Annotated[
        list[str] | None, typer.Option(help="Option of the format as name=value; repeat it for more.")
    ] = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
    personal: PersonalOption = False,
) -> None:
    """What a refresh would make of one file: format and why, ten rows a stream, quarantine, warnings. Nothing is kept.

    Example: `workledger preview toggl_2026-01.csv --zone Europe/Berlin`
    """
    from connectors.trial import Declared
    from orchestration.preview import preview as look

    declared = Declared(format, zone, _options(option or []))
    watched = personal or sys.stdout.isatty()
    try:
        found = look(file, workspace_near(workspace, file), declared, watched)
    except WorkledgerError as error:
        raise _with_draft(error, file) from None
    if json:
        print(render.as_json(found.as_json()))
    else:
        _show_preview(found, watched)


def _options(texts: list[str]) -> dict[str, str]:
    for text in texts:
        if "=" not in text:
            raise WorkledgerError(f"{text!r} is not an option", remedy="Write --option name=value.")
    return {name.strip(): value for name, _, value in (text.partition("=") for text in texts)}


def workspace_near(named: Path | None, file: Path) -> Workspace | None:
    """The workspace that is named, else the one around the file or here; None where there is none."""
    if named is not None:
        return find_workspace(named)
    for start in (file.parent, None):
        try:
            return find_workspace(None, start)
        except WorkledgerError:
            continue
    return None


def _with_draft(error: WorkledgerError, file: Path) -> WorkledgerError:
    if not error.what.startswith("No format recognises"):
        return error
    remedy = f"{error.remedy} Draft a format from the file with: workledger formats new {file}"
    return WorkledgerError(error.what, where=error.where or str(file), remedy=remedy)


def _show_preview(found: Preview, watched: bool) -> None:
    out = render.out
    out.print(f"[bold]{escape(found.file)}[/]")
    out.print(f"Format      {found.format} {found.format_version}: {found.description}", markup=False)
    for line in found.why:
        out.print(f"Why         {line}", markup=False)
    for line in found.reads:
        out.print(f"Reads       {line}", markup=False)
    for stream in found.streams:
        _show_stream(stream)
    _show_quarantine(found)
    out.print(f"\n[bold]Warnings: {len(found.warnings) or 'none'}[/]")
    for warning in found.warnings:
        out.print(f"  {warning}", markup=False)
    if not watched:
        out.print("\nNames and addresses are hidden, since this is no terminal; --personal shows them.")


def _show_stream(stream: StreamPreview) -> None:
    filtered = ", ".join(f"{rows:,} filtered as {rule}" for rule, rows in stream.filtered_by.items()) or "0 filtered"
    hours = "" if stream.hours_loaded is None else f"  ({stream.hours_loaded:,.2f} h loaded)"
    render.out.print(
        f"\n[bold]{stream.stream}[/]: {stream.rows_read:,} rows read = {stream.rows_loaded:,} loaded"
        f" + {stream.rows_merged:,} merged + {stream.rows_quarantined:,} quarantined + {filtered}{hours}"
    )
    if not stream.rows:
        return
    from orchestration.disclosure import HIDDEN

    places = range(len(stream.columns))
    hidden = [at for at in places if any(row[at] == HIDDEN for row in stream.rows)]
    constant = [
        at for at in places if len(stream.rows) > 1 and at not in hidden and len({row[at] for row in stream.rows}) == 1
    ]
    if hidden:
        render.out.print("  hidden: " + ", ".join(stream.columns[at] for at in hidden), markup=False)
    if constant:
        texts = [f"{stream.columns[at]} = {render.cell(stream.rows[0][at])}" for at in constant]
        render.out.print("  the same in every row shown: " + ", ".join(texts), markup=False)
    shown = [at for at in places if at not in (*constant, *hidden)]
    rows = [[_cell(stream.columns[at], row[at]) for at in shown] for row in stream.rows]
    render.out.print(render.table("", [stream.columns[at] for at in shown], rows))


def _cell(column: str, value: object) -> str:
    """A duration as hours and minutes, everything else as it is."""
    if column.endswith("_us") and isinstance(value, int):
        sign, seconds = ("-" if value < 0 else ""), abs(value) // 1_000_000
        return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if column == "source_record_id":
        return clip(str(value), 24) or ""
    return render.cell(value)


def _show_quarantine(found: Preview) -> None:
    out = render.out
    out.print(f"\n[bold]Quarantine: {len(found.quarantine) or 'none'}[/]")
    rows = [
        (entry.stream or "no row", entry.row or entry.line, entry.column, clip(entry.value), clip(entry.reason, 120))
        for entry in found.quarantine[:SHOWN_QUARANTINE]
    ]
    if rows:
        out.print(render.table("", ["stream", "row", "column", "value", "reason"], rows))
    if len(found.quarantine) > SHOWN_QUARANTINE:
        out.print(f"  … and {len(found.quarantine) - SHOWN_QUARANTINE:,} more; --json prints all.")


def clip(text: str | None, length: int = 60) -> str | None:
    """One line of a value, cut to length, for a cell of a table."""
    plain = None if text is None else " ".join(text.split())
    return plain if plain is None or len(plain) <= length else plain[: length - 1] + "…"


formats_app = typer.Typer(help="The export formats that are known; `formats new` drafts one from a file.")
app.add_typer(formats_app, name="formats")


@formats_app.callback(invoke_without_command=True)
def formats(context: typer.Context, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    """List the known formats: whose export, which streams it feeds, the files it is tested with."""
    if context.invoked_subcommand is not None:
        return
    from connectors.catalogue import known_formats

    near = workspace_near(workspace, Path.cwd() / "any")
    known = known_formats(near.formats if near else None)
    if json:
        print(render.as_json([entry.as_json() for entry in known]))
        return
    columns = ["format", "vendor", "origin", "reads", "streams", "must be told", "tested with"]
    rows = [
        (
            entry.name,
            entry.vendor,
            entry.origin,
            entry.reads,
            ", ".join(entry.streams),
            ", ".join(entry.needs),
            ", ".join(entry.tested_files),
        )
        for entry in known
    ]
    render.out.print(render.table(f"{len(rows)} formats", columns, rows))
    render.out.print("\nOne that is not here is one YAML file: workledger formats new FILE, docs/add-a-source.md.")


@app.command()
def template(
    stream: Annotated[str, typer.Argument(help="A stream, such as time_entries.")],
    explain: Annotated[bool, typer.Option("--explain/--no-explain", help="Explain the columns on stderr.")] = True,
) -> None:
    """Print an empty canonical CSV of a stream; what its columns mean goes to stderr.

    Example: `workledger template time_entries > my_hours.csv`
    """
    from connectors.template import template_columns, template_headers, template_rules

    headers = template_headers(stream)
    if explain:
        for line in template_rules(stream):
            print(line, file=sys.stderr)
        for name, needed, kind, meaning in template_columns(stream):
            print(f"  {name}  ({needed}; {kind})  {meaning}", file=sys.stderr)
    print(",".join(headers))


@formats_app.command("new")
def new_format(
    file: Annotated[Path, typer.Argument(help="An export that no format recognises.")],
    name: Annotated[
        str | None, typer.Option(help="Name of the format, VENDOR__EXPORT; from the file's name if left out.")
    ] = None,
    stream: Annotated[str | None, typer.Option(help="Stream it feeds; guessed from the headers if left out.")] = None,
    printed: Annotated[
        bool, typer.Option("--print", help="Print it instead of writing it into the workspace.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Draft a format from a file: headers, what they probably mean, locale. Every guess is marked as one.

    Example: `workledger formats new inbox/acme/hours.csv --name acme__hours`
    """
    from connectors.draft import draft_format

    chosen = name or name_from(file)
    text = draft_format(file, chosen, stream)
    near = workspace_near(workspace, file)
    if printed or near is None:
        print(text, end="")
        return
    target = near.formats / f"{chosen}.yaml"
    if target.exists():
        raise WorkledgerError(
            "This format exists already", where=str(target), remedy="Give another --name, or delete it."
        )
    near.formats.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8")
    guesses = text.count("# guess")
    render.out.print(
        f"Wrote {target} with {guesses} guesses. Check each, then: workledger preview {file}", markup=False
    )


def name_from(file: Path) -> str:
    """A format's name from a file's: its words, digits apart."""
    import re

    words = re.findall(r"[a-z]+", file.stem.lower()) or ["export"]
    return f"{words[0]}__{'_'.join(words[1:]) or 'export'}"
