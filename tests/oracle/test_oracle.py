"""Every published number equals what the definitions say, for organisations nobody thought of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.oracle.packs import POLICIES, build, pack_of
from tests.oracle.random_organisations import draw_organisations
from tests.oracle.verdict import judge


@pytest.mark.parametrize(("number", "count"), [(0, 50), (1, 50)])
def test_the_warehouse_says_what_the_definitions_say(number: int, count: int, tmp_path: Path, manifest: Any) -> None:
    """One build a policy: each organisation is a tenant whose names are its own."""
    pack = pack_of(draw_organisations(count, first_seed=number + 1), POLICIES[number])
    with build(pack, tmp_path / "build", manifest) as connection:
        found = judge(pack, connection)
    assert not found, "\n".join(f"{tenant}: {told[0]}" for tenant, told in found.items())
