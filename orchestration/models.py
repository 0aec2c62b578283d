"""Run the dbt project in process: parse once for each state of its files, build with the manifest handed over."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from data_contracts.errors import WorkledgerError
from orchestration.checks.time_limit import at_most

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
TARGET = PROJECT / "target"
# Only the connection's path is read from the environment, so that a new path never needs a new parse.
BUILD_VARIABLE = "WORKLEDGER_BUILD"

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
    """dbt's manifest as a plain dictionary, parsed first if the project changed. Imports dbt only then."""
    _ensure_parsed()
    manifest: dict[str, Any] = json.loads((TARGET / "manifest.json").read_text(encoding="utf-8"))
    return manifest


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


def build(build_folder: Path, log_folder: Path, seconds: float, on_node: NodeFinished | None = None) -> tuple[Any, ...]:
    """Build every model and run every data test into the files of ``build_folder``; returns dbt's own results.

    A test that takes longer than ``seconds`` is interrupted. ``on_node(name, status, done, total)`` is called as nodes finish.
    Raises WorkledgerError if dbt could not run at all; a failed model or test is a result, not an exception.
    """
    from dbt.cli.main import dbtRunner

    manifest = load_manifest()
    total = sum(
        1 for node in manifest.nodes.values() if node.resource_type in ("model", "seed", "test") and node.config.enabled
    )
    watch = CheckWatch(seconds)
    callbacks = [watch.hear, *([_node_listener(on_node, total)] if on_node else [])]
    runner = dbtRunner(manifest=manifest, callbacks=callbacks)
    arguments = ["--exclude-resource-type", "unit_test", "--no-write-json", *_common_arguments(log_folder, log_folder)]
    with _environment(build_folder):
        try:
            # Tests run after all models: a test that fails is then told alone, not with all that stands on its table.
            models = runner.invoke(["build", "--exclude-resource-type", "test", *arguments])
            tests = runner.invoke(["test", *arguments])
        finally:
            watch.close()
            _close_connections()
    for outcome in (models, tests):
        if outcome.result is None:
            raise WorkledgerError(
                f"dbt could not build the models: {outcome.exception}", where=str(log_folder / "dbt.log")
            )
    for result in tests.result.results:
        result.message = watch.problems.get(result.node.unique_id, result.message)
    return (*models.result.results, *tests.result.results)


class CheckWatch:
    """Interrupts a data test that takes too long. One thread runs them, so only one is ever under way."""

    def __init__(self, seconds: float) -> None:
        self.problems: dict[str, str] = {}
        self._seconds = seconds
        self._under_way = ExitStack()

    def hear(self, event: Any) -> None:
        """Follow dbt's events."""
        name = event.info.name
        if name not in ("NodeStart", "NodeFinished") or not event.data.node_info.unique_id.startswith("test."):
            return
        self.close()
        if name == "NodeStart":
            self._under_way.enter_context(self._limit(event.data.node_info.unique_id))

    def close(self) -> None:
        """The test that was under way has ended."""
        self._under_way.close()

    @contextlib.contextmanager
    def _limit(self, test: str) -> Iterator[None]:
        from dbt.adapters.factory import get_adapter_by_type

        with at_most(self._seconds, lambda: get_adapter_by_type("duckdb").cancel_open_connections()) as watched:
            yield
        if watched.was_stopped:
            self.problems[test] = watched.problem


def _node_listener(on_node: NodeFinished, total: int) -> Callable[[Any], None]:
    done = 0

    def listen(event: Any) -> None:
        nonlocal done
        if event.info.name == "NodeFinished":
            done += 1
            on_node(event.data.node_info.node_name, event.data.node_info.node_status, done, total)

    return listen


def _ensure_parsed() -> None:
    TARGET.mkdir(exist_ok=True)
    stamp = TARGET / "project_hash"
    current = project_hash()
    with (TARGET / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.is_file() and stamp.read_text() == current and (TARGET / "partial_parse.msgpack").is_file():
            return
        from dbt.cli.main import dbtRunner

        with _environment(Path("/nonexistent")):
            outcome = dbtRunner().invoke(["parse", *_common_arguments(TARGET, TARGET / "logs")])
        if not outcome.success:
            raise WorkledgerError(f"The dbt project does not parse: {outcome.exception}", where=str(PROJECT))
        stamp.write_text(current)


def _common_arguments(target: Path, logs: Path) -> list[str]:
    folders = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", target, "--log-path", logs]
    quiet = ["--no-send-anonymous-usage-stats", "--no-version-check", "--no-use-colors", "--log-level", "none"]
    return [*map(str, folders), *quiet, "--log-level-file", "info"]


@contextlib.contextmanager
def _environment(build_folder: Path) -> Iterator[None]:
    before = os.environ.get(BUILD_VARIABLE)
    os.environ[BUILD_VARIABLE] = str(build_folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[BUILD_VARIABLE]
        else:
            os.environ[BUILD_VARIABLE] = before


def _close_connections() -> None:
    # dbt-duckdb keeps the file open after the run; nobody else could open it.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()
