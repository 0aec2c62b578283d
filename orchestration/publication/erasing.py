"""Take a person out of a published version: the one exception to a version never changing.

Each file is written anew without the person, whether or not a row still names them, since a DuckDB file keeps the bytes of rows
that were deleted from it, and takes the place of the old one in one step; the manifest follows last. Stopped in between, a
version reads well and does not verify, and the same step done again ends it. Sums that were published stay as they were told.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from connectors.durable import fsync_path
from connectors.persons import Person, TableOf, columns_of, without_text
from connectors.sql_text import literal, quoted
from orchestration.publication.audit import count_rows
from orchestration.publication.clone import refuse_leftover_wal
from orchestration.publication.layout import MANIFEST, database_files
from orchestration.publication.manifest import from_json, read_manifest, to_json
from orchestration.publication.publish import file_hashes

WRITING = ".erasing"


def erase_from_version(folder: Path, person: Person, number: int) -> None:
    """Take a person out of a version's files and note erasure ``number`` in its manifest. Call it under the refresh lock.

    It may be called again: a version that notes the erasure is left alone.
    """
    manifest = read_manifest(folder / MANIFEST)
    if number in manifest.erasures:
        return
    for catalog, path in database_files(folder).items():
        if path.is_file():
            refuse_leftover_wal(path)
            _write_without(person, path, catalog)
    clean = from_json(without_text(person, to_json(manifest)))
    noted = replace(
        clean,
        rows_by_table=count_rows(folder),
        sha256_by_file=file_hashes(folder),
        erasures=(*manifest.erasures, number),
    )
    temporary = folder / f"{MANIFEST}{WRITING}"
    temporary.unlink(missing_ok=True)
    temporary.write_text(to_json(noted), encoding="utf-8")
    take_place(temporary, folder / MANIFEST)


def _write_without(person: Person, path: Path, catalog: str) -> None:
    """Write a DuckDB file anew without a person. ``catalog`` is the name its views know."""
    import duckdb

    temporary = path.with_name(path.name + WRITING)
    temporary.unlink(missing_ok=True)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach {literal(path)} as before (read_only)")
        tables = _tables(con, person)
        found = {name: table.search(con, f"before.{name}") for name, table in tables.items()}
        con.execute(f"attach {literal(temporary)} as {catalog}")
        con.execute(f"copy from database before to {catalog} (schema)")
        for name, table in tables.items():
            kept = (
                f"select {table.without} from before.{name} where not {table.own}"
                if found[name].any
                else f"from before.{name}"
            )
            con.execute(f"insert into {catalog}.{name} {kept}")
        con.execute(f"checkpoint {catalog}")
        con.execute(f"detach {catalog}")
    take_place(temporary, path)


def take_place(temporary: Path, path: Path) -> None:
    """Put a file that was just written in the place of another, with its rights and its group."""
    was = path.stat()
    with contextlib.suppress(PermissionError):
        os.chown(temporary, -1, was.st_gid)
    temporary.chmod(was.st_mode & 0o7777)
    fsync_path(temporary)
    temporary.replace(path)
    fsync_path(path.parent)


def _tables(con: Any, person: Person) -> dict[str, TableOf]:
    """Every table of the attached file by its quoted name."""
    rows = con.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'before' order by all"
    ).fetchall()
    names = {f"{quoted(schema)}.{quoted(table)}": table for schema, table in rows}
    columns = {name: columns_of(con, f"before.{name}") for name in names}
    spelled = _spellings(con, person, columns)
    return {name: TableOf(person, table, columns[name], spelled) for name, table in names.items()}


def _spellings(con: Any, person: Person, columns: dict[str, dict[str, str]]) -> frozenset[str]:
    """Keys of the ways in which sources write the person."""
    found: set[str] = set()
    for name, known in columns.items():
        # Whose an account was for some days only is no spelling of the person: on other days it is somebody else's.
        if "actor_key" in known and "valid_to_date" not in known:
            own = TableOf(person, name, known).own
            rows = con.execute(f"select actor_key from before.{name} where {own}").fetchall()
            found |= {key for (key,) in rows}
    return frozenset(found)
