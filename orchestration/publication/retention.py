"""Which old versions may go, and how they go without a reader meeting half of one."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from orchestration.publication.durable import fsync_path
from orchestration.publication.hold import read_hold
from orchestration.publication.versions import current_version, list_versions, versions_folder

PINNED = "pinned"
GOING = ".going-"


def expired(
    versions: Sequence[str],
    kept: Collection[str],
    *,
    keep: int,
    max_age: dt.timedelta | None,
    now: dt.datetime,
) -> tuple[str, ...]:
    """Versions that may go, oldest first: not in ``kept``, not among the newest ``keep``, and older than ``max_age`` if
    there is one. ``now`` must know its zone."""
    newest = set(sorted(versions)[-keep:]) if keep > 0 else set()
    return tuple(
        version
        for version in sorted(versions)
        if version not in newest and version not in kept and (max_age is None or now - published_at(version) > max_age)
    )


def published_at(version: str) -> dt.datetime:
    """The instant in a version's name, UTC."""
    return dt.datetime.strptime(version[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)


def pin(published: Path, version: str) -> None:
    """Keep a version whatever its age, until ``unpin``."""
    folder = published / PINNED
    folder.mkdir(parents=True, exist_ok=True)
    (folder / version).touch()
    fsync_path(folder)


def unpin(published: Path, version: str) -> None:
    """Let a version go when its time comes."""
    (published / PINNED / version).unlink(missing_ok=True)


def pinned_versions(published: Path) -> frozenset[str]:
    """Names of pinned versions."""
    folder = published / PINNED
    return frozenset(path.name for path in folder.iterdir()) if folder.is_dir() else frozenset()


def remove_expired(published: Path, *, keep: int, max_age: dt.timedelta | None, now: dt.datetime) -> tuple[str, ...]:
    """Remove what ``expired`` names; the current version, pinned ones and those a hold names always stay.

    Call it under the refresh lock. A version loses its name in one step before its files go; what a killed removal left is
    removed by the next.
    """
    gone = expired(list_versions(published), _kept(published), keep=keep, max_age=max_age, now=now)
    folder = versions_folder(published)
    for version in gone:
        (folder / version).rename(folder / f"{GOING}{version}")
    _remove_all(folder.glob(f"{GOING}*"))
    return gone


def _kept(published: Path) -> frozenset[str]:
    hold = read_hold(published)
    held = (hold.rolled_back_from, hold.rolled_back_to) if hold else ()
    return pinned_versions(published) | {name for name in (current_version(published), *held) if name}


def _remove_all(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder)
