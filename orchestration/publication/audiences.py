"""Who reads a published table: what dbt's manifest says, unless policy moves it to fewer people.

A table moves after every check has looked at it where it was built. The file that it leaves is written anew, since a dropped
table stays in a DuckDB file's free blocks. What is the service's alone is kept in the state file: contributors get their rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.nearest import did_you_mean
from connectors.sql_text import literal, quoted
from data_contracts.errors import WorkledgerError
from orchestration.checks.rules import published_nodes
from orchestration.publication.clone import STORAGE
from orchestration.publication.layout import database_files

WRITING = ".narrowing"

Columns = Mapping[str, Mapping[str, str]]


def require_movable(audiences: Mapping[str, str], manifest: Mapping[str, Any]) -> None:
    """Raises WorkledgerError where policy names no published table, one that cannot move, or an audience that would see more."""
    nodes = {node["name"]: node for node in published_nodes(manifest)}
    for table, audience in audiences.items():
        where = "workledger.yaml, policy.audiences"
        if table not in nodes:
            raise WorkledgerError(
                f"Policy names {table!r}, and no such table is published",
                where=where,
                remedy=did_you_mean(table, nodes),
            )
        home = nodes[table]["database"]
        # What the program itself and every contributor's extract stand on stays.
        if nodes[table]["schema"] != "marts" and home != "finance":
            raise WorkledgerError(
                f"{table} stays in {home}.duckdb: other tables, and every contributor's extract, stand on it",
                where=where,
                remedy="Marts and the tables of finance can be moved.",
            )
        if audience != "service" and home != "analyst":
            raise WorkledgerError(
                f"{table} is for {home}, and {audience} would show it to others",
                where=where,
                remedy="Only the analysts' tables move to finance or directory; any moves to service.",
            )


def narrow_audiences(build: Path, audiences: Mapping[str, str], manifest: Mapping[str, Any]) -> None:
    """Move tables of a checked build to the audience that policy names; ``service`` is nobody but the service itself."""
    import duckdb

    files = database_files(build)
    moves: dict[str, list[tuple[str, str, str]]] = {}
    for node in published_nodes(manifest):
        if audience := audiences.get(node["name"]):
            moves.setdefault(node["database"], []).append((node["schema"], node["alias"], audience))
    for home, tables in moves.items():
        with duckdb.connect() as con:
            con.execute("set timezone = 'UTC'")
            for catalog in {home, *(_catalog_of(audience) for _, _, audience in tables)}:
                con.execute(f"attach {literal(files[catalog])} as {catalog}")
            for schema, table, audience in tables:
                relation, catalog = f"{quoted(schema)}.{quoted(table)}", _catalog_of(audience)
                con.execute(f"create schema if not exists {catalog}.{quoted(schema)}")
                con.execute(f"create or replace table {catalog}.{relation} as from {home}.{relation}")
                con.execute(f"drop table {home}.{relation}")
        _write_anew(files[home], home)


def promised_to_readers(promised: Columns, audiences: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """Column to type by ``<audience>.<schema>.<table>`` after the moves; what only the service keeps is promised to nobody."""
    told: dict[str, Mapping[str, str]] = {}
    for name, columns in promised.items():
        home, schema, table = name.split(".")
        audience = audiences.get(table, home)
        if audience != "service":
            told[f"{audience}.{schema}.{table}"] = columns
    return told


def _catalog_of(audience: str) -> str:
    return "state" if audience == "service" else audience


def _write_anew(path: Path, catalog: str) -> None:
    import duckdb

    fresh = path.with_name(path.name + WRITING)
    with duckdb.connect() as con:
        con.execute(f"attach {literal(path)} as before (read_only)")
        con.execute(f"attach {literal(fresh)} as {catalog} (storage_version '{STORAGE}')")
        con.execute(f"copy from database before to {catalog}")
    fresh.replace(path)
