"""Version names, the list of versions, and the pointer."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.errors import WorkledgerError
from orchestration.publication.versions import (
    VERSION,
    current_version,
    list_versions,
    point_current,
    require_still_current,
    version_id,
)


@given(
    st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1), timezones=st.timezones()),
    st.timedeltas(dt.timedelta(seconds=1), dt.timedelta(days=400)),
    st.text(),
    st.text(),
)
def test_names_sort_by_instant_whatever_the_zone(at: dt.datetime, later: dt.timedelta, a: str, b: str) -> None:
    first, second = version_id(at, a), version_id(at.astimezone(dt.UTC) + later, b)
    assert VERSION.fullmatch(first)
    assert first[:16] < second[:16]


def test_a_name_needs_a_zone_and_tells_runs_of_one_second_apart() -> None:
    at = dt.datetime(2026, 11, 20, 23, 15, tzinfo=dt.UTC)
    assert version_id(at, "run-1").startswith("20261120T231500Z-")
    assert version_id(at, "run-1") != version_id(at, "run-2")
    with pytest.raises(ValueError, match="zone"):
        version_id(at.replace(tzinfo=None), "run-1")


def test_nothing_is_current_before_the_first_publication(workspace: Any) -> None:
    assert current_version(workspace.published) is None
    assert list_versions(workspace.published) == ()
    require_still_current(workspace.published, None)


def test_unfinished_folders_are_no_versions(workspace: Any) -> None:
    version = workspace.publish()
    versions = workspace.published / "versions"
    (versions / ".incoming-20261120T231500Z-1a2b3c4d").mkdir()
    (versions / "20261120T231500Z-1a2b3c4d").mkdir()
    assert list_versions(workspace.published) == (version,)
    with pytest.raises(WorkledgerError, match="no version"):
        point_current(workspace.published, "20261120T231500Z-1a2b3c4d")


def test_a_leftover_of_a_killed_swap_is_no_obstacle(workspace: Any) -> None:
    import os

    first, second = workspace.publish(), workspace.publish()
    (workspace.published / f".current.{os.getpid()}").symlink_to("versions/nowhere")
    point_current(workspace.published, first)
    assert current_version(workspace.published) == first
    point_current(workspace.published, second)
    assert current_version(workspace.published) == second


def test_the_pointer_is_relative_so_that_a_workspace_can_be_moved(workspace: Any) -> None:
    version = workspace.publish()
    moved = workspace.published.with_name("moved")
    workspace.published.rename(moved)
    assert current_version(moved) == version


def test_a_version_removed_by_hand_is_named(workspace: Any) -> None:
    version = workspace.publish()
    shutil.rmtree(workspace.published / "versions" / version)
    with pytest.raises(WorkledgerError, match=version):
        current_version(workspace.published)


def test_a_folder_in_place_of_the_pointer_is_refused(workspace: Any) -> None:
    (workspace.published / "current").mkdir(parents=True)
    with pytest.raises(WorkledgerError, match="not a symlink"):
        current_version(workspace.published)
