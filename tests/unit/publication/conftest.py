"""A workspace's publication folders, and a build with one table to publish."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from orchestration.publication.audit import count_rows, write_audit
from orchestration.publication.clone import open_build
from orchestration.publication.manifest import DeliveryIn, Manifest
from orchestration.publication.publish import publish
from orchestration.publication.versions import version_id

FIRST = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


@dataclass
class Workspace:
    """Folders of one workspace, and a count of the builds made in it."""

    published: Path
    builds: Path
    built: int = 0

    def build(
        self, value: int = 1, deliveries: tuple[str, ...] = ("d1",), fresh: bool = False
    ) -> tuple[Path, Manifest]:
        """A finished build whose ``core.facts`` holds ``value``, an hour after the one before."""
        self.built += 1
        run_id, at = f"run-{self.built}", FIRST + dt.timedelta(hours=self.built)
        build, started_from = open_build(self.builds, run_id, self.published, fresh=fresh)
        with duckdb.connect(str(build / "analyst.duckdb")) as connection:
            connection.execute("create schema if not exists core")
            connection.execute("create or replace table core.facts as select ?::integer as value", [value])
        manifest = Manifest(
            version=version_id(at, run_id),
            run_id=run_id,
            as_of="2026-11-20",
            published_at=at.isoformat(),
            started_from=started_from,
            fingerprint="f",
            code_version="c",
            deliveries=tuple(DeliveryIn(name, "toggl", 3) for name in deliveries),
            rows_by_table=count_rows(build),
        )
        write_audit(build, manifest)
        return build, manifest

    def publish(self, value: int = 1, deliveries: tuple[str, ...] = ("d1",)) -> str:
        """Build and publish; the version's name."""
        build, manifest = self.build(value, deliveries)
        return publish(build, self.published, manifest).name


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    return Workspace(tmp_path / "published", tmp_path / "data" / "builds")


@pytest.fixture
def read_value() -> Callable[[Path], int]:
    """What ``core.facts`` of a version folder holds."""

    def read(folder: Path) -> int:
        with duckdb.connect(str(folder / "analyst.duckdb"), read_only=True) as connection:
            row = connection.execute("select value from core.facts").fetchone()
            assert row is not None
            return int(row[0])

    return read
