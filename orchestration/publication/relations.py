"""A published file holds what this code builds and nothing else: a clone still has what older code built."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.sql_text import quoted
from orchestration.checks.rules import published_nodes
from orchestration.publication.layout import AUDIENCE_FILES, database_files

AUDIT = "audit"


def drop_unknown(build: Path, manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Drop tables and views of the audience files that dbt's manifest does not build; returns their names.

    Call it after the models and before the published-table checks. Without it, a model that was renamed or
    withdrawn, perhaps because people should not see it, would stay published for ever.
    """
    import duckdb

    wanted = {
        (node["database"], node["schema"], node.get("alias") or node["name"]) for node in published_nodes(manifest)
    }
    files = database_files(build)
    dropped: list[str] = []
    for audience in AUDIENCE_FILES:
        with duckdb.connect(str(files[audience])) as connection:
            for schema, name, kind in _relations(connection):
                if schema != AUDIT and (audience, schema, name) not in wanted:
                    connection.execute(f"drop {kind} {quoted(schema)}.{quoted(name)}")
                    dropped.append(f"{audience}.{schema}.{name}")
    return tuple(dropped)


def _relations(connection: Any) -> list[tuple[str, str, str]]:
    rows: list[tuple[str, str, str]] = connection.execute(
        "select schema_name, view_name, 'view' from duckdb_views() where not internal"
        " union all select schema_name, table_name, 'table' from duckdb_tables() order by all"
    ).fetchall()
    return rows
