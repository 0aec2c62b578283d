"""Models are built in order into the files of a build; what cannot be built stops what stands on it and nothing else."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from data_contracts.errors import WorkledgerError
from orchestration.build import BuiltModel, build_models
from orchestration.models import CompiledModel, _require_plain_model, load_compiled


def model(name: str, source: str, *parents: str, kind: str = "table", **columns: str) -> CompiledModel:
    return CompiledModel(name, "state" if kind == "view" else "analyst", "core", name, kind, source, columns, parents)


def build(folder: Path, *models: CompiledModel) -> dict[str, BuiltModel]:
    files = {name: folder / f"{name}.duckdb" for name in ("state", "analyst")}
    return {result.model.table: result for result in build_models(files, models)}


def asked(folder: Path, query: str) -> list[Any]:
    with duckdb.connect(str(folder / "analyst.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_tables_stand_on_views_and_tables_of_other_files(tmp_path: Path) -> None:
    told = build(
        tmp_path,
        model("numbers", "select range as number from range(5)", kind="view"),
        model("even", 'select number from "state"."core"."numbers" where number % 2 = 0 -- last', "numbers"),
    )
    assert [(name, result.status, result.rows) for name, result in told.items()] == [
        ("numbers", "passed", None),
        ("even", "passed", 3),
    ]
    assert asked(tmp_path, "from core.even") == [(0,), (2,), (4,)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["analyst.duckdb", "state.duckdb"]


def test_what_stands_on_a_model_that_cannot_be_built_is_skipped(tmp_path: Path) -> None:
    told = build(
        tmp_path,
        model("wrong", "select * from nowhere.at_all"),
        model("child", "select 1 as one", "wrong"),
        model("grandchild", "select 1 as one", "child"),
        model("other", "select 1 as one"),
    )
    assert {name: result.status for name, result in told.items()} == {
        "wrong": "errored",
        "child": "skipped",
        "grandchild": "skipped",
        "other": "passed",
    }
    assert "nowhere" in told["wrong"].problem
    assert told["grandchild"].problem == "stands on what was not built: child"
    assert asked(tmp_path, "select table_name from duckdb_tables()") == [("other",)]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("select 1::integer as a, 'x' as b", "a is INTEGER, promised is BIGINT"),
        ("select 1::bigint as a, 'x' as b, 2 as c", "c is not promised"),
        ("select 1::bigint as a", "b is not there"),
    ],
)
def test_a_contract_is_kept_to_the_type(tmp_path: Path, query: str, problem: str) -> None:
    told = build(tmp_path, model("promised", query, a="bigint", b="varchar"))
    assert told["promised"].status == "errored"
    assert problem in told["promised"].problem
    assert asked(tmp_path, "select table_name from duckdb_tables()") == []


def test_a_contract_gives_the_order_of_the_columns(tmp_path: Path) -> None:
    build(tmp_path, model("promised", "select 'x' as b, 1::bigint as a", a="bigint", b="varchar"))
    assert asked(tmp_path, "from core.promised") == [(1, "x")]


def test_a_second_build_replaces_the_first(tmp_path: Path) -> None:
    for rows in (3, 2):
        build(tmp_path, model("same", f"select range as number from range({rows})"))
    assert asked(tmp_path, "select count(*) from core.same") == [(2,)]


def test_every_model_comes_after_what_it_stands_on() -> None:
    seen: set[str] = set()
    for compiled in load_compiled().models:
        assert seen.issuperset(compiled.parents), compiled.table
        seen.add(compiled.unique_id)
    assert len(seen) > 100


@pytest.mark.parametrize(
    "more",
    [
        {"materialized": "incremental"},
        {"pre_hook": ["select 1"]},
        {"post_hook": ["select 1"]},
        {"grants": {"select": ["somebody"]}},
        {"persist_docs": {"relation": True}},
    ],
)
def test_what_is_asked_of_dbt_beyond_tables_and_views_is_refused(more: dict[str, Any]) -> None:
    plain = {"materialized": "table", "pre_hook": [], "post_hook": [], "grants": {}, "persist_docs": {}}
    node = SimpleNamespace(name="model", original_file_path="models/model.sql", columns={}, constraints=[])
    _require_plain_model(SimpleNamespace(**vars(node), config=SimpleNamespace(**plain)))
    with pytest.raises(WorkledgerError, match="asks dbt for more"):
        _require_plain_model(SimpleNamespace(**vars(node), config=SimpleNamespace(**plain | more)))


def test_constraints_are_refused() -> None:
    config = SimpleNamespace(materialized="table", pre_hook=[], post_hook=[], grants={}, persist_docs={})
    columns = {"one": SimpleNamespace(constraints=["not null"])}
    node = SimpleNamespace(name="m", original_file_path="m.sql", columns=columns, constraints=[], config=config)
    with pytest.raises(WorkledgerError, match="asks dbt for more"):
        _require_plain_model(node)
