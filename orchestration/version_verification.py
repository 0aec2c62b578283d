"""Prove one version: its files are the ones that were published, and hold what its manifest says."""

from __future__ import annotations

from pathlib import Path

from data_contracts.errors import WorkledgerError
from orchestration.findings import BUILD_AGAIN, RESTORE, Notes
from orchestration.publication.audit import count_rows
from orchestration.publication.layout import MANIFEST, STATE, database_files
from orchestration.publication.manifest import Manifest, read_manifest
from orchestration.publication.publish import file_hashes


def verify_version(folder: Path, notes: Notes) -> None:
    """Note what the version in a folder holds, and what it should not or should."""
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


def _verify_files(folder: Path, manifest: Manifest, notes: Notes) -> bool:
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


def _verify_rows(folder: Path, manifest: Manifest, notes: Notes) -> None:
    counted = count_rows(folder)
    for table in sorted({*counted, *manifest.rows_by_table}):
        recorded, there = manifest.rows_by_table.get(table), counted.get(table)
        if recorded != there:
            what = f"{table} has {_rows(there)}, and the manifest says {_rows(recorded)}"
            notes.found("row_counts", what, folder, BUILD_AGAIN)
    notes.saw("row_counts", len(counted))


def _rows(count: int | None) -> str:
    return "no such table" if count is None else f"{count:,} rows"


def _verify_contracts(folder: Path, manifest: Manifest, notes: Notes) -> None:
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


def _verify_own_accounts(folder: Path, manifest: Manifest, notes: Notes) -> None:
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
