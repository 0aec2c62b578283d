"""dbt's unit tests: one readable example a rule. They need the tables they read to exist, and nothing in them."""

from __future__ import annotations

from warehouse_build import Warehouse, run_dbt


def test_every_example_of_a_rule_holds(warehouse: Warehouse) -> None:
    warehouse.build()
    warehouse.close()
    results = run_dbt(["test", "--resource-type", "unit_test"], warehouse.folder, warehouse.manifest)
    assert len(results) >= 60
