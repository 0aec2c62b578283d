"""The ledger of releases: what it keeps, who can read it, and that damage is told."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import duckdb
import pytest

from data_contracts.errors import WorkledgerError
from orchestration.releases import COLUMNS, files_of, read_releases, record_release, require_kept
from orchestration.workspace import Workspace


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A service's file with one new week of one team, and one that was released before."""
    file = tmp_path / "state.duckdb"
    units = ", ".join(f"{name} {kind}" for name, kind in COLUMNS["units"].items())
    contributions = ", ".join(f"{name} {kind}" for name, kind in COLUMNS["contributions"].items())
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema releases")
        connection.execute(f"create table releases.release_units ({units}, restated_date date, is_new boolean)")
        connection.execute(f"create table releases.release_told_contributions ({contributions}, is_new boolean)")
        connection.execute(
            "insert into releases.release_units by name select 'week' as period_kind, date '2026-03-02' as period_start_date,"
            " unnest([null, 'team', 'old']) as team_key, 1 as sequence, unnest([true, true, false]) as is_new,"
            " date '2026-03-16' as released_date, date '2026-03-16' as restated_date, 5 as smallest_group_size"
        )
        connection.execute(
            "insert into releases.release_told_contributions by name select 'week' as period_kind, unnest(['ann', 'bob']) as"
            " person_key, 7 as counted_us, 1 as sequence, unnest([true, false]) as is_new"
        )
    return file


def test_what_is_new_is_kept_for_the_service_only(tmp_path: Path, state: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    release = record_release(workspace, state, "2026-03-16")
    assert release is not None and (release.name, release.periods, release.restated_teams) == ("000001", 1, 0)
    assert read_releases(workspace) == (release,)
    (units,), (contributions,) = files_of(workspace, "units"), files_of(workspace, "contributions")
    assert len(duckdb.sql(f"from '{units}'").fetchall()) == 2
    assert duckdb.sql(f"select person_key, counted_us from '{contributions}'").fetchall() == [("ann", 7)]
    assert {stat.S_IMODE(path.stat().st_mode) for path in units.parent.iterdir()} == {0o400}
    assert stat.S_IMODE(workspace.releases.stat().st_mode) == 0o700


def test_nothing_new_leaves_no_release(tmp_path: Path, state: Path) -> None:
    with duckdb.connect(str(state)) as connection:
        connection.execute("update releases.release_units set is_new = false")
    assert record_release(Workspace(tmp_path / "w"), state, "2026-03-16") is None
    assert read_releases(Workspace(tmp_path / "w")) == ()


def test_a_changed_or_missing_release_is_an_error(tmp_path: Path, state: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    record_release(workspace, state, "2026-03-16")
    (file,) = files_of(workspace, "contributions")
    file.chmod(0o600)
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(WorkledgerError, match="not the ones that were released"):
        read_releases(workspace)
    file.write_bytes(file.read_bytes()[:-1])
    with duckdb.connect(str(state)) as connection:
        connection.execute("update releases.release_units set sequence = 2")
    record_release(workspace, state, "2026-03-23")
    assert len(read_releases(workspace)) == 2
    shutil.rmtree(workspace.releases / "000001")
    with pytest.raises(WorkledgerError, match="Release 000001 is gone"):
        read_releases(workspace)


def test_a_release_that_a_version_shows_may_not_be_gone(tmp_path: Path, state: Path) -> None:
    """The newest leaves no hole behind it in the ledger: only who showed it knows."""
    workspace = Workspace(tmp_path / "w")
    record_release(workspace, state, "2026-03-16")
    require_kept(workspace, ["000001"])
    shutil.rmtree(workspace.releases / "000001")
    assert read_releases(workspace) == ()
    with pytest.raises(WorkledgerError, match="Release 000001 is gone"):
        require_kept(workspace, ["000001"])
