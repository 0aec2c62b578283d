"""The dbt project, parsed and compiled in process, once for each state of its files."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import Any

from data_contracts.errors import WorkledgerError
from orchestration import built_in_part, touched_days, touched_records
from orchestration.built_in_part import by_days_of, by_records_of, read_by_days, read_by_records, relation_of
from orchestration.touched_days import ByDays
from orchestration.touched_records import ByRecords

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
TARGET = PROJECT / "target"
COMPILED = TARGET / "compiled.json"
COMPILED_BY = tuple(
    Path(file) for file in (__file__, built_in_part.__file__, touched_days.__file__, touched_records.__file__)
)
COMPILERS = ("dbt-core", "dbt-adapters", "dbt-duckdb")
BUILD_VARIABLE = "WORKLEDGER_BUILD"
KINDS = ("table", "view", "seed")
WHAT = ["--select", "resource_type:model", "resource_type:test"]
COMPILED_ONLY = [*WHAT, "--no-populate-cache", "--no-introspect", "--no-write-json"]


def project_hash() -> str:
    """Hash over every file of the dbt project that can change what it builds, and over what compiles it."""
    digest = hashlib.sha256()
    for file in COMPILED_BY:
        digest.update(file.read_bytes())
    digest.update(" ".join(map(version, COMPILERS)).encode())
    kinds = {".sql", ".yml", ".yaml", ".csv", ".md"}
    for path in sorted(PROJECT.rglob("*")):
        if path.suffix in kinds and TARGET not in path.parents:
            digest.update(f"{path.relative_to(PROJECT)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def load_manifest_json() -> dict[str, Any]:
    """dbt's manifest as a plain dictionary to look into, parsed first if the project changed. Imports dbt only then."""
    return _read_manifest(_ensure_parsed())


@lru_cache(maxsize=1)
def _read_manifest(_project_hash: str) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((TARGET / "manifest.json").read_text(encoding="utf-8"))
    return manifest


@dataclass(frozen=True)
class CompiledModel:
    """A model or a seed: where it goes, the query or file that makes it, and what is built before it."""

    unique_id: str
    catalog: str
    schema: str
    table: str
    kind: str
    #: SQL of a table or view; of a seed its file, relative to the project.
    source: str
    #: Columns and their types in DuckDB: what a published table promises, all of a seed, else none.
    columns: Mapping[str, str]
    parents: tuple[str, ...]
    #: How to build only some days, or some records, of a table again; None and None where it is built whole.
    by_days: ByDays | None = None
    by_records: ByRecords | None = None

    @property
    def is_carried_over(self) -> bool:
        """Whether what did not change may stay from the version before."""
        return self.by_days is not None or self.by_records is not None

    @property
    def relation(self) -> str:
        """The name by which compiled SQL calls it."""
        return relation_of(self.catalog, self.schema, self.table)


@dataclass(frozen=True)
class Compiled:
    """The project as SQL that names the files' constant catalogs, so the same for every build: models in an order in which they
    can be built, and the query of every data test by its unique id; a row it finds breaks the rule."""

    models: tuple[CompiledModel, ...]
    data_tests: Mapping[str, str]


def load_compiled() -> Compiled:
    """What dbt compiled the project to when it was parsed; parsed first if the project changed."""
    return _read_compiled(_ensure_parsed())


@lru_cache(maxsize=1)
def _read_compiled(_project_hash: str) -> Compiled:
    told = json.loads(COMPILED.read_text(encoding="utf-8"))
    models = tuple(
        CompiledModel(
            **{
                **model,
                "parents": tuple(model["parents"]),
                "by_days": read_by_days(model["by_days"]),
                "by_records": read_by_records(model["by_records"]),
            }
        )
        for model in told["models"]
    )
    return Compiled(models, told["data_tests"])


def load_manifest() -> Any:
    """dbt's manifest as dbt runs it, of one's own to change; parsed first if the project changed."""
    _ensure_parsed()
    from dbt.contracts.graph.manifest import Manifest

    manifest = Manifest.from_msgpack((TARGET / "partial_parse.msgpack").read_bytes())
    manifest.build_flat_graph()
    return manifest


def _ensure_parsed() -> str:
    """Parse the project if it changed. Returns its hash."""
    TARGET.mkdir(exist_ok=True)
    stamp = TARGET / "project_hash"
    current = project_hash()
    with (TARGET / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = (TARGET / "partial_parse.msgpack", COMPILED)
        if stamp.is_file() and stamp.read_text() == current and all(file.is_file() for file in made):
            return current
        # What is there is of no state of the files from here on, also where the project turns out not to parse or compile.
        stamp.unlink(missing_ok=True)
        parsed = _invoke(["parse"], None)
        COMPILED.write_text(json.dumps(asdict(_compile(parsed))), encoding="utf-8")
        stamp.write_text(current)
    return current


def _invoke(command: list[str], manifest: Any) -> Any:
    """Run a command of dbt that looks at the project and at no warehouse."""
    from dbt.cli.main import dbtRunner

    with _environment():
        outcome = dbtRunner(manifest=manifest).invoke([*command, *_common_arguments(TARGET, TARGET / "logs")])
    if not outcome.success:
        raise WorkledgerError(f"The dbt project does not parse: {outcome.exception}", where=str(PROJECT))
    return outcome.result


def _compile(parsed: Any) -> Compiled:
    """All that is built or asked, as SQL. What dbt can set beyond it, none of ours does: it would be left out in silence."""
    nodes = {result.node.unique_id: result.node for result in _invoke(["compile", *COMPILED_ONLY], parsed).results}
    seeds = {key: node for key, node in parsed.nodes.items() if node.resource_type == "seed"}
    built = seeds | {key: node for key, node in nodes.items() if node.resource_type == "model"}
    asked = {key: node for key, node in nodes.items() if node.resource_type == "test"}
    for node in parsed.nodes.values():
        if node.resource_type != "test":
            require_plain_model(node)
    for node in asked.values():
        _require_plain_test(node)
    parents = {key: tuple(sorted(set(node.depends_on_nodes) & set(built))) for key, node in built.items()}
    order = TopologicalSorter({key: parents[key] for key in sorted(built)}).static_order()
    everything = {**built, **parsed.sources}
    models = tuple(
        replace(
            _compiled_model(built[key], parents[key]),
            by_days=by_days_of(built[key], everything),
            by_records=by_records_of(built[key], everything),
        )
        for key in order
    )
    return Compiled(models, {key: node.compiled_code for key, node in asked.items()})


def _compiled_model(node: Any, parents: tuple[str, ...]) -> CompiledModel:
    if node.resource_type == "seed":
        kind, source, columns = "seed", node.original_file_path, dict(node.config.column_types)
    else:
        kind, source = node.config.materialized, node.compiled_code
        columns = {name: column.data_type for name, column in node.columns.items()} if node.contract.enforced else {}
    return CompiledModel(node.unique_id, node.database, node.schema, node.alias, kind, source, columns, parents)


def require_plain_model(node: Any) -> None:
    """Raise WorkledgerError where a parsed ``node`` asks dbt for what `build_models` does not do."""
    config = node.config
    constraints = [
        *getattr(node, "constraints", ()),
        *(c for column in node.columns.values() for c in column.constraints),
    ]
    set_apart = (
        constraints,
        config.pre_hook,
        config.post_hook,
        config.grants,
        config.persist_docs,
        config.get("sql_header"),
    )
    promises_nothing = config.materialized == "view" and node.contract.enforced
    if (
        node.resource_type not in ("model", "seed")
        or config.materialized not in KINDS
        or any(set_apart)
        or promises_nothing
    ):
        raise WorkledgerError(
            f"{node.name} asks dbt for more than a table, a view or a seed, which is not read",
            where=node.original_file_path,
            remedy="Leave out hooks, headers, constraints, grants, persist_docs and contracts of views, or teach build_models.",
        )


def _require_plain_test(node: Any) -> None:
    set_apart = (node.config.fail_calc, node.config.warn_if, node.config.error_if, node.config.limit)
    if set_apart != ("count(*)", "!= 0", "!= 0", None):
        raise WorkledgerError(
            f"The data test {node.name} sets fail_calc, warn_if, error_if or limit, which is not read",
            where=node.original_file_path,
            remedy="Write the rule as a query that finds the rows which break it.",
        )


def _common_arguments(target: Path, logs: Path) -> list[str]:
    folders = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", target, "--log-path", logs]
    quiet = ["--no-send-anonymous-usage-stats", "--no-version-check", "--no-use-colors", "--log-level", "none"]
    return [*map(str, folders), *quiet, "--log-level-file", "info"]


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """None of the caller's settings for dbt, which would stay in what is compiled; for the profile a path that nobody opens."""
    set_apart = [name for name in os.environ if name.startswith("DBT_") or name == BUILD_VARIABLE]
    # Only these are put back: what another thread sets meanwhile is its own.
    before = {name: os.environ.pop(name) for name in set_apart}
    os.environ[BUILD_VARIABLE] = "/nonexistent"
    try:
        yield
    finally:
        del os.environ[BUILD_VARIABLE]
        os.environ.update(before)
