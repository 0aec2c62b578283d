"""Settings of every test: properties are judged by what they find, not by how busy the machine is."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("shared_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared_machine")

#: Folders whose files take longest, the longest first.
LONGEST_FIRST = ("end_to_end", "faults", "oracle", "warehouse")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files start first, so that no worker is left with one of them at the end; within a folder the order stays random."""
    items.sort(key=lambda item: next((at for at, name in enumerate(LONGEST_FIRST) if name in item.path.parts), 99))
