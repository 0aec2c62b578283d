"""Rollback, and the hold it leaves so that the next refresh does not publish the same fault again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from connectors.durable import fsync_path, write_durably
from data_contracts.errors import WorkledgerError
from orchestration.publication.layout import MANIFEST
from orchestration.publication.manifest import read_manifest
from orchestration.publication.versions import list_versions, point_current, pointed_version, version_folder

HOLD = "hold.json"


@dataclass(frozen=True)
class Hold:
    """Why nothing new is published. ``deliveries`` empty means: nothing at all until somebody lifts the
    hold.
    """

    rolled_back_from: str | None
    rolled_back_to: str
    reason: str
    set_at: str
    deliveries: tuple[str, ...] = ()


def rollback(published: Path, to: str, *, reason: str, at: dt.datetime, deliveries: Iterable[str] = ()) -> Hold:
    """Show readers version ``to`` again and hold publication until ``deliveries`` are excluded or the hold
    is lifted.

    Call it under the refresh lock. The hold is written first: dying between the two steps leaves
    publication held, not the fault free to return.
    """
    version_folder(published, to)
    hold = Hold(pointed_version(published), to, reason, at.isoformat(), tuple(sorted(set(deliveries))))
    write_durably(published / HOLD, json.dumps(asdict(hold), indent=1, ensure_ascii=False) + "\n")
    point_current(published, to)
    return hold


def version_before(published: Path, version: str) -> str | None:
    """The version that readers had when ``version`` came, which after a rollback is not the one before by name. None where there
    was none, or it is not kept any more."""
    started_from = read_manifest(version_folder(published, version) / MANIFEST).started_from
    return started_from if started_from in list_versions(published) else None


def require_version_before(published: Path, version: str | None) -> str:
    """As ``version_before``. Raises WorkledgerError where there is none."""
    found = version_before(published, version) if version is not None else None
    if found is None:
        others = [name for name in list_versions(published) if name != version]
        raise WorkledgerError(
            "The version that readers had before is not there",
            where=str(published),
            remedy=f"Name one of: {', '.join(others)}" if others else "There is no other version yet.",
        )
    return found


def read_hold(published: Path) -> Hold | None:
    """The hold, or None. Raises WorkledgerError where the file is damaged: an unreadable hold still holds."""
    path = published / HOLD
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        return Hold(**{**entry, "deliveries": tuple(entry["deliveries"])})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        raise WorkledgerError(
            "The hold cannot be read", where=str(path), remedy="Mend the file, or lift the hold."
        ) from error


def require_no_hold(published: Path, delivery_ids: Iterable[str]) -> None:
    """Raise WorkledgerError where a hold forbids publishing a version made of ``delivery_ids``."""
    hold = read_hold(published)
    if hold is None:
        return
    still_in = sorted(set(hold.deliveries) & set(delivery_ids))
    if hold.deliveries and not still_in:
        return
    what = f"deliveries {', '.join(still_in)} are excluded" if still_in else "the hold is lifted"
    raise WorkledgerError(
        f"Publication is held since {hold.set_at}, after a rollback to {hold.rolled_back_to}: {hold.reason}",
        where=str(published / HOLD),
        remedy=f"Nothing new is published until {what}.",
    )


def lift_hold(published: Path) -> bool:
    """Let publication go on. False where there was no hold."""
    path = published / HOLD
    if not path.exists():
        return False
    path.unlink()
    fsync_path(published)
    return True
