"""What analysts can read names nobody: not the tables, not the manifest, and no key gives way to guessing."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest


@pytest.fixture(scope="module")
def current(refreshed: tuple[Path, dict[str, Any]]) -> Path:
    return refreshed[0] / "published" / "current"


@pytest.fixture(scope="module")
def known(current: Path) -> set[str]:
    """Every name, address and number in the directory."""
    with duckdb.connect(str(current / "directory.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select unnest([person_name, person_email, person_number]) from core.dim_person_names"
        ).fetchall()
    found = {value for (value,) in rows if value}
    assert len(found) > 150
    return found


def texts_of(file: Path) -> dict[str, set[str]]:
    """Every text in a DuckDB file by column."""
    texts: dict[str, set[str]] = {}
    with duckdb.connect(str(file), read_only=True) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() where not internal"
            " and (data_type like '%VARCHAR%' or data_type = 'JSON')"
        ).fetchall()
        for schema, table, column in columns:
            sql = f'select distinct "{column}"::varchar from "{schema}"."{table}" where "{column}" is not null'
            texts[f"{schema}.{table}.{column}"] = {value for (value,) in connection.execute(sql).fetchall()}
    return texts


@pytest.mark.parametrize("file", ["analyst.duckdb", "finance.duckdb"])
def test_no_text_names_anybody(current: Path, known: set[str], file: str) -> None:
    texts = texts_of(current / file)
    assert any(texts.values())
    telling = {value.lower() for value in known if "@" in value or " " in value}
    assert len(telling) > 100
    for column, values in texts.items():
        found = [value for value in values if any(name in value.lower() for name in telling)]
        assert not found, column


def test_the_manifest_names_nobody(current: Path, known: set[str]) -> None:
    text = (current / "manifest.json").read_text().lower()
    assert not [value for value in known if ("@" in value or " " in value) and value.lower() in text]


@pytest.mark.parametrize("file", ["analyst.duckdb", "finance.duckdb", "directory.duckdb", "manager.duckdb"])
def test_no_published_file_names_an_export(current: Path, file: str) -> None:
    """An export is often named after the person whose hours are in it; the ledger tells which file a delivery was."""
    workspace = current.parents[1]
    with closing(sqlite3.connect(workspace / "data" / "ledger.db")) as ledger:
        names = {name for (name,) in ledger.execute("select file_name from deliveries")}
    assert names
    told = {f"{column}: {text}" for column, texts in texts_of(current / file).items() for text in texts}
    told.add((current / "manifest.json").read_text())
    assert not [name for name in names for text in told if name in text]


def test_no_key_can_be_made_from_what_one_knows_of_a_person(current: Path, known: set[str]) -> None:
    with duckdb.connect(str(current / "analyst.duckdb"), read_only=True) as connection:
        keys = {key for (key,) in connection.execute("select person_key from core.dim_persons").fetchall()}
    assert len(keys) > 70
    beginnings = ["", "email", "number", "unresolved email", "unresolved number", "unresolved name", "∅"]
    for value, beginning, between in product(known, beginnings, ["", "\x1f", "|", "-", ":"]):
        for written in {value, value.lower(), value.upper()}:
            guess = f"{beginning}{between}{written}".encode()
            assert hashlib.md5(guess).hexdigest() not in keys
            assert hashlib.sha256(guess).hexdigest() not in keys
