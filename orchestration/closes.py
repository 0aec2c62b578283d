"""Closed months: what the books said when a month was closed, kept beside the deliveries as an input of every later version.

A close is two files in ``data/closes``: the month's time entries as published (Parquet) and what was decided (JSON), which is
written last and makes the close. Neither changes again: what arrives later is an adjustment (``core.fct_adjustments``).
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from connectors.deliveries import hash_file
from connectors.durable import fsync_path, make_folder, write_durably
from connectors.sql_text import literal
from data_contracts.errors import WorkledgerError
from orchestration.publication.layout import MANIFEST
from orchestration.publication.manifest import read_manifest
from orchestration.publication.retention import pin
from orchestration.publication.versions import current_version, version_folder
from orchestration.workspace import Workspace

UNFINISHED = ".new"
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")

#: A time entry as the books keep it. ``booked_date`` is its day, else the last day of its period.
COLUMNS = {
    "month_start_date": "date",
    "activity_key": "varchar",
    "source": "varchar",
    "source_record_id": "varchar",
    "delivery_id": "varchar",
    "person_key": "varchar",
    "team_key": "varchar",
    "role_key": "varchar",
    "project_key": "varchar",
    "activity_type_key": "varchar",
    "booked_date": "date",
    "duration_us": "bigint",
    "is_billable": "boolean",
    "is_counted": "boolean",
}


@dataclass(frozen=True)
class Close:
    """What was decided: the month (``2026-10``), when, on which version, and what the books held. ``deliveries`` are those that
    the version was made of; ``counted_us`` is the counted time of the month in microseconds."""

    month: str
    closed_at: str
    version: str
    reason: str
    entries: int
    counted_us: int
    sha256: str
    deliveries: tuple[str, ...]

    @property
    def first_day(self) -> dt.date:
        return first_day(self.month)

    @property
    def last_day(self) -> dt.date:
        return last_day(self.month)


def first_day(month: str) -> dt.date:
    """The first day of ``2026-10``. Raises WorkledgerError where that is no month."""
    if not MONTH.fullmatch(month):
        raise WorkledgerError(f"{month!r} is no month", remedy="Write it as year and month: 2026-10.")
    return dt.date(int(month[:4]), int(month[5:]), 1)


def last_day(month: str) -> dt.date:
    """The last day of ``2026-10``."""
    return (first_day(month) + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)


def close_month(workspace: Workspace, month: str, *, reason: str, at: dt.datetime) -> Close:
    """Keep what the current version says about a month, and pin that version. Call it under the refresh lock.

    Raises WorkledgerError where nothing is published, where the month was not over when the version was built, and where it
    is closed already.
    """
    version = current_version(workspace.published)
    if version is None:
        raise WorkledgerError("Nothing is published yet, so there are no books to close", remedy="workledger refresh")
    folder = version_folder(workspace.published, version)
    manifest = read_manifest(folder / MANIFEST)
    if dt.date.fromisoformat(manifest.as_of) <= last_day(month):
        raise WorkledgerError(
            f"{month} was not over on {manifest.as_of}, the day that the current version tells of",
            remedy=f"Refresh after {last_day(month)}, then close it.",
        )
    decided = workspace.closes / f"{month}.json"
    if decided.exists():
        raise WorkledgerError(
            f"{month} is closed already",
            where=str(decided),
            remedy="A close does not change. What came later is in core.fct_adjustments.",
        )
    make_folder(workspace.closes, 0o700)
    rows = rows_of(workspace, month)
    entries, counted_us = write_rows(folder / "analyst.duckdb", month, rows)
    close = Close(
        month,
        at.isoformat(),
        version,
        reason,
        entries,
        counted_us,
        hash_file(rows),
        tuple(sorted({delivery.delivery_id for delivery in manifest.deliveries})),
    )
    pin(workspace.published, version, f"{month} was closed on it")
    write_durably(decided, json.dumps(asdict(close), indent=1, ensure_ascii=False) + "\n")
    return close


def write_rows(analyst: Path, month: str, path: Path) -> tuple[int, int]:
    """Write the month's time entries to ``path``; returns their number and their counted microseconds."""
    import duckdb

    temporary = path.with_suffix(UNFINISHED)
    with duckdb.connect(str(analyst), read_only=True) as connection:
        connection.execute(
            "create temp table books as select ?::date as month_start_date, coalesce(work_date, period_end_date) as booked_date,"
            " * from core.fct_activities where activity_kind = 'time_entry'"
            " and coalesce(work_date, period_end_date) between ? and ?",
            [first_day(month), first_day(month), last_day(month)],
        )
        columns = ", ".join(f"{name}::{kind} as {name}" for name, kind in COLUMNS.items())
        connection.execute(
            f"copy (select {columns} from books order by activity_key) to {literal(temporary)} (format parquet)"
        )
        row = connection.execute(
            "select count(*), coalesce(sum(duration_us) filter (where is_counted), 0)::bigint from books"
        ).fetchone()
    assert row is not None
    fsync_path(temporary)
    temporary.replace(path)
    fsync_path(path.parent)
    return int(row[0]), int(row[1])


def rows_of(workspace: Workspace, month: str) -> Path:
    """The file with a closed month's rows."""
    return workspace.closes / f"{month}.parquet"


def read_closes(workspace: Workspace) -> tuple[Close, ...]:
    """Every close, oldest month first. Raises WorkledgerError where a file of one is damaged or gone."""
    return tuple(read_close(workspace, path) for path in decisions(workspace))


def require_closes(workspace: Workspace, months: Iterable[str]) -> None:
    """Raises WorkledgerError where a close that a version stands on is gone: the next one would open the month again."""
    gone = sorted(set(months) - {close.month for close in read_closes(workspace)})
    if gone:
        raise WorkledgerError(
            f"The close of {gone[0]} is gone", where=str(workspace.closes), remedy="Restore it from the back-up."
        )


def decisions(workspace: Workspace) -> list[Path]:
    """The file that makes each close, oldest month first."""
    return sorted(workspace.closes.glob("*.json"))


def read_close(workspace: Workspace, path: Path) -> Close:
    """One close. Raises WorkledgerError where it or its rows are not as they were written."""
    damaged = "Restore it from the back-up: the books of a closed month cannot be made again."
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        close = Close(**{**entry, "deliveries": tuple(entry["deliveries"])})
    except (ValueError, TypeError, KeyError) as error:
        raise WorkledgerError("A close cannot be read", where=str(path), remedy=damaged) from error
    rows = rows_of(workspace, close.month)
    if not rows.is_file() or hash_file(rows) != close.sha256:
        raise WorkledgerError(
            "The rows of a closed month are not the ones that were closed", where=str(rows), remedy=damaged
        )
    return close
