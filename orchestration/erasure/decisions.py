"""A person in what was decided: closed months, releases to managers, annotations. See erase.py."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from connectors.deliveries import hash_file
from connectors.durable import fsync_path, write_durably
from connectors.persons import Person, without_text
from connectors.sql_text import literal
from orchestration.publication.erasing import WRITING, take_place
from orchestration.releases import RECORD
from orchestration.workspace import Workspace

CONTRIBUTIONS = "contributions.parquet"


def find_decisions(workspace: Workspace, person: Person) -> tuple[int, int, int]:
    """The person's entries in closed months, rows in releases, and annotations."""
    closed = sum(_count(file, person) for file in workspace.closes.glob("*.parquet"))
    released = sum(_count(folder / CONTRIBUTIONS, person) for folder in _releases(workspace))
    return closed, released, len(_annotations(workspace, person))


def erase_from_close(decided: Path, person: Person) -> None:
    """Takes the person's entries out of the books of a month, and out of their sum."""
    import duckdb

    rows = decided.with_suffix(".parquet")
    text = decided.read_text(encoding="utf-8")
    if _count(rows, person):
        _rewrite(rows, f"select * from {_read(rows)} where {_not_theirs(person)}")
    entry = json.loads(without_text(person, text))
    if entry["sha256"] != hash_file(rows):
        counted = duckdb.execute(
            f"select count(*), coalesce(sum(duration_us) filter (where is_counted), 0)::bigint from {_read(rows)}"
        ).fetchone()
        assert counted is not None
        entry |= {"entries": counted[0], "counted_us": counted[1], "sha256": hash_file(rows)}
    changed = json.dumps(entry, indent=1, ensure_ascii=False) + "\n"
    if changed != text:
        write_durably(decided, changed)


def erase_from_release(folder: Path, person: Person, stand_in: str) -> None:
    """Puts nobody in the person's place: figures that managers were shown stay, or the difference would tell of the person."""
    rows = folder / CONTRIBUTIONS
    if _count(rows, person):
        listed = ", ".join(map(literal, sorted(person.keys)))
        key = f"case when person_key in ({listed}) then {literal(stand_in)} else person_key end"
        _rewrite(rows, f"select * replace ({key} as person_key) from {_read(rows)}")
    record = folder / RECORD
    entry = json.loads(record.read_text(encoding="utf-8"))
    hashes = {file.name: hash_file(file) for file in sorted(folder.glob("*.parquet"))}
    if entry["sha256"] != hashes:
        temporary = record.with_name(record.name + WRITING)
        # It may be there already, and not to be written: who was killed had made it what it was to be.
        temporary.unlink(missing_ok=True)
        temporary.write_text(json.dumps(entry | {"sha256": hashes}, indent=1) + "\n", encoding="utf-8")
        take_place(temporary, record)


def erase_annotations(workspace: Workspace, person: Person) -> None:
    """Removes what the person said, and names nobody in what others said of them."""
    for file in _annotations(workspace, person):
        file.unlink()
    for file in sorted(workspace.annotations.glob("[0-9]*.json")):
        text = file.read_text(encoding="utf-8")
        changed = without_text(person, text)
        if changed != text:
            temporary = file.with_name(file.name + WRITING)
            temporary.unlink(missing_ok=True)
            temporary.write_text(changed, encoding="utf-8")
            take_place(temporary, file)
    if workspace.annotations.is_dir():
        fsync_path(workspace.annotations)


def _annotations(workspace: Workspace, person: Person) -> list[Path]:
    files = sorted(workspace.annotations.glob("[0-9]*.json"))
    return [file for file in files if json.loads(file.read_text(encoding="utf-8"))["person_key"] in person.keys]


def _releases(workspace: Workspace) -> Iterable[Path]:
    return (path for path in sorted(workspace.releases.glob("[0-9]*")) if path.is_dir())


def _count(file: Path, person: Person) -> int:
    import duckdb

    row = duckdb.execute(f"select count(*) from {_read(file)} where not {_not_theirs(person)}").fetchone()
    return int(row[0]) if row else 0


def _not_theirs(person: Person) -> str:
    return f"coalesce(person_key not in ({', '.join(map(literal, sorted(person.keys)))}), true)"


def _read(file: Path) -> str:
    return f"read_parquet({literal(file)})"


def _rewrite(file: Path, select: str) -> None:
    import duckdb

    temporary = file.with_name(file.name + WRITING)
    temporary.unlink(missing_ok=True)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"copy ({select}) to {literal(temporary)} (format parquet)")
    take_place(temporary, file)
