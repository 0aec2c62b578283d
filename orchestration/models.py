"""Run the dbt project in process: parse once for each state of its files, build with the manifest handed over."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from data_contracts.errors import WorkledgerError
from orchestration.machine import Share

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
TARGET = PROJECT / "target"
QUERIES = TARGET / "data_tests.json"
# Only the connection is read from the environment, so that another path or machine never needs a new parse.
BUILD_VARIABLE = "WORKLEDGER_BUILD"
SHARE_VARIABLES = {
    "threads": "WORKLEDGER_THREADS",
    "memory_limit": "WORKLEDGER_MEMORY",
    "temp_directory": "WORKLEDGER_TEMP",
}

# The SQL of data tests names the files' constant catalogs, so it is the same for every build.
COMPILED_ONLY = ["--select", "resource_type:test", "--no-populate-cache", "--no-introspect", "--no-write-json"]

NodeFinished = Callable[[str, str, int, int], None]


def project_hash() -> str:
    """Hash over every file of the dbt project that can change what it builds."""
    digest = hashlib.sha256()
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


def load_data_tests() -> dict[str, str]:
    """The query of every data test by its unique id, compiled when the project was parsed; a row it finds breaks the rule."""
    _ensure_parsed()
    queries: dict[str, str] = json.loads(QUERIES.read_text(encoding="utf-8"))
    return queries


def load_manifest() -> Any:
    """dbt's manifest as dbt runs it, of one's own to change; parsed first if the project changed."""
    _ensure_parsed()
    from dbt.contracts.graph.manifest import Manifest

    manifest = Manifest.from_msgpack((TARGET / "partial_parse.msgpack").read_bytes())
    manifest.build_flat_graph()
    return manifest


def builds_on_the_last_version(manifest: dict[str, Any]) -> bool:
    """Whether a model reads what the version before holds. Where none does, a build starts from empty files: DuckDB keeps the
    blocks of every table that is replaced, so that clones of clones come to twice the size."""
    nodes = manifest["nodes"].values()
    return any((node.get("config") or {}).get("materialized") in ("incremental", "snapshot") for node in nodes)


def build(build_folder: Path, log_folder: Path, share: Share, on_node: NodeFinished | None = None) -> tuple[Any, ...]:
    """Build every model into the files of ``build_folder`` with a share of the machine; returns dbt's own results.

    ``on_node(name, status, done, total)`` is called as nodes finish. Raises WorkledgerError if dbt could not run at all; a failed
    model is a result, not an exception.
    """
    from dbt.cli.main import dbtRunner

    manifest = load_manifest()
    total = sum(
        1 for node in manifest.nodes.values() if node.resource_type in ("model", "seed") and node.config.enabled
    )
    runner = dbtRunner(manifest=manifest, callbacks=[_node_listener(on_node, total)] if on_node else [])
    left_out = ["--exclude-resource-types", "unit_test", "test", "--no-write-json"]
    with _environment(build_folder, share), _collector_at_rest(), quiet_about_logs():
        try:
            outcome = runner.invoke(["build", *left_out, *_common_arguments(log_folder, log_folder)])
        finally:
            _close_connections()
    if outcome.result is None:
        raise WorkledgerError(f"dbt could not build the models: {outcome.exception}", where=str(log_folder / "dbt.log"))
    return tuple(outcome.result.results)


def _node_listener(on_node: NodeFinished, total: int) -> Callable[[Any], None]:
    done = 0

    def listen(event: Any) -> None:
        nonlocal done
        if event.info.name == "NodeFinished":
            done += 1
            on_node(event.data.node_info.node_name, event.data.node_info.node_status, done, total)

    return listen


def _ensure_parsed() -> str:
    """Parse the project if it changed. Returns its hash."""
    TARGET.mkdir(exist_ok=True)
    stamp = TARGET / "project_hash"
    current = project_hash()
    with (TARGET / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = (TARGET / "partial_parse.msgpack", QUERIES)
        if stamp.is_file() and stamp.read_text() == current and all(file.is_file() for file in made):
            return current
        parsed = _invoke(["parse"], None)
        _write_queries(_invoke(["compile", *COMPILED_ONLY], parsed).results)
        stamp.write_text(current)
    return current


def _invoke(command: list[str], manifest: Any) -> Any:
    """Run a command of dbt that looks at the project and at no warehouse."""
    from dbt.cli.main import dbtRunner

    with _environment(Path("/nonexistent")):
        outcome = dbtRunner(manifest=manifest).invoke([*command, *_common_arguments(TARGET, TARGET / "logs")])
    if not outcome.success:
        raise WorkledgerError(f"The dbt project does not parse: {outcome.exception}", where=str(PROJECT))
    return outcome.result


def _write_queries(results: Iterable[Any]) -> None:
    """Keep what data tests compile to. A test is a query that finds nothing; what dbt can set beyond that, none of ours does."""
    nodes = [result.node for result in results]
    for node in nodes:
        set_apart = (node.config.fail_calc, node.config.warn_if, node.config.error_if, node.config.limit)
        if set_apart != ("count(*)", "!= 0", "!= 0", None):
            raise WorkledgerError(
                f"The data test {node.name} sets fail_calc, warn_if, error_if or limit, which is not read",
                where=node.original_file_path,
                remedy="Write the rule as a query that finds the rows which break it.",
            )
    QUERIES.write_text(json.dumps({node.unique_id: node.compiled_code for node in nodes}), encoding="utf-8")


def _common_arguments(target: Path, logs: Path) -> list[str]:
    folders = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", target, "--log-path", logs]
    quiet = ["--no-send-anonymous-usage-stats", "--no-version-check", "--no-use-colors", "--log-level", "none"]
    return [*map(str, folders), *quiet, "--log-level-file", "info"]


@contextlib.contextmanager
def quiet_about_logs() -> Iterator[None]:
    """A line that no log takes, as on a full disk, is no news of its own: what needed the disk tells of it, once."""
    was_told = logging.raiseExceptions
    logging.raiseExceptions = False
    try:
        yield
    finally:
        logging.raiseExceptions = was_told


@contextlib.contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Without Python's garbage collector: each of its rounds walks all that dbt has parsed, to find next to nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextlib.contextmanager
def _environment(build_folder: Path, share: Share | None = None) -> Iterator[None]:
    """What the profile reads, for as long as dbt runs."""
    wanted = {BUILD_VARIABLE: str(build_folder)}
    if share is not None:
        settings = share.settings(build_folder / "private")
        wanted |= {variable: settings[name] for name, variable in SHARE_VARIABLES.items()}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _close_connections() -> None:
    # dbt-duckdb keeps the file open after the run; nobody else could open it.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()
