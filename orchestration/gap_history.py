"""Since when each gap is known: its spells, kept beside the deliveries as an input of every later version.

A spell is the key of a gap, the day that the version which found it tells of, and the day of the version that no longer did. They
are written like a release: once the gate is open, before the version becomes current. A version's own gaps are then in them, with
the dates that it tells, so that the same inputs give the same version again. Only keys and days stand there; keys lead to nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from connectors.deliveries import hash_file
from connectors.durable import fsync_path, temporary_of
from connectors.sql_text import literal
from data_contracts.errors import WorkledgerError
from orchestration.workspace import Workspace

SPELLS = {"gap_key": "varchar", "opened_date": "date", "closed_date": "date"}

# A gap that comes back on the day on which it went was never away.
CONTINUED = """
create temp table continued as
select
    spells.gap_key,
    spells.opened_date,
    case
        when gaps.gap_key is null then coalesce(spells.closed_date, $as_of)
        when spells.closed_date < $as_of then spells.closed_date
    end as closed_date
from spells left join gaps on spells.gap_key = gaps.gap_key
union all
select gap_key, $as_of, null
from gaps
where gap_key not in (select gap_key from spells where closed_date is null or closed_date = $as_of)
"""


def record_gaps(workspace: Workspace, analyst: Path, as_of: date) -> None:
    """Open a spell for each gap of a build that has none, and close those of gaps that are gone. Call it under the refresh lock.

    A build for an earlier day than the newest that is known leaves them as they are: it looks back.
    """
    import duckdb

    with duckdb.connect(":memory:") as connection:
        listed = ", ".join(f"{name}::{kind} as {name}" for name, kind in SPELLS.items())
        source = f"read_parquet({literal(workspace.gap_spells)})" if spell_files(workspace) else _EMPTY
        connection.execute(f"create temp table spells as select {listed} from {source}")
        newest = connection.execute("select max(greatest(opened_date, closed_date)) from spells").fetchone()
        if newest is not None and newest[0] is not None and as_of < newest[0]:
            return
        connection.execute(f"attach {literal(analyst)} as analyst (read_only)")
        connection.execute("create temp table gaps as select gap_key from analyst.core.fct_gaps")
        connection.execute(CONTINUED, {"as_of": as_of})
        changed = connection.execute(
            "select exists (from continued except from spells) or exists (from spells except from continued)"
        ).fetchone()
        if changed is None or not changed[0]:
            return
        _replace_spells(workspace, connection, "from continued")


def gaps_of(analysts: Iterable[Path], person_keys: Collection[str]) -> frozenset[str]:
    """Keys of the gaps that versions, by their analyst files, know of a person."""
    import duckdb

    keys = ", ".join(map(literal, sorted(person_keys)))
    found: set[str] = set()
    for file in analysts:
        with duckdb.connect(str(file), read_only=True) as connection:
            rows = connection.execute(f"select gap_key from core.fct_gaps where person_key in ({keys})").fetchall()
        found.update(key for (key,) in rows)
    return frozenset(found)


def forget_gaps(workspace: Workspace, gap_keys: Collection[str]) -> None:
    """Take the spells of gaps out of what is kept. Call it under the refresh lock."""
    import duckdb

    if not (gap_keys and spell_files(workspace)):
        return
    keys = ", ".join(map(literal, sorted(gap_keys)))
    kept = f"from read_parquet({literal(workspace.gap_spells)}) where gap_key not in ({keys})"
    with duckdb.connect(":memory:") as connection:
        _replace_spells(workspace, connection, kept)


def _replace_spells(workspace: Workspace, connection: Any, query: str) -> None:
    temporary = temporary_of(workspace.gap_spells)
    connection.execute(f"copy ({query} order by gap_key, opened_date) to {literal(temporary)} (format parquet)")
    temporary.chmod(0o600)
    fsync_path(temporary)
    temporary.replace(workspace.gap_spells)
    fsync_path(workspace.gap_spells.parent)


def spell_files(workspace: Workspace) -> list[Path]:
    """The file with the spells; none where nothing was published yet. Raises WorkledgerError where it is damaged."""
    import duckdb

    file = workspace.gap_spells
    if not file.is_file():
        return []
    with duckdb.connect(":memory:") as connection:
        try:
            connection.execute(f"select {', '.join(SPELLS)} from read_parquet({literal(file)})").fetchall()
        except duckdb.Error as error:
            raise WorkledgerError(
                "The file that says since when gaps are known cannot be read",
                where=str(file),
                remedy="Restore it from the back-up. Without it, remove it: gaps are then known since the next refresh.",
            ) from error
    return [file]


def spells_mark(workspace: Workspace) -> str:
    """What stands in the file, as a hash; empty where there is none."""
    return hash_file(workspace.gap_spells) if workspace.gap_spells.is_file() else ""


_EMPTY = "(select " + ", ".join(f"null::{kind} as {name}" for name, kind in SPELLS.items()) + " where false)"
