"""A refresh takes what the workspace gives it, else a share of the machine that leaves room for readers."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration import machine
from orchestration.checks.attached import attached
from orchestration.machine import Share, share_of
from orchestration.settings import Machine

GIB = 1 << 30


@pytest.mark.parametrize(
    ("cores", "memory", "expected"),
    [
        (1, 2 * GIB, Share(1, "1638MiB")),
        (2, 8 * GIB, Share(2, "6553MiB")),
        (16, 64 * GIB, Share(15, "52428MiB")),
    ],
)
def test_a_core_and_some_memory_are_left(
    monkeypatch: pytest.MonkeyPatch, cores: int, memory: int, expected: Share
) -> None:
    monkeypatch.setattr(machine, "_cores", lambda: cores)
    monkeypatch.setattr(machine, "_memory_bytes", lambda: memory)
    assert share_of(Machine()) == expected


def test_a_container_has_no_more_than_it_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "CGROUP_LIMIT", tmp_path / "memory.max")
    machine.CGROUP_LIMIT.write_text("max\n")
    whole = share_of(Machine()).memory
    machine.CGROUP_LIMIT.write_text(f"{GIB}\n")
    assert (share_of(Machine()).memory, whole != "819MiB") == ("819MiB", True)


def test_what_the_workspace_says_is_what_duckdb_takes(tmp_path: Path) -> None:
    said = Machine.model_validate({"threads": 1, "memory": "700MB", "temp_folder": str(tmp_path / "elsewhere")})
    settings = share_of(said).settings(tmp_path)
    with attached({}, settings) as build:
        told = build.connection.execute(
            "select current_setting('threads'), current_setting('memory_limit'), current_setting('temp_directory')"
        ).fetchone()
    assert told == (1, "667.5 MiB", str(tmp_path / "elsewhere"))
    assert Share(2, "1GiB").settings(tmp_path)["temp_directory"] == str(tmp_path / "spill")


@pytest.mark.parametrize("memory", ["lots", "4", "-1GB", "0GB", "4 gigabytes"])
def test_memory_is_a_number_with_a_unit(memory: str) -> None:
    with pytest.raises(ValueError, match="memory"):
        Machine.model_validate({"memory": memory})


def test_every_memory_that_is_taken_duckdb_takes_too() -> None:
    for memory in ("4GB", "1.5 GiB", "900MB", "700000KB"):
        assert Machine.model_validate({"memory": memory}).memory == memory
        duckdb.connect(config={"memory_limit": memory}).close()
