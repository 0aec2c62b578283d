"""A data test that never ends is stopped, and has no result but that."""

from __future__ import annotations

import pytest
from warehouse_build import Warehouse, run_dbt

from orchestration.models import CheckWatch

TEST = "stg_time_entries__grain"
ENDLESS = "select range from range(1000000000000) where hash(range) = hash('never')"


def test_a_check_that_hangs_is_stopped_and_the_others_go_on(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.build("+stg_time_entries +stg_absences")
    warehouse.close()
    (node,) = (node for node in warehouse.manifest.nodes.values() if node.name == TEST)
    monkeypatch.setattr(node, "raw_code", ENDLESS)
    watch = CheckWatch(seconds=0.5)
    with pytest.raises(AssertionError, match=f"{TEST}: .*\n?.*nterrupt") as failed:
        run_dbt(["test", "--select", TEST, "stg_absences__grain"], warehouse.folder, warehouse.manifest, watch.hear)
    watch.close()
    assert "stg_absences__grain" not in str(failed.value), "another test was stopped as well"
    assert watch.problems == {
        node.unique_id: "It took longer than 0.00833333 minutes and was stopped (policy.check_minutes)"
    }
