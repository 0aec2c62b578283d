"""A person in logs, notes and the ledger's own words; and which of the user's files still name them. See erase.py."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from connectors.deliveries import hash_file, scan
from connectors.durable import fsync_path
from connectors.persons import Person, without_text
from connectors.sources import Store
from orchestration.erasure.naming import is_named_after, names_person
from orchestration.intake import sources_of
from orchestration.publication.erasing import WRITING, take_place
from orchestration.publication.hold import HOLD
from orchestration.publication.retention import PINNED
from orchestration.workspace import Workspace

SQLITE = b"SQLite format 3\0"
WAITS_SECONDS = 30


def erase_from_texts(workspace: Workspace, store: Store, person: Person) -> None:
    """Takes the person's name out of logs, notes, Dagster's records and the ledger.

    The ledger goes on knowing a file by its name where the file still lies there: it would be taken for a new one.
    """
    places = (workspace.data / "runs", workspace.dagster_home, workspace.published / PINNED)
    notes = [path for place in places for path in sorted(place.rglob("*")) if path.is_file()]
    for path in [*notes, workspace.published / HOLD]:
        if path.is_file() and not path.name.endswith(("-wal", "-shm")):
            _erase_from_file(path, person)
    found = [found for source in sources_of(workspace) for found in scan(source)]
    _erase_from_sqlite(store.ledger, person, {name for file in found for name in (file.relative, file.path.name)})


def files_of_the_user(workspace: Workspace, person: Person, hashes: Collection[str]) -> tuple[str, ...]:
    """Files in the inbox, reference files, formats and settings that name the person, inside or by their own name; and those with
    the bytes of ``hashes``, in which there are rows of theirs.
    """
    exports = [found.path for source in sources_of(workspace) for found in scan(source)]
    own = [workspace.config, *workspace.reference.glob("*"), *workspace.formats.glob("*")]
    files = {path: path.relative_to(workspace.root).as_posix() for path in (*exports, *own) if path.is_file()}
    told = {at for path, at in files.items() if is_named_after(at, person) or names_person(path, person)}
    return tuple(sorted(told | {at for path, at in files.items() if at not in told and hash_file(path) in hashes}))


def _erase_from_file(path: Path, person: Person) -> None:
    with path.open("rb") as file:
        is_database = file.read(len(SQLITE)) == SQLITE
    if is_database:
        _erase_from_sqlite(path, person)
        return
    content = path.read_bytes()
    text = content.decode("utf-8", errors="surrogateescape")
    changed = without_text(person, text)
    if changed != text:
        temporary = path.with_name(path.name + WRITING)
        temporary.write_bytes(changed.encode("utf-8", errors="surrogateescape"))
        take_place(temporary, path)


def _erase_from_sqlite(file: Path, person: Person, stays: Collection[str] = ()) -> None:
    """Every text of every table, then the file written anew: a changed row leaves its old bytes behind."""

    def without(value: Any) -> Any:
        return without_text(person, value) if isinstance(value, str) and value not in stays else value

    with closing(sqlite3.connect(file, timeout=WAITS_SECONDS)) as db:
        db.create_function("without_person", 1, without)
        changed = 0
        with db:
            for table, column in _columns(db):
                sql = f'update or replace "{table}" set "{column}" = without_person("{column}")'
                changed += db.execute(f'{sql} where "{column}" is not without_person("{column}")').rowcount
        if changed:
            db.execute("vacuum")
            db.execute("pragma wal_checkpoint(truncate)")
    if changed:
        fsync_path(file)


def _columns(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    tables = db.execute("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'").fetchall()
    for (table,) in tables:
        for _, column, *_ in db.execute(f'pragma table_info("{table}")').fetchall():
            yield table, column
