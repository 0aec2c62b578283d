"""What contributors say about a number of theirs: each in a file that never changes and that only the service reads.

What they share is in the next version, for whoever sees the number; all else comes with their own extract only.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from connectors.durable import make_folder, write_durably
from connectors.nearest import did_you_mean
from data_contracts.errors import WorkledgerError
from orchestration.person_lookup import person_key_of
from orchestration.publication.versions import current_version, version_folder
from orchestration.workspace import Workspace

MEASURES = Path(__file__).resolve().parents[1] / "dbt_project" / "seeds" / "measures.csv"
PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
LONGEST = 2000


@dataclass(frozen=True)
class Annotation:
    """``period`` is a month, as 2026-10, or a day, as 2026-10-05, that stands for its week."""

    person_key: str
    period: str
    measure: str
    text: str
    annotated_at: str
    is_shared: bool = False

    @property
    def period_kind(self) -> str:
        """``month`` or ``week``."""
        return "month" if PERIOD.fullmatch(self.period) else "week"

    @property
    def period_date(self) -> dt.date:
        """The month's first day, or the day that stands for its week."""
        return dt.date.fromisoformat(f"{self.period}-01" if self.period_kind == "month" else self.period)


def annotate(
    workspace: Workspace, person: str, period: str, measure: str, text: str, at: dt.datetime, *, share: bool = False
) -> Annotation:
    """Keep what a person says about a number: for themselves or, to ``share``, for whoever sees it.

    Call it under the refresh lock.

    Raises WorkledgerError where nothing is published, and where person, period, measure or text is none.
    """
    version = current_version(workspace.published)
    if version is None:
        raise WorkledgerError(
            "Nothing is published yet, so there is no number to speak of", remedy="workledger refresh"
        )
    if measure not in measures():
        raise WorkledgerError(f"There is no measure {measure!r}", remedy=did_you_mean(measure, measures()))
    if not _is_period(period):
        raise WorkledgerError(
            f"{period!r} is no period",
            remedy="Write a month as 2026-10, or a day of the week that is meant as 2026-10-05.",
        )
    if not text.strip() or len(text) > LONGEST:
        raise WorkledgerError(f"An annotation has from 1 to {LONGEST:,} characters, and this one has {len(text):,}")
    if not _is_text(text):
        raise WorkledgerError(
            "The annotation holds bytes that are no text", remedy="Type it again in a terminal that writes UTF-8."
        )
    key = person_key_of(version_folder(workspace.published, version), person)
    annotation = Annotation(key, period, measure, text.strip(), at.isoformat(), share)
    folder = workspace.annotations
    make_folder(folder, 0o700)
    # After the last, not as many as there are: whoever was erased took theirs along.
    last = max((int(file.stem) for file in _files(workspace)), default=0)
    path = folder / f"{last + 1:06d}.json"
    write_durably(path, json.dumps(asdict(annotation), indent=1, ensure_ascii=False) + "\n", mode=0o400)
    return annotation


def own_annotations(workspace: Workspace, person_key: str) -> tuple[Annotation, ...]:
    """What one person said, oldest first. Raises WorkledgerError where a file is damaged."""
    return tuple(found for found in every_annotation(workspace).values() if found.person_key == person_key)


def shared_annotations(workspace: Workspace) -> dict[int, Annotation]:
    """What was said for whoever sees the number, by the number of its file. Raises WorkledgerError where a file is damaged."""
    return {number: said for number, said in every_annotation(workspace).items() if said.is_shared}


def every_annotation(workspace: Workspace) -> dict[int, Annotation]:
    """Whatever was said, by the number of its file, oldest first. Raises WorkledgerError where a file is damaged."""
    return {int(path.stem): _read(path) for path in _files(workspace)}


@cache
def measures() -> frozenset[str]:
    """The measures that dim_measures explains."""
    lines = MEASURES.read_text(encoding="utf-8").splitlines()[1:]
    return frozenset(line.split(",", 1)[0] for line in lines)


def _is_period(period: str) -> bool:
    day = f"{period}-01" if PERIOD.fullmatch(period) else period
    try:
        return dt.date.fromisoformat(day).isoformat() == day
    except ValueError:
        return False


def _is_text(text: str) -> bool:
    """What a terminal gives that is not in UTF-8 comes as halves of characters, which no file can hold."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _files(workspace: Workspace) -> list[Path]:
    return sorted(workspace.annotations.glob("[0-9]*.json"))


def _read(path: Path) -> Annotation:
    try:
        return Annotation(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise WorkledgerError(
            "An annotation cannot be read", where=str(path), remedy="Restore it from the back-up."
        ) from error
