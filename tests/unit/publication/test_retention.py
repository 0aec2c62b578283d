"""Old versions go; the ones somebody may need stay."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orchestration.publication.hold import rollback
from orchestration.publication.retention import expired, pin, published_at, remove_expired, unpin
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
        newer = sum(other > version for other in versions)
        assert newer < keep or (max_age is not None and NOW - published_at(version) <= max_age)


def test_current_and_pinned_versions_stay(workspace: Any) -> None:
    first, second, third, fourth = (workspace.publish(value) for value in range(4))
    pin(workspace.published, first)
    gone = remove_expired(workspace.published, keep=0, max_age=None, now=NOW)
    assert gone == (second, third)
    assert list_versions(workspace.published) == (first, fourth)
    assert current_version(workspace.published) == fourth
    unpin(workspace.published, first)
    assert remove_expired(workspace.published, keep=0, max_age=None, now=NOW) == (first,)


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
