"""The versions that readers can see, and which of them is current."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from pathlib import Path

from connectors.durable import fsync_path, point_durably
from data_contracts.errors import WorkledgerError
from orchestration.publication.layout import MANIFEST

VERSION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


def version_id(at: dt.datetime, seed: str) -> str:
    """A version's name, ``20261120T231500Z-1a2b3c4d``: the instant in UTC and eight hex digits of
    ``seed``'s hash.

    ``at`` must know its zone; ValueError otherwise.
    """
    if at.tzinfo is None:
        raise ValueError("version_id needs an instant with a zone")
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}-{hashlib.sha256(seed.encode()).hexdigest()[:8]}"


def versions_folder(published: Path) -> Path:
    """Where versions lie."""
    return published / "versions"


def version_folder(published: Path, version: str) -> Path:
    """The folder of one version. Raises WorkledgerError where there is no such version."""
    folder = versions_folder(published) / version
    if not VERSION.fullmatch(version) or not (folder / MANIFEST).is_file():
        known = list_versions(published)
        raise WorkledgerError(
            f"There is no version {version!r}",
            where=str(versions_folder(published)),
            remedy=f"Versions, newest first: {', '.join(reversed(known[-5:])) or 'none'}.",
        )
    return folder


def list_versions(published: Path) -> tuple[str, ...]:
    """Names of all whole versions, oldest first."""
    folder = versions_folder(published)
    if not folder.is_dir():
        return ()
    names = (path.name for path in folder.iterdir() if (path / MANIFEST).is_file())
    return tuple(sorted(name for name in names if VERSION.fullmatch(name)))


def current_version(published: Path) -> str | None:
    """The version ``current`` points to; None before the first publication.

    Raises WorkledgerError where ``current`` points to nothing: somebody removed a version by hand.
    """
    version = pointed_version(published)
    if version is not None:
        version_folder(published, version)
    return version


def pointed_version(published: Path) -> str | None:
    """As ``current_version``, whether or not that version is there: who points elsewhere need not find it."""
    link = published / "current"
    if not link.is_symlink():
        if link.exists():
            raise WorkledgerError(
                "published/current is not a symlink",
                where=str(link),
                remedy="Move it away; the next refresh makes it again.",
            )
        return None
    return link.readlink().name


def point_current(published: Path, version: str) -> None:
    """Make ``version`` the one readers see, in one atomic step."""
    version_folder(published, version)
    fsync_path(versions_folder(published))
    point_durably(published / "current", f"versions/{version}")


def require_still_current(published: Path, started_from: str | None) -> None:
    """Raise WorkledgerError unless the version a build started from is still the current one."""
    now = current_version(published)
    if now != started_from:
        raise WorkledgerError(
            f"The build started from version {started_from or 'none'}, but {now or 'none'} is current now",
            where=str(published / "current"),
            remedy="Run the refresh again: it will start from what is current.",
        )
