"""A build is independent of the version it was cloned from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from data_contracts.errors import WorkledgerError
from orchestration.publication.clone import STORAGE, copy_file, open_build
from orchestration.publication.layout import database_files


def test_without_a_version_the_files_are_new_and_empty(workspace: Any) -> None:
    build, started_from = open_build(workspace.builds, "run", workspace.published)
    assert started_from is None
    assert all(path.is_file() for path in database_files(build).values())
    assert (build / "private").stat().st_mode & 0o777 == 0o700


def test_files_are_of_one_storage_version_whatever_duckdb_would_choose(workspace: Any) -> None:
    build, _ = open_build(workspace.builds, "run", workspace.published)
    for path in database_files(build).values():
        with duckdb.connect(str(path)) as connection:
            connection.execute("create table scribble as select 'x' as text")
            told = connection.execute("select tags['storage_version'] from duckdb_databases() where not internal")
            assert told.fetchone() == (f"{STORAGE}+",)


def test_a_clone_holds_what_is_current_and_changing_it_changes_nothing_published(
    workspace: Any, read_value: Any
) -> None:
    version = workspace.publish(value=1)
    before = {name: path.read_bytes() for name, path in database_files(workspace.published / "current").items()}
    build, started_from = open_build(workspace.builds, "run", workspace.published)
    assert started_from == version
    assert read_value(build) == 1
    for path in database_files(build).values():
        with duckdb.connect(str(path)) as connection:
            connection.execute("create table scribble as select range as n from range(10000)")
    after = {name: path.read_bytes() for name, path in database_files(workspace.published / "current").items()}
    assert before == after


def test_a_fresh_build_knows_what_it_started_from_but_copies_nothing(workspace: Any) -> None:
    version = workspace.publish(value=1)
    build, started_from = open_build(workspace.builds, "run", workspace.published, fresh=True)
    assert started_from == version
    with duckdb.connect(str(build / "analyst.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from duckdb_tables()").fetchone() == (0,)


def test_a_leftover_write_ahead_log_is_refused(workspace: Any) -> None:
    workspace.publish()
    (workspace.published / "current" / "analyst.duckdb.wal").write_bytes(b"half a transaction")
    with pytest.raises(WorkledgerError, match=r"analyst\.duckdb\.wal"):
        open_build(workspace.builds, "run", workspace.published)


def test_a_run_has_one_build(workspace: Any) -> None:
    open_build(workspace.builds, "run", workspace.published)
    with pytest.raises(WorkledgerError, match="has a build already"):
        open_build(workspace.builds, "run", workspace.published)


@pytest.mark.parametrize("can_share_blocks", [True, False])
def test_both_ways_of_copying_give_the_same_bytes(
    tmp_path: Path, can_share_blocks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(bytes(range(256)) * 5000)

    def clone(target_descriptor: int, request: int, source_descriptor: int) -> int:
        if not can_share_blocks:
            raise OSError("not on this file system")
        Path(f"/proc/self/fd/{target_descriptor}").write_bytes(source.read_bytes())
        return 0

    monkeypatch.setattr("fcntl.ioctl", clone)
    assert copy_file(source, target) is can_share_blocks
    assert target.read_bytes() == source.read_bytes()


def test_a_copy_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("new")
    (tmp_path / "b").write_text("old")
    with pytest.raises(FileExistsError):
        copy_file(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_text() == "old"
