"""The expected set: what contracts, manifest and policy together demand."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from data_contracts.errors import WorkledgerError
from data_contracts.load import load_streams
from orchestration.checks.expected import ExpectedCheck, expected_checks
from orchestration.settings import CheckRule


def by_rule(checks: tuple[ExpectedCheck, ...]) -> dict[str, ExpectedCheck]:
    return {check.rule: check for check in checks}


def test_each_kind_of_check_is_expected(manifest: dict[str, Any]) -> None:
    found = by_rule(expected_checks(load_streams(), manifest))
    assert found["time_entries__date_precision__accepted"].phase == "stream"
    assert found["time_entries__duration_us__range"].table == "streams.time_entries"
    assert found["stg_time_entries__built"].severity == "blocks"
    assert found["gap_unlogged_days"].table == "gaps.gap_unlogged_days"
    assert found["mart_utilisation__team_week__grain"].severity == "blocks"
    assert found["mart_utilisation__team_week__grain"].table == "marts.mart_utilisation__team_week"
    assert found["stg_time_entries__freshness"].severity == "warns"
    published = found["mart_utilisation__team_week__utilisation_ratio__range"]
    assert (published.phase, published.owner) == ("published", "analytics")
    assert "mart_utilisation__team_week__columns" in found


def test_a_model_without_a_table_is_not_expected(manifest: dict[str, Any]) -> None:
    assert "inlined__built" not in by_rule(expected_checks({}, manifest))


def test_policy_changes_severity(manifest: dict[str, Any]) -> None:
    policy = {
        "stg_time_entries__freshness": CheckRule(severity="blocks"),
        "gap_unlogged_days": CheckRule(severity="warns"),
    }
    found = by_rule(expected_checks({}, manifest, policy))
    assert found["stg_time_entries__freshness"].severity == "blocks"
    assert found["gap_unlogged_days"].severity == "warns"
    assert found["gap_unlogged_days"].is_overridden


def test_off_is_a_named_waiver_and_stays_in_the_set(manifest: dict[str, Any]) -> None:
    policy = {"gap_unlogged_days": CheckRule(severity="off", reason="no calendar for this place yet")}
    found = by_rule(expected_checks({}, manifest, policy))
    assert found["gap_unlogged_days"].waiver == "no calendar for this place yet"
    assert found["gap_unlogged_days"].severity == "blocks"
    without_reason = {"gap_unlogged_days": CheckRule(severity="off")}
    assert by_rule(expected_checks({}, manifest, without_reason))["gap_unlogged_days"].waiver


def test_a_rule_that_does_not_exist_names_the_nearest(manifest: dict[str, Any]) -> None:
    with pytest.raises(WorkledgerError, match="gap_unlogged_days"):
        expected_checks({}, manifest, {"gap_unloged_days": CheckRule(severity="off")})


@pytest.mark.parametrize("rule", ["stg_time_entries__built", "mart_utilisation__team_week__classified"])
@pytest.mark.parametrize("severity", ["warns", "off"])
def test_what_was_built_and_who_may_see_it_is_no_matter_of_policy(
    manifest: dict[str, Any], rule: str, severity: Literal["warns", "off"]
) -> None:
    with pytest.raises(WorkledgerError, match="always blocks"):
        expected_checks({}, manifest, {rule: CheckRule(severity=severity)})
    assert not by_rule(expected_checks({}, manifest, {rule: CheckRule(severity="blocks")}))[rule].waiver


def test_two_checks_of_one_name_are_refused(manifest: dict[str, Any]) -> None:
    twin = dict(manifest["nodes"]["test.workledger.stg_time_entries__freshness.0123456789"])
    manifest["nodes"]["test.workledger.twin"] = {**twin, "unique_id": "test.workledger.twin"}
    with pytest.raises(WorkledgerError, match="stg_time_entries__freshness"):
        expected_checks({}, manifest)


@pytest.mark.parametrize("bounds", [[None, None], [0], "0..1", 1])
def test_a_range_that_bounds_nothing_is_refused(manifest: dict[str, Any], bounds: Any) -> None:
    mart = manifest["nodes"]["model.workledger.mart_utilisation__team_week"]
    mart["columns"]["utilisation_ratio"]["config"]["meta"]["range"] = bounds
    with pytest.raises(WorkledgerError, match="utilisation_ratio"):
        expected_checks({}, manifest)
