"""A build folder: copies of the current version's files to work in, so that readers never see work in
progress.
"""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

from data_contracts.errors import WorkledgerError
from orchestration.publication.layout import database_files
from orchestration.publication.versions import current_version, version_folder

#: Files can be read by DuckDB from this version on: its way to keep repeated text is quicker to write than the ones before.
STORAGE = "v1.3.0"
FICLONE = 0x40049409  # linux/fs.h: share the extents of another file, copied on write


def open_build(builds: Path, run_id: str, published: Path, *, fresh: bool = False) -> tuple[Path, str | None]:
    """Make ``builds/<run_id>`` with one DuckDB file per catalog; returns it and the version it started
    from.

    The files are clones of the current version's, or empty where there is none or ``fresh`` is asked for.
    Call it under the refresh lock. Raises WorkledgerError where the build exists or a current file has a
    leftover write-ahead log.
    """
    started_from = current_version(published)
    build = builds / run_id
    _make_folders(build)
    if started_from is None or fresh:
        for path in database_files(build).values():
            create_empty(path)
    else:
        _clone_files(version_folder(published, started_from), build)
    return build, started_from


def copy_file(source: Path, target: Path) -> bool:
    """Copy a file; True where the file system could share its blocks (reflink) instead of copying bytes."""
    with source.open("rb") as reading, target.open("xb") as writing:
        try:
            fcntl.ioctl(writing.fileno(), FICLONE, reading.fileno())
            return True
        except OSError:  # not on this file system, or across two: the copy below always works
            pass
    shutil.copyfile(source, target)
    return False


def _make_folders(build: Path) -> None:
    try:
        build.mkdir(parents=True)
    except FileExistsError as error:
        raise WorkledgerError(
            f"Run {build.name} has a build already",
            where=str(build),
            remedy="Give the run another id, or remove the folder if nothing uses it.",
        ) from error
    (build / "private").mkdir(mode=0o700)
    (build / "private").chmod(0o700)


def create_empty(path: Path) -> None:
    """Make a DuckDB file without anything in it."""
    import duckdb

    duckdb.connect(str(path), config={"storage_compatibility_version": STORAGE}).close()


def _clone_files(version: Path, build: Path) -> None:
    targets = database_files(build)
    for catalog, source in database_files(version).items():
        refuse_leftover_wal(source)
        copy_file(source, targets[catalog])


def refuse_leftover_wal(path: Path) -> None:
    """Raise WorkledgerError where ``path`` has a write-ahead log beside it: a writer was killed, or writes
    right now.
    """
    wal = path.with_name(path.name + ".wal")
    if wal.exists():
        raise WorkledgerError(
            "A published file has a write-ahead log beside it, so it is not whole",
            where=str(wal),
            remedy="Find out who wrote to it; roll back to another version, or make a fresh build.",
        )
