"""Fixtures: dbt parsed once a session, and a fresh warehouse for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from warehouse_build import Warehouse

from orchestration.models import load_manifest


@pytest.fixture(scope="session")
def dbt_manifest() -> Any:
    """The parsed project."""
    return load_manifest()


@pytest.fixture
def warehouse(tmp_path: Path, dbt_manifest: Any) -> Iterator[Warehouse]:
    """An empty warehouse built for 2026-03-31 with default policy and no sources."""
    made = Warehouse(tmp_path / "build", dbt_manifest)
    yield made
    made.close()


@pytest.fixture(scope="module")
def module_warehouse(tmp_path_factory: pytest.TempPathFactory, dbt_manifest: Any) -> Iterator[Warehouse]:
    """An empty warehouse that all tests of a module share: one fills it, the others look."""
    made = Warehouse(tmp_path_factory.mktemp("shared") / "build", dbt_manifest)
    yield made
    made.close()
