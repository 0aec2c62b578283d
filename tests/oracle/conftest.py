"""Packs of organisations that are built once for all tests of the folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.oracle.organisation import Pack
from tests.oracle.packs import POLICIES, build, pack_of
from tests.oracle.random_organisations import draw_organisations
from tests.oracle.reading import Reading
from tests.oracle.verdict import read

if TYPE_CHECKING:
    import duckdb

#: Organisations in the default tests, by policy: `make oracle N=…` runs more.
COUNT = 50
#: Seeds by policy, of packs that hold every case that test_oracle asks for.
SEEDS = {0: 6, 1: 5}


@dataclass(frozen=True)
class Built:
    """A pack, its warehouse, and what the oracle makes of it."""

    pack: Pack
    folder: Path
    connection: duckdb.DuckDBPyConnection
    readings: Mapping[str, Reading]


@pytest.fixture(scope="session", params=sorted(SEEDS), ids=lambda number: f"policy {number}")
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """One build a policy: each organisation is a tenant whose names are its own."""
    pack = pack_of(draw_organisations(COUNT, first_seed=SEEDS[request.param]), POLICIES[request.param])
    folder = tmp_path_factory.mktemp("pack") / "build"
    with build(pack, folder) as connection:
        yield Built(pack, folder, connection, read(pack))
