"""Readers that never stop reading while versions change: each read is of one version, and never an error."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.publish_and_die import publish_value

READER = """
import sys
from pathlib import Path
import duckdb
current, stop, reads = Path(sys.argv[1]), Path(sys.argv[2]), 0
while not stop.exists():
    version = current.resolve()
    values = set()
    for file in ("analyst.duckdb", "finance.duckdb"):
        with duckdb.connect(str(version / file), read_only=True) as connection:
            values |= set(connection.execute("select value, version from facts, audit.version").fetchall())
    if len(values) != 1 or {name for _, name in values} != {version.name}:
        sys.exit(f"mixed: {values} in {version.name}")
    reads += 1
print(reads)
"""
POINTER = """
import sys
from pathlib import Path
current, stop, reads, seen = Path(sys.argv[1]), Path(sys.argv[2]), 0, set()
while not stop.exists():
    seen.add((current / "manifest.json").read_bytes())
    reads += 1
print(reads, len(seen))
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with one version."""
    publish_value(tmp_path, 1)
    return tmp_path


def test_concurrent_readers_never_see_a_mix_or_a_gap(root: Path) -> None:
    current, stop = root / "published" / "current", root / "stop"
    readers = [
        subprocess.Popen([sys.executable, "-c", code, str(current), str(stop)], stdout=-1, stderr=-1, text=True)
        for code in (READER, POINTER)
    ]
    time.sleep(0.5)
    for value in range(2, 9):
        publish_value(root, value)
    stop.touch()
    outcomes = [(reader.communicate(timeout=30), reader.returncode) for reader in readers]
    assert [code for _, code in outcomes] == [0, 0], outcomes
    assert int(outcomes[0][0][0]) > 0
    assert int(outcomes[1][0][0].split()[1]) > 1, "the pointer never moved while it was watched"
