"""Old versions go; the ones somebody may need stay."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.errors import WorkledgerError
from orchestration.publication.hold import lift_hold, rollback
from orchestration.publication.retention import (
    expired,
    pin,
    pinned_versions,
    prune_runs,
    published_at,
    remove_expired,
    unpin,
)
from orchestration.publication.versions import current_version, list_versions, version_id

NOW = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
DAYS = st.lists(st.integers(0, 60), unique=True, max_size=12)


def name(days_ago: int) -> str:
    return version_id(NOW - dt.timedelta(days=days_ago), str(days_ago))


@given(DAYS, DAYS, st.integers(0, 12), st.none() | st.integers(0, 60))
def test_what_goes_is_old_not_kept_and_not_among_the_newest(
    days: list[int], kept_days: list[int], keep: int, max_days: int | None
) -> None:
    versions, kept = [name(day) for day in days], {name(day) for day in kept_days}
    max_age = None if max_days is None else dt.timedelta(days=max_days)
    gone = expired(versions, kept, keep=keep, max_age=max_age, now=NOW)
    stay = set(versions) - set(gone)
    assert not set(gone) & kept
    assert len(stay) >= min(keep, len(versions))
    assert all(max_age is None or NOW - published_at(version) > max_age for version in gone)
    for version in stay - kept:
        newer = [other for other in versions if other > version]
        is_young = max_age is not None and NOW - published_at(version) <= max_age
        assert len(newer) < keep or is_young or not newer or min(newer) == name(0)


def test_what_readers_were_led_to_a_moment_ago_stays() -> None:
    versions = [version_id(NOW - dt.timedelta(minutes=minutes), str(minutes)) for minutes in (180, 62, 59, 1, 0)]
    assert expired(versions, (), keep=0, max_age=None, now=NOW) == tuple(versions[:1])


def test_current_and_pinned_versions_stay(workspace: Any) -> None:
    first, second, third, fourth = (workspace.publish(value) for value in range(4))
    pin(workspace.published, first)
    gone = remove_expired(workspace.published, keep=0, max_age=None, now=NOW)
    assert gone == (second, third)
    assert list_versions(workspace.published) == (first, fourth)
    assert current_version(workspace.published) == fourth
    unpin(workspace.published, first)
    assert remove_expired(workspace.published, keep=0, max_age=None, now=NOW) == (first,)


def test_the_version_that_readers_had_a_moment_ago_stays_after_a_rollback_too(workspace: Any) -> None:
    first, second = workspace.publish(value=1), workspace.publish(value=2)
    rollback(workspace.published, first, reason="x", at=NOW)
    lift_hold(workspace.published)
    third = workspace.publish(value=3)
    moment = published_at(third) + dt.timedelta(seconds=5)
    assert remove_expired(workspace.published, keep=1, max_age=None, now=moment) == ()
    moment += dt.timedelta(hours=2)
    assert remove_expired(workspace.published, keep=1, max_age=None, now=moment) == (first, second)


def test_what_a_hold_names_stays(workspace: Any) -> None:
    first, second, _, fourth = (workspace.publish(value) for value in range(4))
    rollback(workspace.published, second, reason="x", at=NOW)
    assert remove_expired(workspace.published, keep=0, max_age=None, now=NOW)[0] == first
    assert list_versions(workspace.published) == (second, fourth)


def test_what_a_killed_removal_left_goes_next_time(workspace: Any) -> None:
    version = workspace.publish()
    left = workspace.published / "versions" / f".going-{name(3)}"
    left.mkdir()
    remove_expired(workspace.published, keep=1, max_age=None, now=NOW)
    assert not left.exists()
    assert list_versions(workspace.published) == (version,)


def test_a_removal_that_breaks_off_leaves_only_whole_versions(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in range(4):
        workspace.publish(value)

    def break_off(folder: Path) -> None:
        (folder / "analyst.duckdb").unlink()
        raise OSError("disk gone")

    monkeypatch.setattr("orchestration.publication.retention.shutil.rmtree", break_off)
    with pytest.raises(OSError, match="disk gone"):
        remove_expired(workspace.published, keep=2, max_age=None, now=NOW)
    left = list_versions(workspace.published)
    assert len(left) == 2
    assert all((workspace.published / "versions" / version / "analyst.duckdb").is_file() for version in left)
    monkeypatch.undo()
    remove_expired(workspace.published, keep=2, max_age=None, now=NOW)
    assert sorted(path.name for path in (workspace.published / "versions").iterdir()) == list(left)


def test_a_young_version_stays_whatever_the_number(workspace: Any) -> None:
    first, second, third = (workspace.publish(value) for value in range(3))
    now = published_at(third) + dt.timedelta(days=1)
    age = now - published_at(second)
    assert remove_expired(workspace.published, keep=1, max_age=age, now=now) == (first,)
    assert list_versions(workspace.published) == (second, third)


def test_a_pin_says_why_and_names_a_version_that_is_there(workspace: Any) -> None:
    version = workspace.publish()
    pin(workspace.published, version, "board meeting")
    assert pinned_versions(workspace.published) == {version: "board meeting"}
    for unknown in (name(3), "../current", "../../data"):
        with pytest.raises(WorkledgerError, match="no version"):
            pin(workspace.published, unknown)
        assert unpin(workspace.published, unknown) is False
    assert unpin(workspace.published, version) is True
    assert pinned_versions(workspace.published) == {}


@given(st.sets(st.integers(0, 59), max_size=12), st.integers(1, 12))
def test_the_newest_runs_stay(minutes: set[int], keep: int) -> None:
    with TemporaryDirectory() as folder:
        runs = Path(folder)
        names = [f"20261120T10{minute:02}00Z-0000000{minute % 10}" for minute in sorted(minutes)]
        for run in names:
            (runs / run).mkdir()
            (runs / run / "checks.json").write_text("[]")
        gone = prune_runs(runs, keep=keep)
        assert sorted(gone) == names[: max(0, len(names) - keep)]
        assert sorted(path.name for path in runs.iterdir()) == names[-keep:]
