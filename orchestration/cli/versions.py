"""Commands about published versions: versions, verify, pin, unpin, rollback, resume."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from orchestration.cli import render
from orchestration.cli.app import FAILED, JsonOption, WorkspaceOption, app
from orchestration.publication.hold import lift_hold, read_hold, require_version_before
from orchestration.publication.hold import rollback as roll_back
from orchestration.publication.lock import refresh_lock
from orchestration.publication.manifest import read_manifest
from orchestration.publication.retention import pin as pin_version
from orchestration.publication.retention import pinned_versions
from orchestration.publication.retention import unpin as unpin_version
from orchestration.publication.versions import current_version, list_versions, version_folder
from orchestration.workspace import find_workspace


@app.command()
def versions(workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    """Every published version, newest first; the current one is marked."""
    published = find_workspace(workspace).published
    current, pinned = current_version(published), pinned_versions(published)
    manifests = [
        read_manifest(version_folder(published, version) / "manifest.json")
        for version in reversed(list_versions(published))
    ]
    if json:
        print(
            render.as_json(
                [
                    {
                        "version": manifest.version,
                        "is_current": manifest.version == current,
                        "is_pinned": manifest.version in pinned,
                        "published_at": manifest.published_at,
                        "as_of": manifest.as_of,
                        "deliveries": len(manifest.deliveries),
                        "gaps": sum(gap.gaps for gap in manifest.known_gaps),
                        "code_version": manifest.code_version,
                    }
                    for manifest in manifests
                ]
            )
        )
        return
    rows = [
        (
            "→" if manifest.version == current else "",
            manifest.version,
            manifest.as_of,
            len(manifest.deliveries),
            sum(gap.gaps for gap in manifest.known_gaps),
            round(sum(manifest.seconds_by_phase.values()), 1),
            (pinned[manifest.version] or "pinned") if manifest.version in pinned else "",
        )
        for manifest in manifests
    ]
    render.out.print(render.table("", ["", "version", "as of", "deliveries", "gaps", "seconds", "pinned"], rows))
    if hold := read_hold(published):
        render.out.print(
            f"Publication is held since {hold.set_at}: {hold.reason}. Go on with: workledger resume", markup=False
        )


PROVED = {
    "manifest": "manifest read",
    "file_hashes": "published files are the ones that were published",
    "write_ahead_logs": "published files have no write-ahead log",
    "private_folder": "private folder is closed to others",
    "row_counts": "tables hold the rows that the manifest says",
    "contracts": "tables have the columns and types that readers were promised",
    "ledger": "ledger is whole",
    "kept_bytes": "kept files hash to their names",
    "erasures": "erasures ended",
    "accounting": "accounts close",
    "closed_months": "closed months hold the rows that were closed",
    "releases": "releases hold what managers were shown",
    "gap_spells": "file that says since when gaps are known can be read",
    "stream_files": "stream files hold the rows and the time that the ledger says",
}


@app.command()
def verify(
    version: Annotated[str | None, typer.Argument(help="The version to prove; the current one if left out.")] = None,
    every_version: Annotated[bool, typer.Option("--all", help="Every version that is kept, not one only.")] = False,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Prove a version and everything the workspace keeps: hashes, rows, accounts, contracts.

    After a restore from a back-up, or when a disk is in doubt. Nothing is changed. Exit code 1 says that something was found.
    """
    from orchestration.verification import verify as prove

    found = find_workspace(workspace)
    with (
        render.progress_line(quiet=json).running() as progress,
        refresh_lock(found.lock, "verify", lambda holder: render.err.print(f"waiting for {holder}")),
    ):
        proof = prove(found, version, progress, every_version=every_version)
    if json:
        print(render.as_json({**asdict(proof), "is_clean": proof.is_clean}))
    else:
        render.out.print(f"Version {proof.version or 'none: nothing is published yet'}")
        for rule, count in proof.verified.items():
            broken = sum(finding.rule == rule for finding in proof.findings)
            verdict = f"[red]{broken} not[/]" if broken else "[green]all[/]"
            render.out.print(f"  {count:>6,}  {PROVED.get(rule, rule)}: {verdict}")
        for finding in proof.findings:
            render.out.print(f"\n{finding}", markup=False)
        render.out.print("\nEverything is as it was recorded." if proof.is_clean else "")
    if not proof.is_clean:
        raise typer.Exit(FAILED)


@app.command()
def pin(
    version: Annotated[str, typer.Argument(help="The version to keep.")],
    reason: Annotated[str, typer.Option(help="Why; shown in the list of versions.")] = "",
    workspace: WorkspaceOption = None,
) -> None:
    """Keep a version whatever its age, until `workledger unpin`."""
    found = find_workspace(workspace)
    with refresh_lock(found.lock, "pin", lambda holder: render.err.print(f"waiting for {holder}")):
        pin_version(found.published, version, reason)
    render.out.print(f"Version {version} stays until: workledger unpin {version}")


@app.command()
def unpin(
    version: Annotated[str, typer.Argument(help="The version that may go when its time comes.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Let a pinned version go when policy says so: `keep_versions` by count, `keep_days` by age."""
    found = find_workspace(workspace)
    with refresh_lock(found.lock, "unpin", lambda holder: render.err.print(f"waiting for {holder}")):
        was_pinned = unpin_version(found.published, version)
    render.out.print(f"Version {version} is pinned no more." if was_pinned else f"Version {version} was not pinned.")


@app.command()
def rollback(
    to: Annotated[str | None, typer.Argument(help="The version to show again; the one before if left out.")] = None,
    reason: Annotated[
        str, typer.Option(help="Why; shown to everyone until publication goes on.")
    ] = "rolled back by hand",
    workspace: WorkspaceOption = None,
) -> None:
    """Show readers an earlier version, and hold publication until `workledger resume`."""
    found = find_workspace(workspace)
    with refresh_lock(found.lock, "rollback", lambda holder: render.err.print(f"waiting for {holder}")):
        target = require_version_before(found.published, current_version(found.published)) if to is None else to
        hold = roll_back(found.published, target, reason=reason, at=datetime.now(UTC))
    render.out.print(f"Readers see {target} again (was {hold.rolled_back_from}).")
    render.out.print("Nothing new is published until: workledger resume")


@app.command()
def resume(workspace: WorkspaceOption = None) -> None:
    """Lift the hold that a rollback set: the next refresh may publish."""
    found = find_workspace(workspace)
    with refresh_lock(found.lock, "resume", lambda holder: render.err.print(f"waiting for {holder}")):
        lifted = lift_hold(found.published)
    render.out.print("Publication goes on with the next refresh." if lifted else "Nothing was held.")
