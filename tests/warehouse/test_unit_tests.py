"""dbt's unit tests: one readable example a rule. They need the tables they read to exist, and nothing in them."""

from __future__ import annotations

from orchestration.models import load_manifest
from tests.warehouse.warehouse_build import Warehouse, run_dbt


def test_every_example_of_a_rule_holds(warehouse: Warehouse) -> None:
    warehouse.build()
    warehouse.close()
    results = run_dbt(["test", "--resource-type", "unit_test"], warehouse.folder, load_manifest())
    assert len(results) >= 60
