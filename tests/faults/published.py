"""What the files of a published version hold: as readers are told, and compared with what those of another version hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

#: Columns that no two workspaces have the same, of all tables or of one, and why.
ITS_OWN = {
    "delivery_id": "a hash, also of the moment of arrival where an export names none",
    "core.dim_sources.last_extracted_at": "the moment of arrival where an export names none",
    "workspace.delivery_streams.extracted_at": "the moment of arrival where an export names none",
    "audit.version.version": "a name made of the moment of publication",
    "audit.version.published_at": "the moment of publication",
    "audit.version.run_id": "made of the moment at which the run started, and at random",
}
#: By file and table: rows that are lost, and rows that there were not.
Differences = dict[str, Sequence[int]]
#: File, version, table, its number of rows and a sum over them.
Answer = tuple[Any, ...]


def compare(expected: Path, there: Path, apart: Collection[str] = ()) -> Differences:
    """Where the files of two versions differ, tables and columns apart that are named. A table of other columns is one row."""
    import duckdb

    found: Differences = {}
    files = {path.relative_to(folder) for folder in (expected, there) for path in folder.rglob("*.duckdb")}
    with duckdb.connect(":memory:") as connection:
        for file in sorted(files):
            for side, folder in (("expected", expected), ("there", there)):
                is_there = (folder / file).exists()
                connection.execute(
                    f"attach '{folder / file}' as {side} (read_only)" if is_there else f"attach ':memory:' as {side}"
                )
            was, now = (_columns(connection, side, {*ITS_OWN, *apart}) for side in ("expected", "there"))
            for table in sorted({*was, *now}):
                same = was.get(table) == now.get(table)
                rows = _differing(connection, table, was[table]) if same else (int(table in was), int(table in now))
                if any(rows):
                    found[f"{file}: {table}"] = rows
            connection.execute("detach expected; detach there")
    return found


def _columns(connection: Any, side: str, apart: set[str]) -> dict[str, list[str]]:
    """Columns that are to be compared, by table."""
    listed = connection.execute(
        "select schema_name || '.' || table_name, list(column_name order by column_index)"
        " from duckdb_columns() semi join duckdb_tables() using (database_oid, table_oid)"
        f" where database_name = '{side}' group by all"
    ).fetchall()
    return {
        table: [name for name in columns if apart.isdisjoint((name, f"{table}.{name}"))]
        for table, columns in listed
        if table not in apart
    }


def _differing(connection: Any, table: str, columns: list[str]) -> tuple[int, int]:
    # Every row is grouped once: ``except all``, once a side, takes four times as long.
    names = ", ".join(f'"{name}"' for name in columns)
    lost, doubled = connection.execute(
        "select coalesce(sum(more) filter (more > 0), 0)::bigint, coalesce(-sum(more) filter (more < 0), 0)::bigint from ("
        f"select {names}, sum(one) as more from (select {names}, 1 as one from expected.{table}"
        f" union all select {names}, -1 from there.{table}) group by all)"
    ).fetchone()
    return lost, doubled


def answers(version: Path) -> Iterator[Answer]:
    """All that readers of a version can be told."""
    for file in sorted(version.glob("*.duckdb")):
        yield from ask(file)


def ask(file: Path, turn: int | None = None) -> list[Answer]:
    """What a file says of each of its tables, or of the one whose turn it is."""
    import duckdb

    with duckdb.connect(str(file), read_only=True) as connection:
        listed = connection.execute("select schema_name || '.' || table_name from duckdb_tables() order by all")
        tables = [table for (table,) in listed.fetchall()]
        asked = tables if turn is None else [tables[turn % len(tables)]]
        return [(file.name, *_answer(connection, table)) for table in asked]


def _answer(connection: Any, table: str) -> Answer:
    told: Answer = connection.execute(
        "select (select version from audit.version), ?, count(*), coalesce(sum(hash(rows_of)), 0)::varchar"
        f" from {table} as rows_of",
        [table],
    ).fetchone()
    return told
