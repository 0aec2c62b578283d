"""The ledger of releases: what managers were shown, kept as it was told, so that no later version tells it otherwise.

A release is a folder of ``data/releases`` that never changes: which periods and teams, and the rows of persons that the figures
are made of. It is an input of every later version. It is written before the version that shows it becomes current: dying in
between leaves a release that nobody saw yet, never figures that were seen and could change.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from connectors.deliveries import hash_file
from connectors.durable import fsync_path, fsync_tree, make_folder
from connectors.sql_text import literal
from data_contracts.errors import WorkledgerError
from orchestration.workspace import Workspace

UNFINISHED = ".new-"
RECORD = "release.json"
MEASURES = (
    "capacity_us",
    "counted_us",
    "billable_us",
    "allocated_us",
    "due_tasks",
    "completed_tasks",
    "on_time_tasks",
    "finished_tasks",
)
UNITS = {
    "period_kind": "varchar",
    "period_start_date": "date",
    "team_key": "varchar",
    "sequence": "integer",
    "released_date": "date",
    "smallest_group_size": "integer",
}
CONTRIBUTIONS = {
    "period_kind": "varchar",
    "period_start_date": "date",
    "team_key": "varchar",
    "person_key": "varchar",
    "week_start_date": "date",
    "month_start_date": "date",
    **dict.fromkeys(MEASURES, "bigint"),
    "is_complete": "boolean",
    "is_judged": "boolean",
    "sequence": "integer",
}
COLUMNS = {"units": UNITS, "contributions": CONTRIBUTIONS}
# A unit's own release_units row says when it was first released; the ledger says when each of its tellings was.
SELECTED = {
    "units": "select * replace (restated_date as released_date) from releases.release_units where is_new order by all",
    "contributions": "select * from releases.release_told_contributions where is_new order by all",
}


@dataclass(frozen=True)
class Release:
    """One release: ``as_of`` is the day that its version tells of, ``sha256`` by file of its folder."""

    sequence: int
    as_of: str
    periods: int
    restated_teams: int
    sha256: dict[str, str]

    @property
    def name(self) -> str:
        """Its folder."""
        return f"{self.sequence:06d}"


def record_release(workspace: Workspace, state: Path, as_of: str) -> Release | None:
    """Keep what a build releases or restates; None where it is nothing. Call it under the refresh lock, once the gate is open."""
    import duckdb

    with duckdb.connect(str(state), read_only=True) as connection:
        counted = connection.execute(
            "select max(sequence), count(*) filter (where team_key is null and period_kind <> 'restatement'),"
            " count(*) filter (where team_key is not null and released_date < restated_date)"
            " from releases.release_units where is_new"
        ).fetchone()
        if counted is None or counted[0] is None:
            return None
        sequence, periods, restated = counted
        folder = workspace.releases / f"{UNFINISHED}{sequence:06d}"
        shutil.rmtree(folder, ignore_errors=True)
        make_folder(workspace.releases, 0o700)
        folder.mkdir(mode=0o700)
        for table, columns in COLUMNS.items():
            listed = ", ".join(f"{name}::{kind} as {name}" for name, kind in columns.items())
            target = literal(folder / f"{table}.parquet")
            connection.execute(f"copy (select {listed} from ({SELECTED[table]})) to {target} (format parquet)")
    hashes = {file.name: hash_file(file) for file in sorted(folder.glob("*.parquet"))}
    release = Release(sequence, as_of, periods, restated, hashes)
    (folder / RECORD).write_text(json.dumps(asdict(release), indent=1) + "\n", encoding="utf-8")
    for file in folder.iterdir():
        file.chmod(0o400)
    fsync_tree(folder)
    folder.rename(workspace.releases / release.name)
    fsync_path(workspace.releases)
    return release


def read_releases(workspace: Workspace) -> tuple[Release, ...]:
    """Every release, oldest first. Raises WorkledgerError where one is damaged or gone."""
    folders = sorted(path for path in workspace.releases.glob("[0-9]*") if path.is_dir())
    found = tuple(_read(folder) for folder in folders)
    for expected, release in enumerate(found, start=1):
        if release.sequence != expected:
            raise WorkledgerError(
                f"Release {expected:06d} is gone", where=str(workspace.releases), remedy="Restore it from the back-up."
            )
    return found


def require_kept(workspace: Workspace, shown: Iterable[str]) -> None:
    """Raises WorkledgerError where a release that a version shows is gone: the next one would tell its periods anew."""
    gone = sorted(set(shown) - {release.name for release in read_releases(workspace)})
    if gone:
        raise WorkledgerError(
            f"Release {gone[0]} is gone", where=str(workspace.releases), remedy="Restore it from the back-up."
        )


def files_of(workspace: Workspace, table: str) -> list[Path]:
    """The Parquet files of every release with rows of ``table``, oldest first."""
    return [workspace.releases / release.name / f"{table}.parquet" for release in read_releases(workspace)]


def _read(folder: Path) -> Release:
    damaged = "Restore it from the back-up: what managers were shown cannot be made again."
    try:
        release = Release(**json.loads((folder / RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise WorkledgerError("A release cannot be read", where=str(folder), remedy=damaged) from error
    for name in ("contributions.parquet", "units.parquet"):
        file = folder / name
        if not file.is_file() or hash_file(file) != release.sha256.get(name):
            raise WorkledgerError(
                "The rows of a release are not the ones that were released", where=str(file), remedy=damaged
            )
    return release
