"""Prove a version and its workspace: the files are the ones that were published, and every row and byte is where it was put."""

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
from orchestration.gap_history import spell_files
from orchestration.intake import store_of
from orchestration.kept_rows import KeptFile, KeptRows, count_kept
from orchestration.key_salt import require_salt
from orchestration.publication.audit import count_rows
from orchestration.publication.layout import MANIFEST, STATE, database_files
from orchestration.publication.manifest import Manifest, read_manifest
from orchestration.publication.publish import file_hashes
from orchestration.publication.versions import current_version, version_folder
from orchestration.releases import read_releases, require_kept
from orchestration.status import US_PER_HOUR
from orchestration.stopwatch import Progress, Stopwatch
from orchestration.workspace import Workspace

RESTORE = "Restore it from a back-up and verify again."
BUILD_AGAIN = "Roll back to a version that verifies, or publish again with: workledger refresh --force"
Row = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was recorded. ``rule`` is what was being proved."""

    rule: str
    what: str
    where: str
    remedy: str

    def __str__(self) -> str:
        return str(WorkledgerError(self.what, where=self.where, remedy=self.remedy))


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


class _Notes:
    """Counts what was looked at and keeps what was found."""

    def __init__(self) -> None:
        self.verified: dict[str, int] = {}
        self.findings: list[Finding] = []

    def saw(self, rule: str, count: int = 1) -> None:
        self.verified[rule] = self.verified.get(rule, 0) + count

    def found(self, rule: str, what: str, where: Path | str, remedy: str) -> None:
        self.findings.append(Finding(rule, what, str(where), remedy))


def verify(workspace: Workspace, version: str | None = None, progress: Progress | None = None) -> Verification:
    """Verify ``version`` (the current one if left out) and everything that the workspace keeps. Call it under the refresh lock.

    Nothing is changed. Raises WorkledgerError where there is no such version; all else is a finding.
    """
    named = current_version(workspace.published) if version is None else version
    notes, watch = _Notes(), Stopwatch(progress)
    if named is not None:
        with watch.phase("version"):
            _verify_version(version_folder(workspace.published, named), notes)
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


def _verify_version(folder: Path, notes: _Notes) -> None:
    try:
        manifest = read_manifest(folder / MANIFEST)
    except WorkledgerError as error:
        notes.found("manifest", error.what, error.where, BUILD_AGAIN)
        return
    notes.saw("manifest")
    if manifest.version != folder.name:
        notes.found("manifest", f"The manifest is that of version {manifest.version}", folder / MANIFEST, RESTORE)
    if not _verify_files(folder, manifest, notes):
        return  # A log beside a file would be replayed by opening it, and a damaged file says nothing.
    _verify_rows(folder, manifest, notes)
    _verify_contracts(folder, manifest, notes)
    _verify_own_accounts(folder, manifest, notes)


def _verify_files(folder: Path, manifest: Manifest, notes: _Notes) -> bool:
    """Whether the database files are the published ones, none missing and none with a log, and the private one is private."""
    before = len(notes.findings)
    if not manifest.sha256_by_file:
        notes.found("file_hashes", "The version's files were never hashed, so they prove nothing", folder, BUILD_AGAIN)
    hashes = file_hashes(folder)
    # A version of before an audience was known has no file of it.
    every = {path.relative_to(folder).as_posix() for path in database_files(folder).values()}
    for name in sorted(manifest.sha256_by_file or every):
        if name not in hashes:
            notes.found("file_hashes", "A file of the version is missing", folder / name, RESTORE)
            continue
        recorded = manifest.sha256_by_file.get(name)
        if recorded is not None and recorded != hashes[name]:
            what = "A published file is not the one that was published: its hash differs from the manifest's"
            notes.found("file_hashes", what, folder / name, RESTORE)
        notes.saw("file_hashes")
    for log in sorted(folder.rglob("*.wal")):
        remedy = f"Find out who writes to published files. {RESTORE}"
        notes.found("write_ahead_logs", "A published file has a write-ahead log beside it", log, remedy)
    notes.saw("write_ahead_logs", len(hashes))
    is_whole = len(notes.findings) == before
    private = (folder / STATE).parent
    if private.is_dir() and private.stat().st_mode & 0o077:
        what = "Others than the owner can enter the folder of the private file"
        notes.found("private_folder", what, private, f"Run: chmod 700 {private}")
    notes.saw("private_folder")
    return is_whole


def _verify_rows(folder: Path, manifest: Manifest, notes: _Notes) -> None:
    counted = count_rows(folder)
    for table in sorted({*counted, *manifest.rows_by_table}):
        recorded, there = manifest.rows_by_table.get(table), counted.get(table)
        if recorded != there:
            what = f"{table} has {_rows(there)}, and the manifest says {_rows(recorded)}"
            notes.found("row_counts", what, folder, BUILD_AGAIN)
    notes.saw("row_counts", len(counted))


def _rows(count: int | None) -> str:
    return "no such table" if count is None else f"{count:,} rows"


def _verify_contracts(folder: Path, manifest: Manifest, notes: _Notes) -> None:
    """Published tables have the columns and types that readers were promised when the version was made."""
    if not manifest.columns_by_table:
        notes.found(
            "contracts", "The manifest does not say which columns were promised", folder / MANIFEST, BUILD_AGAIN
        )
    found = _columns(folder)
    for table, promised in sorted(manifest.columns_by_table.items()):
        there = {name: kind.lower() for name, kind in found.get(table, {}).items()}
        wanted = {name: _in_duckdb(kind) for name, kind in promised.items()}
        broken = sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))
        if broken:
            said = ", ".join(
                f"{name} {there.get(name, 'missing')} instead of {wanted.get(name, 'none')}" for name in broken
            )
            notes.found("contracts", f"{table} does not keep its contract: {said}", folder, BUILD_AGAIN)
    for table in sorted(found.keys() - manifest.columns_by_table.keys()) if manifest.columns_by_table else ():
        notes.found("contracts", f"{table} is published without a contract", folder, BUILD_AGAIN)
    notes.saw("contracts", len(manifest.columns_by_table))


def _in_duckdb(kind: str) -> str:
    """DuckDB's own name of a type."""
    import duckdb

    return str(duckdb.sqltype(kind)).lower()


def _columns(folder: Path) -> dict[str, dict[str, str]]:
    """Columns with types of every table in the audience files, the audit schema apart."""
    import duckdb

    found: dict[str, dict[str, str]] = {}
    for catalog, path in database_files(folder).items():
        if catalog == "state" or not path.is_file():
            continue
        with duckdb.connect(str(path), read_only=True) as con:
            rows = con.execute(
                "select schema_name, table_name, column_name, data_type from duckdb_columns()"
                " where not internal and schema_name <> 'audit' order by all"
            ).fetchall()
        for schema, table, column, kind in rows:
            found.setdefault(f"{catalog}.{schema}.{table}", {})[column] = kind
    return found


def _verify_own_accounts(folder: Path, manifest: Manifest, notes: _Notes) -> None:
    """The version's accounts close, and hold the rows of the deliveries that the manifest names."""
    import duckdb

    if "analyst.core.fct_stream_accounts" not in manifest.rows_by_table:
        return
    with duckdb.connect(str(database_files(folder)["analyst"]), read_only=True) as con:
        accounts = con.execute(
            "select source, stream, rows_read is not distinct from rows_loaded + rows_merged + rows_quarantined"
            " + rows_filtered and delivered_rows = superseded_rows + tombstoned_rows + vanished_rows + staged_rows,"
            " coalesce(rows_loaded, 0) from core.fct_stream_accounts order by all"
        ).fetchall()
    loaded: dict[str, int] = {}
    for source, stream, closes, rows in accounts:
        loaded[source] = loaded.get(source, 0) + rows
        if not closes:
            what = f"The version's account of {source} in {stream} does not close"
            notes.found("accounting", what, folder / "analyst.duckdb", BUILD_AGAIN)
    delivered: dict[str, int] = {}
    for delivery in manifest.deliveries:
        delivered[delivery.source] = delivered.get(delivery.source, 0) + delivery.rows
    for source in sorted({*loaded, *delivered}):
        if loaded.get(source, 0) != delivered.get(source, 0):
            what = (
                f"The version holds {loaded.get(source, 0):,} rows of {source}, and the manifest's deliveries brought"
                f" {delivered.get(source, 0):,}"
            )
            notes.found("accounting", what, folder, BUILD_AGAIN)
    notes.saw("accounting", len(accounts))


@dataclass(frozen=True)
class _LedgerRows:
    deliveries: Sequence[Row] = ()
    streams: Sequence[Row] = ()
    filtered: Mapping[tuple[str, str], int] = field(default_factory=dict)
    bytes_let_go: Collection[str] = ()


def _ledger_rows(store: Store, notes: _Notes) -> _LedgerRows:
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


def _verify_erasures(workspace: Workspace, notes: _Notes) -> None:
    """No erasure was left half-way, and who was erased stays out."""
    try:
        require_list(workspace, store_of(workspace).suppressed)
    except WorkledgerError as error:
        notes.found("erasures", error.what, error.where or workspace.erasures, error.remedy)
    if done := read_erasures(workspace):
        notes.saw("erasures", len(done))
    if is_under_way(workspace):
        notes.found("erasures", UNFINISHED, under_way(workspace), "Run the same erase again: it goes on where it was.")


def _verify_bytes(store: Store, rows: _LedgerRows, notes: _Notes, watch: Stopwatch) -> None:
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


def _shown(workspace: Workspace, version: str | None, notes: _Notes) -> Manifest | None:
    """What the version says of itself, where that can be read."""
    if version is None or "manifest" in {finding.rule for finding in notes.findings}:
        return None
    return read_manifest(version_folder(workspace.published, version) / MANIFEST)


def _verify_salt(workspace: Workspace, shown: Manifest | None, notes: _Notes) -> None:
    try:
        if shown is not None and shown.key_salt:
            require_salt(workspace.key_salt, shown.key_salt)
            notes.saw("key_salt")
    except WorkledgerError as error:
        notes.found("key_salt", error.what, error.where or workspace.key_salt, error.remedy)


def _verify_closes(workspace: Workspace, shown: Manifest | None, notes: _Notes) -> None:
    for decision in decisions(workspace):
        notes.saw("closed_months")
        try:
            read_close(workspace, decision)
        except WorkledgerError as error:
            notes.found("closed_months", error.what, error.where or decision, error.remedy)
    gone = sorted(set(shown.closes if shown else ()) - {path.stem for path in decisions(workspace)})
    for month in gone:
        notes.found("closed_months", f"The close of {month} is gone", workspace.closes, RESTORE)


def _verify_releases(workspace: Workspace, shown: Manifest | None, notes: _Notes) -> None:
    try:
        for _ in read_releases(workspace):
            notes.saw("releases")
        require_kept(workspace, shown.releases if shown else ())
    except WorkledgerError as error:
        notes.found("releases", error.what, error.where or workspace.releases, error.remedy)


def _verify_annotations(workspace: Workspace, notes: _Notes) -> None:
    try:
        if said := every_annotation(workspace):
            notes.saw("annotations", len(said))
    except WorkledgerError as error:
        notes.found("annotations", error.what, error.where or workspace.annotations, error.remedy)


def _verify_gap_spells(workspace: Workspace, notes: _Notes) -> None:
    try:
        for _ in spell_files(workspace):
            notes.saw("gap_spells")
    except WorkledgerError as error:
        notes.found("gap_spells", error.what, error.where or workspace.gap_spells, error.remedy)


def _whose(sha256: str, deliveries: Sequence[Row]) -> str:
    names = sorted({f"{row['file_name']} of {row['source']}" for row in deliveries if row["sha256"] == sha256})
    return f" (it was {', '.join(names)})" if names else ""


def _verify_accounting(rows: _LedgerRows, notes: _Notes) -> None:
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


def _verify_streams(workspace: Workspace, streams: Sequence[Row], notes: _Notes) -> None:
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


def _compare(path: Path, row: Row, kept: KeptRows | str, notes: _Notes) -> None:
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
