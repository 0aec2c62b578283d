"""Which code made a version: a hash over every file that can change a published number."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDERS = ("connectors", "data_contracts", "dbt_project", "orchestration")
KINDS = {".py", ".sql", ".yaml", ".yml", ".csv"}
GENERATED = {"target", "logs", "__pycache__"}


def code_version() -> str:
    """First 16 hex digits of the hash over the project's own files."""
    return hash_files(
        path
        for folder in FOLDERS
        for path in (REPOSITORY / folder).rglob("*")
        if path.suffix in KINDS and GENERATED.isdisjoint(path.parts)
    )


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
