"""The models run by their compiled SQL are those that dbt itself builds: every table, every column and type, every row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from orchestration.models import load_manifest
from orchestration.publication.layout import database_files
from tests.oracle.packs import build

if TYPE_CHECKING:
    from tests.oracle.conftest import Built

COLUMNS = """
    select database_name, schema_name, table_name, column_name, data_type from duckdb_columns()
    where not internal and schema_name not in ('streams', 'workspace')
    order by database_name, schema_name, table_name, column_index"""


@pytest.mark.parametrize("built", [0], indirect=True)
def test_dbt_builds_the_same(built: Built, tmp_path: Path) -> None:
    build(built.pack, tmp_path, manifest=load_manifest()).close()
    with duckdb.connect(":memory:") as connection:
        connection.execute("set timezone = 'UTC'")
        told = []
        for folder in (built.folder, tmp_path):
            for catalog, path in database_files(folder).items():
                connection.execute(f"attach '{path}' as {catalog} (read_only)")
            told.append(connection.execute(COLUMNS).fetchall())
            for catalog in database_files(folder):
                connection.execute(f"detach {catalog}")
        assert told[0] == told[1]
        tables = sorted({row[:3] for row in told[0]})
        assert len(tables) > 100
        for catalog, path in database_files(built.folder).items():
            connection.execute(f"attach '{path}' as ours_{catalog} (read_only)")
            connection.execute(f"attach '{database_files(tmp_path)[catalog]}' as dbts_{catalog} (read_only)")
        views = {
            row[0] for row in connection.execute("select view_name from duckdb_views() where not internal").fetchall()
        }
        for catalog, schema, table in tables:
            if (
                table in views
            ):  # they name the catalogs that are not attached here, and the tables over them are compared
                continue
            ours, dbts = (f'{whose}_{catalog}."{schema}"."{table}"' for whose in ("ours", "dbts"))
            for one, other in ((ours, dbts), (dbts, ours)):
                row = connection.execute(f"select count(*) from (from {one} except all from {other})").fetchone()
                assert row == (0,), f"{schema}.{table}: {row} rows only in {one}"
