"""Fixtures: a fresh warehouse for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warehouse.warehouse_build import Warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """An empty warehouse built for 2026-03-31 with default policy and no sources."""
    made = Warehouse(tmp_path / "build")
    yield made
    made.close()


@pytest.fixture(scope="module")
def module_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """An empty warehouse that all tests of a module share: one fills it, the others look."""
    made = Warehouse(tmp_path_factory.mktemp("shared") / "build")
    yield made
    made.close()
