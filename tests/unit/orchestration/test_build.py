"""Models are built in order into the files of a build; what cannot be built stops what stands on it and nothing else."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from data_contracts.errors import WorkledgerError
from orchestration import models
from orchestration.build import BuiltModel, build_models
from orchestration.models import CompiledModel, _environment, load_compiled, require_plain_model


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


PLAIN: dict[str, Any] = {
    "materialized": "table",
    "pre_hook": [],
    "post_hook": [],
    "grants": {},
    "persist_docs": {},
    "sql_header": None,
}


class Config(SimpleNamespace):
    """What is read of dbt's configuration of a node."""

    def get(self, name: str) -> Any:
        return getattr(self, name)


def node(config: dict[str, Any], **more: Any) -> SimpleNamespace:
    plain = {
        "name": "model",
        "resource_type": "model",
        "original_file_path": "models/model.sql",
        "columns": {},
        "constraints": [],
        "contract": SimpleNamespace(enforced=True),
    }
    return SimpleNamespace(**plain | more, config=Config(**PLAIN | config))


@pytest.mark.parametrize(
    "config",
    [
        {"materialized": "incremental"},
        {"materialized": "view"},
        {"pre_hook": ["select 1"]},
        {"post_hook": ["select 1"]},
        {"grants": {"select": ["somebody"]}},
        {"persist_docs": {"relation": True}},
        {"sql_header": "set threads = 1"},
    ],
)
def test_what_is_asked_of_dbt_beyond_tables_and_views_is_refused(config: dict[str, Any]) -> None:
    require_plain_model(node({}))
    with pytest.raises(WorkledgerError, match="asks dbt for more"):
        require_plain_model(node(config))


@pytest.mark.parametrize(
    "more",
    [
        {"columns": {"one": SimpleNamespace(constraints=["not null"])}},
        {"constraints": ["x"]},
        {"resource_type": "operation"},
    ],
)
def test_constraints_and_hooks_of_a_run_are_refused(more: dict[str, Any]) -> None:
    with pytest.raises(WorkledgerError, match="asks dbt for more"):
        require_plain_model(node({}, **more))


def test_a_view_without_a_contract_is_plain() -> None:
    require_plain_model(node({"materialized": "view"}, contract=SimpleNamespace(enforced=False)))


def test_a_seed_is_read_by_the_names_of_its_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seed.csv").write_text('b,a\n2,"one, and ""a half"""\n,\n', encoding="utf-8")
    monkeypatch.setattr("orchestration.build.PROJECT", tmp_path)
    told = build(tmp_path, model("seed", "seed.csv", kind="seed", a="varchar", b="varchar"))
    assert told["seed"].rows == 2
    assert asked(tmp_path, "select a, b from core.seed") == [('one, and "a half"', "2"), (None, None)]
    told = build(tmp_path, model("seed", "seed.csv", kind="seed", a="varchar", c="varchar"))
    assert told["seed"].status == "errored"


def test_nothing_of_the_callers_settings_stays_in_what_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_EMPTY", "1")
    monkeypatch.delenv("SET_BY_ANOTHER_THREAD", raising=False)
    with _environment():
        assert "DBT_EMPTY" not in os.environ
        os.environ["SET_BY_ANOTHER_THREAD"] = "kept"
    assert os.environ["DBT_EMPTY"] == "1"
    assert os.environ.pop("SET_BY_ANOTHER_THREAD") == "kept"


def test_a_project_that_does_not_compile_leaves_nothing_to_be_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, path in {"TARGET": tmp_path, "COMPILED": tmp_path / "compiled.json"}.items():
        monkeypatch.setattr(models, name, path)
    (tmp_path / "project_hash").write_text("the state before")
    monkeypatch.setattr(models, "project_hash", lambda: "another state")
    monkeypatch.setattr(models, "_invoke", _refuse)
    with pytest.raises(WorkledgerError):
        models.load_compiled()
    assert not (tmp_path / "project_hash").exists()


def _refuse(*_: object) -> None:
    raise WorkledgerError("The dbt project does not parse")
