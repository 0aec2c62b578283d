"""Data tests have a result whatever becomes of them, and only what the rows say makes it a pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestration.checks.attached import attached
from orchestration.checks.data_tests import run_data_tests
from orchestration.checks.results import CheckResult
from orchestration.models import load_compiled, load_manifest_json
from orchestration.publication.layout import database_files
from tests.warehouse.warehouse_build import Warehouse

GRAIN, OTHER = "stg_time_entries__grain", "stg_absences__grain"
ENDLESS = "select range from range(1000000000000) where hash(range) = hash('never')"


@pytest.fixture
def build(warehouse: Warehouse) -> Path:
    """A build without any row."""
    warehouse.build("+stg_time_entries +stg_absences")
    warehouse.close()
    return warehouse.folder


def results(build: Path, query: str | None, files: dict[str, Path] | None = None) -> dict[str, CheckResult]:
    """Of two tests, the first with another query; None for the lack of one."""
    manifest = load_manifest_json()
    nodes = {key: node for key, node in manifest["nodes"].items() if node["name"] in (GRAIN, OTHER)}
    queries: dict[str, Any] = {key: load_compiled().data_tests[key] for key in nodes}
    (changed,) = (key for key, node in nodes.items() if node["name"] == GRAIN)
    queries[changed] = query
    small = {
        "nodes": {
            **nodes,
            **{node["attached_node"]: manifest["nodes"][node["attached_node"]] for node in nodes.values()},
        }
    }
    with attached(files or database_files(build)) as opened:
        found = run_data_tests(opened, small, queries, "run", seconds=2)
    return {result.rule: result for result in found}


def test_every_data_test_has_a_query() -> None:
    tests = {key for key, node in load_manifest_json()["nodes"].items() if node["resource_type"] == "test"}
    assert len(tests) > 300
    assert set(load_compiled().data_tests) == tests


def test_a_test_that_finds_nothing_has_passed(build: Path) -> None:
    found = results(build, "select 1 as one where false")[GRAIN]
    assert (found.status, found.rows_failed, found.observed, found.detail) == ("passed", 0, "0 rows", "")
    assert (found.table, found.severity, found.owner) == ("staging.stg_time_entries", "blocks", "data engineering")


def test_rows_that_break_a_rule_are_counted_and_shown_without_what_tells_of_people(build: Path) -> None:
    found = results(
        build, "select 'a@b' as person_email, 'toggl' as source, 'd' || range as delivery_id from range(7)"
    )[GRAIN]
    assert (found.status, found.rows_failed) == ("failed", 7)
    assert found.sample == tuple({"source": "toggl", "delivery_id": f"d{number}"} for number in range(5))


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (ENDLESS, "It took longer than 0.0333333 minutes and was stopped (policy.check_minutes)"),
        ("select 1 from staging.nowhere", "Catalog Error"),
        (None, "dbt compiled no query for this test"),
    ],
    ids=["hangs", "cannot run", "is missing"],
)
def test_what_did_not_run_has_errored_and_the_others_go_on(build: Path, query: str | None, told: str) -> None:
    found = results(build, query)
    assert (found[GRAIN].status, found[GRAIN].rows_failed, found[GRAIN].observed) == ("errored", None, "did not run")
    assert told in found[GRAIN].detail
    assert found[OTHER].status == "passed"


def test_without_the_file_no_test_has_passed(build: Path) -> None:
    found = results(build, "select 1 as one where false", {"state": build / "nowhere.duckdb"})
    assert found[OTHER].status == "errored"
