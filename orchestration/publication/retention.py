"""Which old versions and runs may go, and how a version goes without a reader meeting half of one."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from connectors.durable import fsync_path, make_folder, write_durably
from orchestration.publication.hold import read_hold, version_before
from orchestration.publication.versions import (
    VERSION,
    current_version,
    list_versions,
    version_folder,
    versions_folder,
)

PINNED = "pinned"
GOING = ".going-"
#: A reader that followed ``current`` a moment ago may not have opened its file yet: what it was led to stays for as long.
LATE_READERS = dt.timedelta(hours=1)


def expired(
    versions: Sequence[str],
    kept: Collection[str],
    *,
    keep: int,
    max_age: dt.timedelta | None,
    now: dt.datetime,
) -> tuple[str, ...]:
    """Versions that may go, oldest first: not in ``kept``, not among the newest ``keep``, older than ``max_age`` if there is one,
    and followed by another for longer than readers take. ``now`` must know its zone.
    """
    ordered = sorted(versions)
    newest = set(ordered[-keep:]) if keep > 0 else set()
    return tuple(
        version
        for version, following in pairwise(ordered)
        if version not in newest
        and version not in kept
        and now - published_at(following) > LATE_READERS
        and (max_age is None or now - published_at(version) > max_age)
    )


def published_at(version: str) -> dt.datetime:
    """The instant in a version's name, UTC."""
    return dt.datetime.strptime(version[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)


def pin(published: Path, version: str, reason: str = "") -> None:
    """Keep a version whatever its age, until ``unpin``. Raises WorkledgerError where there is no such version."""
    version_folder(published, version)
    folder = published / PINNED
    make_folder(folder)
    write_durably(folder / version, reason)


def unpin(published: Path, version: str) -> bool:
    """Let a version go when its time comes. False where it was not pinned."""
    if version not in pinned_versions(published):
        return False
    (published / PINNED / version).unlink()
    fsync_path(published / PINNED)
    return True


def pinned_versions(published: Path) -> dict[str, str]:
    """Pinned versions with the reason each was given."""
    folder = published / PINNED
    if not folder.is_dir():
        return {}
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if VERSION.fullmatch(path.name)}


def remove_expired(published: Path, *, keep: int, max_age: dt.timedelta | None, now: dt.datetime) -> tuple[str, ...]:
    """Remove what ``expired`` names; the current version, pinned ones and those a hold names always stay.

    Call it under the refresh lock. A version loses its name in one step before its files go; what a killed removal left is
    removed by the next.
    """
    gone = expired(list_versions(published), _kept(published, now), keep=keep, max_age=max_age, now=now)
    folder = versions_folder(published)
    for version in gone:
        (folder / version).rename(folder / f"{GOING}{version}")
    if gone:
        fsync_path(folder)
    _remove_all(folder.glob(f"{GOING}*"))
    return gone


def prune_runs(runs: Path, *, keep: int) -> tuple[str, ...]:
    """Remove the logs and check results of all but the newest ``keep`` runs; returns the removed run ids, which start with their
    instant.
    """
    if not runs.is_dir():
        return ()
    gone = sorted((path for path in runs.iterdir() if path.is_dir()), reverse=True)[max(keep, 1) :]
    _remove_all(gone)
    return tuple(path.name for path in gone)


def _kept(published: Path, now: dt.datetime) -> frozenset[str]:
    hold, current = read_hold(published), current_version(published)
    held = (hold.rolled_back_from, hold.rolled_back_to) if hold else ()
    # After a rollback readers come from another version than the one before by name.
    late = current is not None and now - published_at(current) <= LATE_READERS
    left = version_before(published, current) if current is not None and late else None
    return frozenset(pinned_versions(published)) | {name for name in (current, left, *held) if name}


def _remove_all(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder)
