"""A version is a pure function of its inputs: no clock, no order of arrival."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from data_contracts.load import stream_names
from tests.warehouse import test_gaps
from tests.warehouse.warehouse_build import AUDIENCES, PROJECT, WORKSPACE, Warehouse

CLOCKS = re.compile(
    r"\b(now|today|current_date|current_timestamp|current_time|localtimestamp|random|uuid|gen_random_uuid)\b\s*(\(|$)",
    re.IGNORECASE | re.MULTILINE,
)


def test_no_model_asks_the_clock_or_chance() -> None:
    paths = [*(PROJECT / "models").rglob("*.sql"), *(PROJECT / "macros").rglob("*.sql")]
    assert len(paths) > 80
    for path in paths:
        text = re.sub(r"--[^\n]*|\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not CLOCKS.search(text), path.name


def reverse_inputs(warehouse: Warehouse) -> None:
    """Turn every input table round, as if everything had arrived the other way."""
    tables = [f"streams.{name}" for name in stream_names()] + [f"workspace.{name}" for name in WORKSPACE]
    with warehouse._writer() as connection:
        for table in tables:
            connection.execute(f"create temp table turned as select * from {table} order by rowid desc")
            connection.execute(f"delete from {table}")
            connection.execute(f"insert into {table} select * from turned; drop table turned")


def published(warehouse: Warehouse) -> dict[str, list[Any]]:
    """Every published table's rows as sorted text."""
    connection = warehouse.build()
    tables = connection.execute(
        "select database_name || '.' || schema_name || '.' || table_name from duckdb_tables()"
        f" where database_name in {AUDIENCES} order by 1"
    ).fetchall()
    return {
        table: connection.execute(f"select cast(rows as varchar) from {table} as rows order by 1").fetchall()
        for (table,) in tables
    }


def test_the_order_of_arrival_changes_nothing(tmp_path: Path) -> None:
    there, back = (Warehouse(tmp_path / name) for name in ("there", "back"))
    test_gaps.fill(there)
    test_gaps.fill(back)
    reverse_inputs(back)
    forward, backward = published(there), published(back)
    there.close()
    back.close()
    assert len(forward) > 25
    assert sum(map(len, forward.values())) > 1000
    for table, rows in forward.items():
        assert rows == backward[table], table
