"""From a build that passed the gate to the version readers see."""

from __future__ import annotations

import errno
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from connectors.deliveries import hash_file
from connectors.durable import fsync_path, fsync_tree, make_folder
from data_contracts.errors import WorkledgerError
from orchestration.publication.clone import refuse_leftover_wal
from orchestration.publication.hold import lift_hold, require_no_hold
from orchestration.publication.layout import MANIFEST, database_files
from orchestration.publication.manifest import Manifest, to_json
from orchestration.publication.versions import (
    VERSION,
    point_current,
    require_still_current,
    versions_folder,
)

KEPT_BUILDS = 3
#: The two large files are hashed side by side.
HASHED_AT_ONCE = 2
INCOMING = ".incoming-"
MODES = {"state": 0o400, "analyst": 0o444, "directory": 0o440, "finance": 0o440, "manager": 0o440}


def publish(build: Path, published: Path, manifest: Manifest) -> Path:
    """Make ``build`` the current version and return its folder. Call it under the refresh lock, after the
    gate.

    Everything is on disk before its name is: checkpoint, hashes and manifest, fsync, rename into ``versions/``, then
    the one atomic step. Dying anywhere leaves readers on the version before, whole, or on the new one,
    whole. Raises WorkledgerError where a hold forbids it, where another version became current meanwhile,
    or where the version exists.
    """
    require_no_hold(published, manifest.delivery_ids)
    require_still_current(published, manifest.started_from)
    target = _target(published, manifest.version)
    for path in database_files(build).values():
        checkpoint(path)
    hashed = replace(manifest, sha256_by_file=file_hashes(build))
    (build / MANIFEST).write_text(to_json(hashed), encoding="utf-8")
    _protect(build)
    fsync_tree(build)
    _move(build, target)
    require_still_current(published, manifest.started_from)
    point_current(published, manifest.version)
    lift_hold(published)
    return target


def file_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of the database files of a build or version, by POSIX path in its folder; files that are missing are left out."""
    files = [path for path in database_files(folder).values() if path.is_file()]
    # Hashing lets other threads run; it would be the longer half of a publication otherwise.
    with ThreadPoolExecutor(HASHED_AT_ONCE) as threads:
        hashes = list(threads.map(hash_file, files))
    return {path.relative_to(folder).as_posix(): found for path, found in zip(files, hashes, strict=True)}


def checkpoint(path: Path) -> None:
    """Fold the write-ahead log into the file. Raises WorkledgerError where the file is missing, in use or
    cannot be.
    """
    import duckdb

    if not path.is_file():
        raise WorkledgerError("A build misses a file", where=str(path), remedy="Run the refresh again.")
    try:
        with duckdb.connect(str(path)) as connection:
            connection.execute("force checkpoint")
    except duckdb.Error as error:
        raise WorkledgerError(
            f"A build's file cannot be checkpointed: {str(error).strip().splitlines()[0]}",
            where=str(path),
            remedy="Close whatever has the file open and run the refresh again.",
        ) from error
    refuse_leftover_wal(path)


def prune_builds(builds: Path, *, keep: int = KEPT_BUILDS, in_use: str = "") -> tuple[str, ...]:
    """Remove all but the newest ``keep`` abandoned builds; returns the removed run ids. Call it under the
    refresh lock: whoever holds it is the only one with a build, so every folder but ``in_use`` is a run
    that failed or died.
    """
    if not builds.is_dir():
        return ()
    abandoned = sorted(
        (path for path in builds.iterdir() if path.is_dir() and path.name != in_use),
        key=lambda path: (path.stat().st_mtime_ns, path.name),
        reverse=True,
    )
    for path in abandoned[keep:]:
        shutil.rmtree(path)
    return tuple(path.name for path in abandoned[keep:])


def _target(published: Path, version: str) -> Path:
    folder = versions_folder(published)
    make_folder(folder)
    target = folder / version
    if not VERSION.fullmatch(version):
        raise ValueError(f"{version!r} is no version id")
    if target.exists():
        raise WorkledgerError(f"Version {version} exists already", where=str(target), remedy="Run the refresh again.")
    return target


def _protect(build: Path) -> None:
    """Take write permission away: DuckDB opens for writing by default, and one such reader would lock out
    all others. Only the analysts' file is for everybody on the machine; names and rates are for the owner's group.
    """
    for catalog, path in database_files(build).items():
        path.chmod(MODES[catalog])
    (build / MANIFEST).chmod(0o444)


def _move(build: Path, target: Path) -> None:
    try:
        build.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_across(build, target)
    fsync_path(target.parent)
    if build.parent.is_dir():
        fsync_path(build.parent)


def _copy_across(build: Path, target: Path) -> None:
    """``published`` is another file system: copy under a name that is no version, then rename."""
    incoming = target.with_name(f"{INCOMING}{target.name}")
    shutil.rmtree(incoming, ignore_errors=True)
    shutil.copytree(build, incoming)
    fsync_tree(incoming)
    incoming.rename(target)
    shutil.rmtree(build)
