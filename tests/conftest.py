"""Settings of every test: properties are judged by what they find, not by how busy the machine is."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("shared_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared_machine")

# dbt and Great Expectations hold many objects that live as long as the tests: looking for garbage among them took a twentieth.
gc.set_threshold(100_000, 50, 100)

#: Folders whose files take longest first; one that needs no sample is in front, so that no worker waits for another to make it.
LONGEST_FIRST = ("attacks", "end_to_end", "faults", "oracle", "warehouse", "detection", "formats", "fuzz")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files start first, so that no worker is left with one of them at the end; within a folder the order stays random."""
    items.sort(key=lambda item: next((at for at, name in enumerate(LONGEST_FIRST) if name in item.path.parts), 99))
