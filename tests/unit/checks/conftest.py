"""A small manifest of the shape dbt writes, so that these tests need no dbt."""

from __future__ import annotations

from typing import Any

import pytest


def model(name: str, database: str, schema: str, **more: Any) -> dict[str, Any]:
    """A model's manifest node."""
    return {
        "resource_type": "model",
        "name": name,
        "alias": name,
        "database": database,
        "schema": schema,
        "unique_id": f"model.workledger.{name}",
        "config": {"materialized": "table"},
        "columns": {},
        "meta": {},
        **more,
    }


def data_test(name: str, about: str, severity: str = "ERROR") -> dict[str, Any]:
    """A data test's manifest node."""
    return {
        "resource_type": "test",
        "name": name,
        "alias": name,
        "unique_id": f"test.workledger.{name}.0123456789",
        "config": {"severity": severity, "meta": {"owner": "data engineering"}},
        "attached_node": f"model.workledger.{about}",
        "depends_on": {"nodes": [f"model.workledger.{about}"]},
    }


def manifest_of(*nodes: dict[str, Any]) -> dict[str, Any]:
    """A manifest that holds these nodes."""
    return {"nodes": {node["unique_id"]: node for node in nodes}, "sources": {}}


@pytest.fixture
def manifest() -> dict[str, Any]:
    """One mart with a ratio and an accepted list, one staging model, one gap, two data tests."""
    mart = model(
        "mart_utilisation__team_week",
        "analyst",
        "marts",
        columns={
            "team_key": {"name": "team_key", "meta": {"classification": "internal"}},
            "utilisation_ratio": {
                "name": "utilisation_ratio",
                "config": {"meta": {"classification": "internal", "range": [0, None]}},
            },
            "date_basis": {
                "name": "date_basis",
                "meta": {"classification": "internal", "accepted": ["person_zone", "offset", "source_zone"]},
            },
        },
        config={"materialized": "table", "meta": {"owner": "analytics"}},
    )
    return manifest_of(
        mart,
        model("stg_time_entries", "state", "staging"),
        model("gap_unlogged_days", "state", "gaps"),
        model("inlined", "state", "staging", config={"materialized": "ephemeral"}),
        data_test("mart_utilisation__team_week__grain", "mart_utilisation__team_week"),
        data_test("stg_time_entries__freshness", "stg_time_entries", "warn"),
    )
