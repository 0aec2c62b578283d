"""That people were erased: when, how many rows, from which deliveries. Never who.

An erasure under way is a file of its own beside the records. It names the person, since a killed erase has to go on where it was,
and is removed with the last step. Until then nothing is refreshed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from connectors.durable import fsync_path, write_durably
from data_contracts.errors import WorkledgerError
from orchestration.workspace import Workspace

UNFINISHED = "An erasure is unfinished: it was stopped before its end"


@dataclass(frozen=True)
class Erasure:
    """What was taken out. ``rows_by_stream`` are rows of deliveries, ``deliveries`` those whose bytes are not kept any more."""

    number: int
    erased_at: str
    rows_by_stream: Mapping[str, int] = field(default_factory=dict)
    deliveries: tuple[str, ...] = ()
    versions: int = 0
    closed_entries: int = 0
    released_rows: int = 0
    annotations: int = 0


def under_way(workspace: Workspace) -> Path:
    """The file of an erasure that has begun and not ended."""
    return workspace.erasures / "under_way.json"


def is_under_way(workspace: Workspace) -> bool:
    """Whether an erasure was begun and not ended."""
    return under_way(workspace).exists()


def require_none_under_way(workspace: Workspace) -> None:
    """Raises WorkledgerError where an erasure has begun and not ended."""
    if is_under_way(workspace):
        raise WorkledgerError(
            UNFINISHED, where=str(under_way(workspace)), remedy="Run the same erase again: it goes on where it was."
        )


def require_list(workspace: Workspace, suppressed: Path) -> None:
    """Raises WorkledgerError where people were erased and the list of their hashes, at ``suppressed``, is gone."""
    if read_erasures(workspace) and not suppressed.is_file():
        raise WorkledgerError(
            "People were erased, and the list that keeps them out is gone",
            where=str(suppressed),
            remedy="Restore it from the back-up: without it they come back with the next export.",
        )


def read_erasures(workspace: Workspace) -> tuple[Erasure, ...]:
    """Every erasure, oldest first. Raises WorkledgerError where a record is damaged."""
    return tuple(map(_read, sorted(workspace.erasures.glob("[0-9]*.json"))))


def keep_erasure(workspace: Workspace, erasure: Erasure) -> None:
    """Record that it was done, and forget whom it was about."""
    path = workspace.erasures / f"{erasure.number:06d}.json"
    write_durably(path, json.dumps(asdict(erasure), indent=1) + "\n")
    path.chmod(0o400)
    under_way(workspace).unlink()
    fsync_path(workspace.erasures)


def _read(path: Path) -> Erasure:
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        return Erasure(**{**entry, "deliveries": tuple(entry["deliveries"])})
    except (ValueError, TypeError, KeyError) as error:
        raise WorkledgerError(
            "The record of an erasure cannot be read", where=str(path), remedy="Restore it from the back-up."
        ) from error
