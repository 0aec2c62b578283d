"""A publication killed anywhere leaves readers with the old version or the new one, whole, and the next refresh publishes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.publication.layout import database_files
from orchestration.publication.manifest import read_manifest
from orchestration.publication.versions import current_version, list_versions
from tests.faults.publish_and_die import publish_value


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One workspace per failpoint, each with a publication that died there."""
    folder = tmp_path_factory.mktemp("killed")
    program = Path(__file__).with_name("publish_and_die.py")
    done = subprocess.run([sys.executable, str(program), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [folder / str(call) for call in range(1, int(done.stdout) + 1)]


def values(folder: Path) -> set[tuple[int, str]]:
    """(value, version) as each file of a version has them."""
    found = set()
    for path in database_files(folder).values():
        with duckdb.connect(str(path), read_only=True) as connection:
            rows = connection.execute("select value, version from facts, audit.version").fetchall()
            assert len(rows) == 1
            found.add(rows[0])
    return found


def test_every_step_was_tried(killed: list[Path]) -> None:
    seen = {current_version(root / "published") for root in killed}
    assert len(killed) > 20
    assert len(seen) == 2, "some kills come before the pointer moves and some after"


def test_readers_see_one_whole_version(killed: list[Path]) -> None:
    for root in killed:
        current = (root / "published" / "current").resolve()
        manifest = read_manifest(current / "manifest.json")
        assert manifest.version == current.name
        assert values(current) in ({(1, manifest.version)}, {(2, manifest.version)}), root.name


def test_every_listed_version_is_whole(killed: list[Path]) -> None:
    for root in killed:
        for version in list_versions(root / "published"):
            assert len(values(root / "published" / "versions" / version)) == 1


def test_the_next_refresh_publishes(killed: list[Path], tmp_path: Path) -> None:
    for dead in killed[::3]:
        root = shutil.copytree(dead, tmp_path / dead.name, symlinks=True)
        version = publish_value(root, 3)
        assert current_version(root / "published") == version
        assert values(root / "published" / "current") == {(3, version)}, root.name
