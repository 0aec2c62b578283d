"""Rollback shows an older version and holds publication until the cause is out or somebody lifts the hold."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import Any

import pytest

from data_contracts.errors import WorkledgerError
from orchestration.publication import hold as holds
from orchestration.publication.hold import lift_hold, read_hold, rollback, version_before
from orchestration.publication.publish import publish
from orchestration.publication.versions import current_version, version_folder

FIRST = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


def test_rollback_moves_readers_back_and_keeps_the_newer_version(workspace: Any, read_value: Any) -> None:
    first, second = workspace.publish(value=1), workspace.publish(value=2)
    hold = rollback(workspace.published, first, reason="doubled hours", at=FIRST)
    assert read_value(workspace.published / "current") == 1
    assert version_folder(workspace.published, second).is_dir()
    assert (hold.rolled_back_from, hold.rolled_back_to) == (second, first)
    assert read_hold(workspace.published) == hold


def test_a_hold_without_deliveries_holds_everything_until_lifted(workspace: Any) -> None:
    first, _ = workspace.publish(), workspace.publish()
    rollback(workspace.published, first, reason="doubled hours", at=FIRST)
    build, manifest = workspace.build(deliveries=("d9",))
    with pytest.raises(WorkledgerError, match=r"doubled hours.*lifted"):
        publish(build, workspace.published, manifest)
    assert lift_hold(workspace.published)
    publish(build, workspace.published, manifest)
    assert current_version(workspace.published) == manifest.version


def test_a_hold_ends_when_its_deliveries_are_excluded(workspace: Any) -> None:
    first, _ = workspace.publish(), workspace.publish(deliveries=("d1", "bad"))
    rollback(workspace.published, first, reason="wrong export", at=FIRST, deliveries=["bad"])
    build, manifest = workspace.build(deliveries=("d1", "bad"))
    with pytest.raises(WorkledgerError, match="bad are excluded"):
        publish(build, workspace.published, manifest)
    assert workspace.publish(deliveries=("d1",)) == current_version(workspace.published)
    assert read_hold(workspace.published) is None


def test_a_damaged_hold_still_holds(workspace: Any) -> None:
    workspace.publish()
    (workspace.published / "hold.json").write_text("{}")
    with pytest.raises(WorkledgerError, match="hold"):
        workspace.publish()


def test_rollback_to_an_unknown_version_changes_nothing(workspace: Any) -> None:
    version = workspace.publish()
    with pytest.raises(WorkledgerError, match=version):
        rollback(workspace.published, "20200101T000000Z-00000000", reason="x", at=FIRST)
    assert read_hold(workspace.published) is None


def test_dying_between_hold_and_pointer_leaves_publication_held(
    workspace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = workspace.publish(), workspace.publish()

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(holds, "point_current", die)
    with pytest.raises(KeyboardInterrupt):
        rollback(workspace.published, first, reason="x", at=FIRST)
    assert current_version(workspace.published) == second
    assert read_hold(workspace.published) is not None


def test_there_is_nothing_to_lift_at_first(workspace: Any) -> None:
    workspace.publish()
    assert not lift_hold(workspace.published)


def test_what_readers_had_before_is_not_what_was_rolled_back(workspace: Any) -> None:
    first, faulty = workspace.publish(value=1), workspace.publish(value=2)
    rollback(workspace.published, first, reason="doubled hours", at=FIRST)
    lift_hold(workspace.published)
    mended = workspace.publish(value=3)
    assert first < faulty < mended
    assert version_before(workspace.published, mended) == first
    assert version_before(workspace.published, first) is None


def test_rollback_leads_readers_away_from_a_version_that_is_gone(workspace: Any) -> None:
    first, second = workspace.publish(value=1), workspace.publish(value=2)
    shutil.rmtree(workspace.published / "versions" / second)
    assert rollback(workspace.published, first, reason="the disk", at=FIRST).rolled_back_from == second
    assert current_version(workspace.published) == first
