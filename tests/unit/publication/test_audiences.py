"""Policy shows a table to fewer people: it leaves the file that they read, bytes and all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from data_contracts.errors import WorkledgerError
from orchestration.publication.audiences import narrow_audiences, promised_to_readers, require_movable
from orchestration.publication.clone import open_build
from orchestration.publication.layout import database_files

SECRET = "a text that stands nowhere else"


def node(database: str, schema: str, name: str) -> dict[str, Any]:
    return {"resource_type": "model", "database": database, "schema": schema, "name": name, "alias": name}


MANIFEST = {
    "nodes": {
        f"model.{name}": node(database, schema, name)
        for database, schema, name in (
            ("analyst", "core", "fct_work"),
            ("analyst", "marts", "mart_weeks"),
            ("analyst", "marts", "mart_months"),
            ("finance", "core", "fct_rates"),
            ("manager", "marts", "mart_teams"),
        )
    }
}


@pytest.fixture
def build(tmp_path: Path) -> Path:
    folder, _ = open_build(tmp_path / "builds", "run", tmp_path / "published")
    for entry in MANIFEST["nodes"].values():
        with duckdb.connect(str(database_files(folder)[entry["database"]])) as connection:
            connection.execute(f"create schema if not exists {entry['schema']}")
            told = f"'{SECRET} of {entry['name']}'"
            connection.execute(f"create table {entry['schema']}.{entry['name']} as select {told} as told, 1 as value")
    return folder


def tables(build: Path) -> set[str]:
    found: set[str] = set()
    for catalog, path in database_files(build).items():
        with duckdb.connect(str(path), read_only=True) as connection:
            rows = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        found |= {f"{catalog}.{schema}.{table}" for schema, table in rows}
    return found


def test_a_table_moves_to_whom_policy_names_and_leaves_no_bytes(build: Path) -> None:
    audiences = {"mart_weeks": "service", "mart_months": "finance", "fct_rates": "service"}
    narrow_audiences(build, audiences, MANIFEST)
    assert tables(build) == {
        "analyst.core.fct_work",
        "state.marts.mart_weeks",
        "finance.marts.mart_months",
        "state.core.fct_rates",
        "manager.marts.mart_teams",
    }
    files = {catalog: path.read_bytes() for catalog, path in database_files(build).items()}
    assert b"of fct_work" in files["analyst"]
    assert [name for name in ("mart_weeks", "mart_months") if f"of {name}".encode() in files["analyst"]] == []
    assert b"of fct_rates" not in files["finance"]


def test_without_policy_nothing_is_touched(build: Path) -> None:
    before = {path: path.read_bytes() for path in database_files(build).values()}
    narrow_audiences(build, {}, MANIFEST)
    assert {path: path.read_bytes() for path in before} == before


def test_readers_are_promised_what_they_get() -> None:
    columns = {"value": "integer"}
    promised = {
        "analyst.core.fct_work": columns,
        "analyst.marts.mart_weeks": columns,
        "finance.core.fct_rates": columns,
    }
    assert promised_to_readers(promised, {"mart_weeks": "finance", "fct_rates": "service"}) == {
        "analyst.core.fct_work": columns,
        "finance.marts.mart_weeks": columns,
    }


@pytest.mark.parametrize(
    ("table", "audience", "words"),
    [
        ("mart_week", "service", "Did you mean 'mart_weeks'"),
        ("fct_work", "service", "stays in analyst.duckdb"),
        ("fct_rates", "directory", "is for finance"),
        ("mart_teams", "finance", "is for manager"),
    ],
)
def test_what_would_break_or_show_more_is_refused(table: str, audience: str, words: str) -> None:
    with pytest.raises(WorkledgerError) as error:
        require_movable({table: audience}, MANIFEST)
    assert words in str(error.value)
