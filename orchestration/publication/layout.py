"""Names of the files of a version, in one place."""

from __future__ import annotations

from pathlib import Path

STATE = Path("private") / "state.duckdb"
AUDIENCE_FILES = {
    "analyst": Path("analyst.duckdb"),
    "directory": Path("directory.duckdb"),
    "finance": Path("finance.duckdb"),
    "manager": Path("manager.duckdb"),
}
MANIFEST = "manifest.json"


def database_files(folder: Path) -> dict[str, Path]:
    """Catalog → DuckDB file of a build or version folder, ``state`` first."""
    return {"state": folder / STATE, **{name: folder / file for name, file in AUDIENCE_FILES.items()}}
