"""What a build takes over from the version before: the tables that are built by days, and nothing else.

What older code built, perhaps of what people should see no more, is gone before anything is built.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from connectors.sql_text import quoted
from orchestration.publication.clone import create_empty
from orchestration.publication.layout import database_files
from orchestration.publication.manifest import Manifest
from orchestration.publication.publish import file_hashes
from orchestration.publication.versions import version_folder


def version_to_build_on(published: Path, current: Manifest | None, code: str) -> Path | None:
    """The current version's folder, if its tables are what ``code`` makes of what it was made of; else None.

    They are not where other code made them, where somebody was erased from them since, and where a file is damaged or somebody
    wrote to it.
    """
    if current is None or current.code_version != code or current.erasures:
        return None
    folder = version_folder(published, current.version)
    if any(path.with_name(f"{path.name}.wal").exists() for path in database_files(folder).values()):
        return None
    return folder if file_hashes(folder) == dict(current.sha256_by_file) else None


def keep_only(build: Path, relations: Collection[str]) -> None:
    """Drop every table and view of a cloned ``build`` but ``relations`` (``"catalog"."schema"."table"``).

    A file of which nothing is kept begins anew: what is dropped stays in a DuckDB file's free blocks until they are used again.
    """
    import duckdb

    for catalog, path in database_files(build).items():
        if not any(relation.startswith(f"{quoted(catalog)}.") for relation in relations):
            path.unlink()
            create_empty(path)
            continue
        with duckdb.connect(str(path)) as connection:
            for schema, name, kind in _relations(connection):
                if f"{quoted(catalog)}.{quoted(schema)}.{quoted(name)}" not in relations:
                    connection.execute(f"drop {kind} {quoted(schema)}.{quoted(name)}")
            connection.execute("force checkpoint")


def _relations(connection: Any) -> list[tuple[str, str, str]]:
    rows: list[tuple[str, str, str]] = connection.execute(
        "select schema_name, view_name, 'view' from duckdb_views() where not internal"
        " union all select schema_name, table_name, 'table' from duckdb_tables() order by all"
    ).fetchall()
    return rows
