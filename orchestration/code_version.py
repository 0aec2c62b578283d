"""Which code made a version: a hash over every file that can change a published number, and what runs them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDERS = ("connectors", "data_contracts", "dbt_project", "orchestration")
#: What turns models into SQL, and what runs it.
RUN_BY = ("dbt-core", "dbt-adapters", "dbt-duckdb", "duckdb")
KINDS = {".py", ".sql", ".yaml", ".yml", ".csv"}
GENERATED = {"target", "logs", "__pycache__"}


def code_version() -> str:
    """First 16 hex digits of the hash over the project's own files and the versions of what runs its SQL."""
    files = hash_files(
        path
        for folder in FOLDERS
        for path in (REPOSITORY / folder).rglob("*")
        if path.suffix in KINDS and GENERATED.isdisjoint(path.parts)
    )
    return hash_texts([files, *map(version, RUN_BY)])


def hash_files(paths: Iterable[Path]) -> str:
    """First 16 hex digits of the hash over names and contents, in name order."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def hash_texts(texts: Iterable[str]) -> str:
    """First 16 hex digits of the hash over texts, in order."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{text}\0".encode())
    return digest.hexdigest()[:16]
