"""Settings: what a person may write, and what an error says."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_contracts.errors import WorkledgerError
from orchestration.inspection import require_known_checks
from orchestration.settings import load_settings
from orchestration.workspace import Workspace


def _load(tmp_path: Path, text: str):  # type: ignore[no-untyped-def]
    path = tmp_path / "workledger.yaml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def test_an_empty_file_is_a_workspace_without_sources(tmp_path: Path) -> None:
    assert _load(tmp_path, "").sources == {}
    assert _load(tmp_path, "sources:\n").sources == {}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("sources:\n  a:\n    files: [x.csv]\n    zoen: UTC\n", 4, "Did you mean 'zone'"),
        ("polcy: {}\n", 1, "Did you mean 'policy'"),
        ("sources:\n  a:\n    files: [x]\n  a:\n    files: [y]\n", 4, "stands twice"),
        ("sources:\n  a:\n    files: [../x.csv]\n", 3, "leads out of the workspace"),
        ("sources:\n  a:\n    files: [/etc/x.csv]\n", 3, "leads out of the workspace"),
        ("zone: Mars/Olympus\n", 1, "not an IANA time zone"),
        ("sources:\n  a:\n    files: [x]\n    mode: window\n", 2, "declared coverage"),
        ("sources:\n  a:\n    files: [x]\n    file_name: '('\n", 4, "not a regular expression"),
        ("sources:\n  a:\n    files: [x]\n    file_name: '(?P<until>x)'\n", 4, "unknown group 'until'"),
        ("sources:\n  a:\n    files: ['']\n", 3, "matches no file"),
        ("sources:\n  a:\n    files: [inbox/**x/*.csv]\n", 3, "stands alone"),
        ("policy:\n  manager_restatement: yearly\n", 2, "'monthly', 'quarterly' or 'never'"),
        ("policy:\n  smallest_group_size: 0\n", 2, "greater than or equal to 1"),
        ("policy:\n  manager_lead_workdays: 3\n", 2, "Did you mean 'manager_lead_working_days'"),
        ("policy:\n  checks:\n    gap_unlogged_days: ignore\n", 3, "'blocks', 'warns' or 'off'"),
        ("policy:\n  checks:\n    gap_unlogged_days: {severity: off,\n      raeson: x}\n", 4, "Did you mean 'reason'"),
        ("sources: [\n", 2, "not valid YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(WorkledgerError) as error:
        _load(tmp_path, text)
    assert words in str(error.value)
    assert f"line {line}" in str(error.value)


def test_authority_must_name_a_source(tmp_path: Path) -> None:
    with pytest.raises(WorkledgerError, match="which is no source"):
        _load(tmp_path, "policy:\n  authority:\n    - source: nobody\n")


def test_a_check_has_a_severity_and_may_have_a_reason(tmp_path: Path) -> None:
    text = "policy:\n  checks:\n    one: off\n    other: {severity: off, reason: no calendar yet}\n"
    checks = _load(tmp_path, text).policy.checks
    assert {rule: (told.severity, told.reason) for rule, told in checks.items()} == {
        "one": ("off", ""),
        "other": ("off", "no calendar yet"),
    }


def test_a_gap_rule_that_does_not_exist_is_named_before_anything_is_built(tmp_path: Path) -> None:
    (tmp_path / "workledger.yaml").write_text("policy:\n  gaps:\n    - {rule: gap_unloged_days, severity: off}\n")
    with pytest.raises(WorkledgerError, match="no such rule") as told:
        require_known_checks(Workspace(tmp_path))
    assert "unlogged_days" in str(told.value)


def test_a_gap_rule_of_no_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "workledger.yaml").write_text("policy:\n  gaps:\n    - {rule: short_exports, source: togl}\n")
    with pytest.raises(WorkledgerError, match=r"policy\.gaps names 'togl'"):
        load_settings(tmp_path / "workledger.yaml")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "{rule: short_exports, thresholds: {scatter: 5}}",
            "has no threshold 'scatter': it has scatters, short_percent",
        ),
        ("{rule: stale_rates, thresholds: {scatters: 5}}", "stale_rates has no threshold 'scatters': it has none"),
        ("{rule: unlogged_days, source: togl, thresholds: {smallest_days: 9}}", "holds for all"),
        ("{rule: short_exports, team: A, thresholds: {scatters: 5}}", "holds for a source or for all"),
        ("{rule: short_exports, thresholds: {scatters: -1}}", "greater than or equal to 0"),
    ],
)
def test_a_threshold_that_would_do_nothing_is_refused(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(WorkledgerError) as error:
        _load(tmp_path, f"policy:\n  gaps:\n    - {line}\n")
    assert words in str(error.value)
