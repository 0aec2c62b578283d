"""Imports go one way: data_contracts ← connectors ← orchestration; dagster lives in one folder."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("data_contracts", "connectors", "orchestration")
MAY_IMPORT = {
    "data_contracts": {"data_contracts"},
    "connectors": {"data_contracts", "connectors"},
    "orchestration": {"data_contracts", "connectors", "orchestration"},
}
# Their import takes longer than a command may: only inside functions, or in the folder that exists for them.
SLOW = {"dbt", "great_expectations", "polars", "pyarrow", "dagster", "pandas", "duckdb_engine", "sqlalchemy"}
# Subclasses an SQLAlchemy dialect, so it cannot import late; it is itself imported late.
IMPORTED_LATE = {"orchestration/checks/gx_dialect.py"}
FILES = sorted(path for folder in OURS for path in (ROOT / folder).rglob("*.py"))


def _imports(nodes: list[ast.stmt]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def _all_imports(tree: ast.Module) -> set[str]:
    return _imports([node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)])


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    folder = path.relative_to(ROOT).parts[0]
    ours = {name.split(".")[0] for name in _all_imports(ast.parse(path.read_text()))} & set(OURS)
    assert ours <= MAY_IMPORT[folder]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_its_folder_imports_dagster(path: Path) -> None:
    imports = {name.split(".")[0] for name in _all_imports(ast.parse(path.read_text()))}
    inside = (ROOT / "orchestration" / "dagster") in path.parents
    assert inside or "dagster" not in imports


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_slow_packages_are_imported_late(path: Path) -> None:
    if (ROOT / "orchestration" / "dagster") in path.parents or str(path.relative_to(ROOT)) in IMPORTED_LATE:
        return
    top_level = {name.split(".")[0] for name in _imports(ast.parse(path.read_text()).body)}
    assert top_level.isdisjoint(SLOW)


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.name == "__init__.py"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_package_files_say_what_belongs_and_run_nothing(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


def test_the_rules_see_a_violation() -> None:
    tree = ast.parse("import dagster\nfrom orchestration import refresh\n")
    assert {"dagster", "orchestration"} <= {name.split(".")[0] for name in _all_imports(tree)}
    assert "orchestration" not in MAY_IMPORT["connectors"]
    assert sys.version_info >= (3, 11)


def test_the_command_line_starts_without_what_only_its_commands_need() -> None:
    """`workledger --help` is read often: pydantic models, the mapper and DuckDB load when a command needs them."""
    show = "import sys, orchestration.cli.main; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint({"duckdb", "pydantic", "pyarrow", "dbt", "connectors.streams", "orchestration.settings"})
