"""The real project: every check has its own name, and every published table may be published."""

from __future__ import annotations

from typing import Any

import pytest

from data_contracts.load import load_streams
from orchestration.annotations import measures
from orchestration.checks.expected import data_test_nodes, expected_checks
from orchestration.checks.rules import all_published_rules, published_nodes
from orchestration.models import load_manifest_json


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """dbt's manifest of the project."""
    return load_manifest_json()


def test_the_expected_set_compiles_and_names_are_unique(manifest: dict[str, Any]) -> None:
    rules = [check.rule for check in expected_checks(load_streams(), manifest)]
    assert len(rules) == len(set(rules)) > 100


def test_published_tables_are_tested_and_described(manifest: dict[str, Any]) -> None:
    tested = {node.get("attached_node") for node in data_test_nodes(manifest)}
    bare = [node["name"] for node in published_nodes(manifest) if not node["columns"]]
    untested = [node["name"] for node in published_nodes(manifest) if node["unique_id"] not in tested]
    assert (bare, untested) == ([], [])


def test_every_measure_is_a_column_that_readers_see(manifest: dict[str, Any]) -> None:
    columns = {column for node in published_nodes(manifest) for column in node["columns"]}
    assert sorted(measures() - columns) == []


def test_no_audience_gets_a_column_above_it(manifest: dict[str, Any]) -> None:
    above = {
        f"{table.catalog}.{table.name}": rule.columns
        for table in all_published_rules(manifest)
        for rule in table.rules
        if rule.kind == "classified" and rule.columns
    }
    assert above == {}
