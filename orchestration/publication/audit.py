"""The ``audit`` schema of every file: which version this is, what went in, what the checks said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from orchestration.publication.layout import database_files
from orchestration.publication.manifest import Manifest

VERSION = """
create or replace table audit.version (
    version varchar not null, as_of_date date not null, published_at timestamp with time zone not null,
    run_id varchar not null, code_version varchar not null
);
"""
# Counts of checks, deliveries and gaps may be of one person.
VERSION_ONLY = ("manager",)
TABLES = """
create or replace table audit.checks (
    rule varchar not null, table_name varchar not null, severity varchar not null, status varchar not null,
    rows_failed bigint, observed varchar not null, owner varchar not null, waiver varchar not null
);
create or replace table audit.deliveries (
    delivery_id varchar not null, source varchar not null, rows_loaded bigint not null
);
create or replace table audit.known_gaps (
    rule varchar not null, severity varchar not null, gaps bigint not null, hours_at_stake double,
    accepted bigint not null
);
"""


def write_audit(build: Path, manifest: Manifest) -> None:
    """Write ``audit`` into every file of a build, each in one transaction. Samples and details stay out:
    they are operators'.
    """
    import duckdb

    for catalog, path in database_files(build).items():
        with duckdb.connect(str(path)) as connection:
            connection.execute("set timezone = 'UTC'")
            connection.execute("begin")
            connection.execute("create schema if not exists audit")
            connection.execute(VERSION)
            tables = _rows(manifest)
            if catalog in VERSION_ONLY:
                tables = {"version": tables["version"]}
            else:
                connection.execute(TABLES)
            for table, rows in tables.items():
                _insert(connection, table, rows)
            connection.execute("commit")


def count_rows(build: Path) -> dict[str, int]:
    """Rows of every table in the audience files by ``<catalog>.<schema>.<table>``, the audit schema apart."""
    import duckdb

    counts: dict[str, int] = {}
    for catalog, path in database_files(build).items():
        if catalog == "state" or not path.is_file():
            continue
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() where schema_name <> 'audit' order by all"
            ).fetchall()
            for schema, table in tables:
                row = connection.execute(f'select count(*) from "{schema}"."{table}"').fetchone()
                counts[f"{catalog}.{schema}.{table}"] = row[0] if row else 0
    return counts


def _rows(manifest: Manifest) -> dict[str, list[tuple[Any, ...]]]:
    m = manifest
    return {
        "version": [(m.version, m.as_of, m.published_at, m.run_id, m.code_version)],
        "checks": [
            (c.rule, c.table, c.severity, c.status, c.rows_failed, c.observed, c.owner, c.waiver) for c in m.checks
        ],
        "deliveries": [(d.delivery_id, d.source, d.rows) for d in m.deliveries],
        "known_gaps": [(g.rule, g.severity, g.gaps, g.hours, g.accepted) for g in m.known_gaps],
    }


def _insert(connection: Any, table: str, rows: list[tuple[Any, ...]]) -> None:
    """One statement for all rows, a list a column: row by row, DuckDB takes a third of a millisecond each."""
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        lists = ", ".join("unnest(?)" for _ in columns)
        connection.execute(f"insert into audit.{table} select {lists}", columns)
