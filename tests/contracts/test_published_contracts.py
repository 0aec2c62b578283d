"""What readers were promised is what dbt builds: the committed contracts equal the export, and breaking changes are named."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from open_data_contract_standard.model import OpenDataContractStandard

from orchestration.models import load_manifest_json
from orchestration.published_contracts import PUBLISHED, compare, compare_all, export_contracts, read_contracts


@pytest.fixture(scope="module")
def exported() -> dict[str, Any]:
    return export_contracts(load_manifest_json())


def test_the_committed_contracts_are_what_dbt_builds(exported: dict[str, Any]) -> None:
    changes = compare_all(read_contracts(), exported)
    told = [f"{change.kind}: {change.table}: {', '.join(change.differences)}" for change in changes]
    assert not told, (
        "Run `make contracts` and commit; a breaking change needs a word in docs/decisions.md:\n" + "\n".join(told)
    )


@pytest.mark.parametrize("path", sorted(PUBLISHED.glob("*.yaml")), ids=lambda path: path.stem)
def test_contracts_follow_the_standard(path: Path) -> None:
    contract = OpenDataContractStandard.from_file(str(path))
    assert contract.schema_ and contract.schema_[0].properties
    for column in contract.schema_[0].properties:
        assert column.description and column.classification and column.physicalType


def _changed(exported: dict[str, Any], edit: str) -> str:
    name = "analyst.marts.mart_utilisation__team_week"
    after = copy.deepcopy(exported[name])
    columns = after["schema"][0]["properties"]
    if edit == "drop":
        columns.pop()
    elif edit == "type":
        columns[0]["physicalType"] = "integer"
    elif edit == "class":
        columns[0]["classification"] = "personal"
    elif edit == "add":
        columns.append({**columns[0], "name": "another"})
    elif edit == "describe":
        columns[0]["description"] += " More."
    return compare(exported[name], after, name).kind


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        ("drop", "breaking"),
        ("type", "breaking"),
        ("class", "breaking"),
        ("add", "additive"),
        ("describe", "additive"),
        ("", "none"),
    ],
)
def test_a_change_is_judged_by_what_it_means_to_readers(exported: dict[str, Any], edit: str, kind: str) -> None:
    assert _changed(exported, edit) == kind


def test_a_table_that_goes_breaks_and_one_that_comes_does_not(exported: dict[str, Any]) -> None:
    one = next(iter(exported.values()))
    assert compare(one, None, "t").kind == "breaking"
    assert compare(None, one, "t").kind == "additive"
