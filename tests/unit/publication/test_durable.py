"""The bytes reach the disk before the name does: the order of fsync and rename, as the kernel is asked for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from connectors.durable import keep_file, make_folder, point_durably, write_durably
from orchestration.publication.layout import database_files
from orchestration.publication.publish import publish


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Path]]:
    """What the kernel was asked for, in order: ("fsync", file or folder) and ("name", the name given)."""
    calls: list[tuple[str, Path]] = []
    fsync, rename, replace = os.fsync, os.rename, os.replace

    def recorded_fsync(descriptor: int) -> None:
        calls.append(("fsync", Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    def recorded_rename(source: Any, target: Any) -> None:
        calls.append(("name", Path(target)))
        rename(source, target)

    def recorded_replace(source: Any, target: Any) -> None:
        calls.append(("name", Path(target)))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(os, "rename", recorded_rename)
    monkeypatch.setattr(os, "replace", recorded_replace)
    return calls


def test_everything_in_a_build_is_on_disk_before_it_has_a_name(workspace: Any, asked: list[tuple[str, Path]]) -> None:
    build, manifest = workspace.build()
    files = [*database_files(build).values(), build / "manifest.json", build / "private", build]
    asked.clear()
    version = publish(build, workspace.published, manifest)
    named, current = asked.index(("name", version)), asked.index(("name", workspace.published / "current"))
    for path in files:
        assert asked.index(("fsync", path)) < named, path
    assert named < asked.index(("fsync", version.parent)) < current
    assert ("fsync", workspace.published) in asked[current:]


def test_a_file_is_on_disk_before_it_replaces_another(tmp_path: Path, asked: list[tuple[str, Path]]) -> None:
    write_durably(tmp_path / "hold.json", "{}")
    assert [kind for kind, _ in asked] == ["fsync", "name", "fsync"]
    assert asked[-1] == ("fsync", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["hold.json"]


def test_folders_are_on_disk_before_what_lies_in_them(tmp_path: Path, asked: list[tuple[str, Path]]) -> None:
    inner = tmp_path / "a" / "b" / "c"
    make_folder(inner, 0o700)
    assert asked == [("fsync", tmp_path), ("fsync", tmp_path / "a"), ("fsync", tmp_path / "a" / "b")]
    assert inner.stat().st_mode & 0o777 == 0o700
    asked.clear()
    make_folder(inner, 0o700)
    assert asked == []


def test_a_kept_file_is_on_disk_in_a_folder_that_is(tmp_path: Path, asked: list[tuple[str, Path]]) -> None:
    written, target = tmp_path / "written", tmp_path / "rows" / "first.parquet"
    written.write_bytes(b"rows")
    keep_file(written, target)
    assert asked == [("fsync", tmp_path), ("fsync", written), ("name", target), ("fsync", target.parent)]
    assert target.read_bytes() == b"rows"
    assert not written.exists()


def test_the_pointer_is_never_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link, replace, seen = tmp_path / "current", os.replace, []
    point_durably(link, "first")

    def watched(source: Any, target: Any) -> None:
        seen.append(link.readlink())
        replace(source, target)

    monkeypatch.setattr(os, "replace", watched)
    point_durably(link, "second")
    assert seen == [Path("first")]
    assert link.readlink() == Path("second")
