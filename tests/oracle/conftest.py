"""Fixtures of the oracle: the parsed project, and built packs that all tests of the folder look at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.warehouse.warehouse_build import parse_project


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The parsed project."""
    return parse_project(tmp_path_factory.mktemp("parse"))
