"""Prove a workspace: its versions, and that every row and byte that it keeps is where it was put."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.deliveries import hash_file
from connectors.ledger import open_ledger
from connectors.sources import Store
from data_contracts.errors import WorkledgerError
from orchestration.annotations import every_annotation
from orchestration.closes import decisions, read_close
from orchestration.erasure.records import UNFINISHED, is_under_way, read_erasures, require_list, under_way
from orchestration.findings import RESTORE, Finding, Notes
from orchestration.gap_history import spell_files
from orchestration.intake import store_of
from orchestration.kept_rows import KeptFile, KeptRows, count_kept
from orchestration.key_salt import require_salt
from orchestration.publication.layout import MANIFEST
from orchestration.publication.manifest import Manifest, read_manifest
from orchestration.publication.versions import current_version, list_versions, version_folder
from orchestration.releases import read_releases, require_kept
from orchestration.status import US_PER_HOUR
from orchestration.stopwatch import Progress, Stopwatch
from orchestration.version_verification import verify_version
from orchestration.workspace import Workspace

Row = dict[str, Any]


@dataclass(frozen=True)
class Verification:
    """What was looked at, by rule, and what was found. ``version`` is None where nothing is published."""

    version: str | None
    verified: dict[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether everything is as it was recorded."""
        return not self.findings


def verify(
    workspace: Workspace,
    version: str | None = None,
    progress: Progress | None = None,
    *,
    every_version: bool = False,
) -> Verification:
    """Verify ``version`` (the current one if left out) and everything that the workspace keeps, ``every_version`` that is kept
    too if that is asked for. Call it under the refresh lock.

    Nothing is changed. Raises WorkledgerError where there is no such version; all else is a finding.
    """
    named = current_version(workspace.published) if version is None else version
    notes, watch = Notes(), Stopwatch(progress)
    others = [name for name in list_versions(workspace.published) if name != named] if every_version else []
    for name in [*([named] if named is not None else []), *others]:
        with watch.phase("version"):
            verify_version(version_folder(workspace.published, name), notes)
    with watch.phase("deliveries"):
        rows = _ledger_rows(store_of(workspace), notes)
        _verify_bytes(store_of(workspace), rows, notes, watch)
        _verify_erasures(workspace, notes)
    with watch.phase("streams"):
        _verify_accounting(rows, notes)
        _verify_streams(workspace, rows.streams, notes)
    with watch.phase("closed months"):
        shown = _shown(workspace, named, notes)
        _verify_closes(workspace, shown, notes)
        _verify_releases(workspace, shown, notes)
        _verify_salt(workspace, shown, notes)
        _verify_gap_spells(workspace, notes)
        _verify_annotations(workspace, notes)
    seconds = {phase: round(value, 3) for phase, value in watch.seconds.items()}
    return Verification(named, notes.verified, tuple(notes.findings), seconds)


@dataclass(frozen=True)
class _LedgerRows:
    deliveries: Sequence[Row] = ()
    streams: Sequence[Row] = ()
    filtered: Mapping[tuple[str, str], int] = field(default_factory=dict)
    bytes_let_go: Collection[str] = ()


def _ledger_rows(store: Store, notes: Notes) -> _LedgerRows:
    """What the ledger says; nothing where it is missing or damaged, which is a finding."""
    if not store.ledger.is_file():
        if any((store.data / "deliveries").glob("*/*")):
            notes.found("ledger", "There are deliveries but no ledger of them", store.ledger, RESTORE)
        return _LedgerRows()
    try:
        with open_ledger(store.ledger) as ledger:
            damage = ledger.damage()
            if damage:
                notes.found("ledger", f"The ledger is damaged: {damage[0]}", store.ledger, RESTORE)
                return _LedgerRows()
            filtered: dict[tuple[str, str], int] = {}
            for row in ledger.filtered_rows():
                key = (row["delivery_id"], row["stream"])
                filtered[key] = filtered.get(key, 0) + row["rows"]
            notes.saw("ledger")
            return _LedgerRows(ledger.deliveries(), ledger.current_streams(), filtered, ledger.bytes_let_go())
    except sqlite3.DatabaseError as error:
        notes.found("ledger", f"The ledger cannot be read: {error}", store.ledger, RESTORE)
        return _LedgerRows()


def _verify_erasures(workspace: Workspace, notes: Notes) -> None:
    """No erasure was left half-way, and who was erased stays out."""
    try:
        require_list(workspace, store_of(workspace).suppressed)
    except WorkledgerError as error:
        notes.found("erasures", error.what, error.where or workspace.erasures, error.remedy)
    if done := read_erasures(workspace):
        notes.saw("erasures", len(done))
    if is_under_way(workspace):
        notes.found("erasures", UNFINISHED, under_way(workspace), "Run the same erase again: it goes on where it was.")


def _verify_bytes(store: Store, rows: _LedgerRows, notes: Notes, watch: Stopwatch) -> None:
    """Every delivery's bytes are kept, unless they were let go, by age or to erase somebody. Every kept file hashes to its name,
    also one that no delivery names (yet)."""
    deliveries = rows.deliveries
    kept = {path.name: path for path in sorted((store.data / "deliveries").glob("*/*")) if path.is_file()}
    for done, (name, path) in enumerate(kept.items(), start=1):
        watch.tell("deliveries", done, len(kept))
        try:
            hashed = hash_file(path)
        except OSError as error:
            notes.found("kept_bytes", f"A kept file cannot be read: {error.strerror}", path, RESTORE)
            continue
        if hashed != name:
            what = "A kept file is not the one that arrived: its hash is not its name"
            notes.found("kept_bytes", f"{what}{_whose(name, deliveries)}", path, RESTORE)
    for row in deliveries:
        if row["sha256"] not in kept and row["sha256"] not in rows.bytes_let_go:
            what = f"The bytes of {row['file_name']} of {row['source']} are not kept any more"
            notes.found("kept_bytes", what, store.landed(row["sha256"]), RESTORE)
    notes.saw("kept_bytes", len(kept))


def _shown(workspace: Workspace, version: str | None, notes: Notes) -> Manifest | None:
    """What the version says of itself, where that can be read."""
    if version is None or "manifest" in {finding.rule for finding in notes.findings}:
        return None
    return read_manifest(version_folder(workspace.published, version) / MANIFEST)


def _verify_salt(workspace: Workspace, shown: Manifest | None, notes: Notes) -> None:
    try:
        if shown is not None and shown.key_salt:
            require_salt(workspace.key_salt, shown.key_salt)
            notes.saw("key_salt")
    except WorkledgerError as error:
        notes.found("key_salt", error.what, error.where or workspace.key_salt, error.remedy)


def _verify_closes(workspace: Workspace, shown: Manifest | None, notes: Notes) -> None:
    for decision in decisions(workspace):
        notes.saw("closed_months")
        try:
            read_close(workspace, decision)
        except WorkledgerError as error:
            notes.found("closed_months", error.what, error.where or decision, error.remedy)
    gone = sorted(set(shown.closes if shown else ()) - {path.stem for path in decisions(workspace)})
    for month in gone:
        notes.found("closed_months", f"The close of {month} is gone", workspace.closes, RESTORE)


def _verify_releases(workspace: Workspace, shown: Manifest | None, notes: Notes) -> None:
    try:
        for _ in read_releases(workspace):
            notes.saw("releases")
        require_kept(workspace, shown.releases if shown else ())
    except WorkledgerError as error:
        notes.found("releases", error.what, error.where or workspace.releases, error.remedy)


def _verify_annotations(workspace: Workspace, notes: Notes) -> None:
    try:
        if said := every_annotation(workspace):
            notes.saw("annotations", len(said))
    except WorkledgerError as error:
        notes.found("annotations", error.what, error.where or workspace.annotations, error.remedy)


def _verify_gap_spells(workspace: Workspace, notes: Notes) -> None:
    try:
        for _ in spell_files(workspace):
            notes.saw("gap_spells")
    except WorkledgerError as error:
        notes.found("gap_spells", error.what, error.where or workspace.gap_spells, error.remedy)


def _whose(sha256: str, deliveries: Sequence[Row]) -> str:
    names = sorted({f"{row['file_name']} of {row['source']}" for row in deliveries if row["sha256"] == sha256})
    return f" (it was {', '.join(names)})" if names else ""


def _verify_accounting(rows: _LedgerRows, notes: Notes) -> None:
    """read = loaded + merged + quarantined + filtered, and filtered is the sum over its rules."""
    for row in rows.streams:
        parts = ("rows_loaded", "rows_merged", "rows_quarantined", "rows_filtered")
        accounted = sum(row[part] for part in parts)
        place = f"{row['source']}, {row['file_name']}, {row['stream']}"
        if row["rows_read"] != accounted:
            what = f"{row['rows_read']:,} rows were read and {accounted:,} are accounted for"
            notes.found("accounting", what, place, RESTORE)
        by_rule = rows.filtered.get((row["delivery_id"], row["stream"]), 0)
        if row["rows_filtered"] != by_rule:
            what = f"{row['rows_filtered']:,} rows were filtered, but {by_rule:,} by a named rule"
            notes.found("accounting", what, place, RESTORE)
        notes.saw("accounting")


def _verify_streams(workspace: Workspace, streams: Sequence[Row], notes: Notes) -> None:
    """Every current Parquet file is there and holds the rows, and the time, that the ledger says."""
    store = store_of(workspace)
    there: dict[str, list[KeptFile]] = {}
    rows: dict[Path, Row] = {}
    for row in streams:
        path, rejected = workspace.data / row["stream_path"], store.quarantine_file(row["delivery_id"])
        if row["rows_quarantined"] and not rejected.is_file():
            what = f"What could not be read of {row['file_name']} of {row['source']} is not kept any more"
            notes.found("quarantine_files", what, rejected, RESTORE)
        if path.is_file():
            rows[path] = row
            quarantine = rejected if row["rows_quarantined"] and rejected.is_file() else None
            there.setdefault(row["stream"], []).append(KeptFile(path, row["delivery_id"], quarantine))
        elif row["rows_loaded"]:
            what = f"The rows of {row['file_name']} of {row['source']} in {row['stream']} are missing"
            notes.found("stream_files", what, path, RESTORE)
    for stream, files in there.items():
        for path, kept in count_kept(stream, files).items():
            _compare(path, rows[path], kept, notes)
        notes.saw("stream_files", len(files))


def _compare(path: Path, row: Row, kept: KeptRows | str, notes: Notes) -> None:
    if isinstance(kept, str):
        notes.found("stream_files", f"A stream's file cannot be read: {kept}", path, RESTORE)
        return
    whose = f"{row['file_name']} of {row['source']} in {row['stream']}"
    if kept.loaded != row["rows_loaded"]:
        what = f"{kept.loaded:,} rows of {whose} are kept, and the ledger says {row['rows_loaded']:,}"
        notes.found("stream_files", what, path, RESTORE)
    if row["us_loaded"] is not None and kept.us != row["us_loaded"]:
        hours, recorded = kept.us / US_PER_HOUR, row["us_loaded"] / US_PER_HOUR
        what = f"{hours:,.2f} hours of {whose} are kept, and the ledger says {recorded:,.2f}"
        notes.found("stream_files", what, path, RESTORE)
    if kept.foreign:
        notes.found("stream_files", f"{kept.foreign:,} rows of {whose} are another delivery's", path, RESTORE)
