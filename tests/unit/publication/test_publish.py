"""A build becomes a version, or readers keep the one they have."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data_contracts.errors import WorkledgerError
from orchestration.publication.layout import database_files
from orchestration.publication.manifest import read_manifest
from orchestration.publication.publish import prune_builds, publish
from orchestration.publication.versions import current_version, list_versions

Read = Callable[[Path], int]


def test_the_first_version(workspace: Any, read_value: Read) -> None:
    build, manifest = workspace.build(value=7)
    folder = publish(build, workspace.published, manifest)
    assert not build.exists()
    assert current_version(workspace.published) == manifest.version == folder.name
    assert read_value(workspace.published / "current") == 7
    written = read_manifest(folder / "manifest.json")
    assert replace(written, sha256_by_file={}) == manifest
    assert written.sha256_by_file == {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in database_files(folder).values()
    }
    assert (folder / "private").stat().st_mode & 0o777 == 0o700
    assert not list(folder.rglob("*.wal"))


def test_published_files_are_not_writable(workspace: Any) -> None:
    workspace.publish()
    modes = {
        name: path.stat().st_mode & 0o777 for name, path in database_files(workspace.published / "current").items()
    }
    assert modes == {"state": 0o400, "analyst": 0o444, "directory": 0o440, "finance": 0o440, "manager": 0o440}


def test_the_next_version_leaves_the_first_as_it_was(workspace: Any, read_value: Read) -> None:
    first = workspace.publish(value=1)
    second = workspace.publish(value=2)
    assert list_versions(workspace.published) == (first, second)
    assert read_value(workspace.published / "versions" / first) == 1
    assert read_value(workspace.published / "current") == 2


def test_an_unfinished_transaction_is_folded_in(workspace: Any, read_value: Read) -> None:
    build, manifest = workspace.build(value=1)
    connection = duckdb.connect(str(build / "analyst.duckdb"))
    connection.execute("pragma disable_checkpoint_on_shutdown")
    connection.execute("update core.facts set value = 5")
    connection.close()
    assert list(build.rglob("*.wal"))
    publish(build, workspace.published, manifest)
    assert read_value(workspace.published / "current") == 5


def test_a_build_that_started_from_an_older_version_is_refused(workspace: Any, read_value: Read) -> None:
    workspace.publish(value=1)
    late, manifest = workspace.build(value=2)
    newer = workspace.publish(value=3)
    with pytest.raises(WorkledgerError, match=newer):
        publish(late, workspace.published, manifest)
    assert read_value(workspace.published / "current") == 3
    assert late.is_dir(), "the refused build is kept for diagnosis"


def test_an_open_file_is_named(workspace: Any) -> None:
    build, manifest = workspace.build()
    with (
        duckdb.connect(str(build / "finance.duckdb"), read_only=True),
        pytest.raises(WorkledgerError, match=r"finance\.duckdb"),
    ):
        publish(build, workspace.published, manifest)
    assert current_version(workspace.published) is None


def test_a_missing_file_is_named(workspace: Any) -> None:
    build, manifest = workspace.build()
    (build / "directory.duckdb").unlink()
    with pytest.raises(WorkledgerError, match=r"directory\.duckdb"):
        publish(build, workspace.published, manifest)


def test_a_version_is_never_overwritten(workspace: Any) -> None:
    workspace.publish(value=1)
    build, manifest = workspace.build(value=2)
    with pytest.raises(WorkledgerError, match="exists already"):
        publish(build, workspace.published, replace(manifest, version=current_version(workspace.published)))


@pytest.mark.parametrize("version", ["../elsewhere", "current", ""])
def test_a_version_cannot_be_named_out_of_its_folder(workspace: Any, version: str) -> None:
    build, manifest = workspace.build()
    with pytest.raises(ValueError, match="version id"):
        publish(build, workspace.published, replace(manifest, version=version))


def test_published_may_be_another_file_system(
    workspace: Any, read_value: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def across(self: Path, target: Path) -> Path:
        if workspace.builds in self.parents:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", across)
    workspace.publish(value=4)
    assert read_value(workspace.published / "current") == 4
    assert list(workspace.builds.iterdir()) == []


def test_only_the_newest_failed_builds_are_kept(workspace: Any) -> None:
    builds = [workspace.build()[0] for _ in range(5)]
    removed = prune_builds(workspace.builds, keep=2, in_use=builds[0].name)
    assert sorted(removed) == [builds[1].name, builds[2].name]
    assert sorted(path.name for path in workspace.builds.iterdir()) == ["run-1", "run-4", "run-5"]
