"""The way of a row as asset specs: one per stream, one per dbt model, one for the published version."""

from __future__ import annotations

from typing import Any

import dagster as dg

from data_contracts.load import StreamContract
from orchestration.checks.expected import ExpectedCheck

VERSION = dg.AssetKey(["published", "version"])
# Dagster sorts groups by name: the number is the step on the way of a row.
GROUPS = {
    "streams": "1_streams",
    "seeds": "1_seeds",
    "staging": "2_staging",
    "intermediate": "3_intermediate",
    "core": "4_core",
    "gaps": "5_gaps",
    "releases": "6_marts",
    "marts": "6_marts",
    "published": "7_published",
}


def key_of(table: str) -> dg.AssetKey:
    """``core.fct_activities`` as an asset key."""
    return dg.AssetKey(table.split("."))


def stream_specs(contracts: dict[str, StreamContract]) -> list[dg.AssetSpec]:
    """One asset per stream; the sources that feed it come as metadata of each run."""
    return [
        dg.AssetSpec(
            key_of(f"streams.{name}"),
            group_name=GROUPS["streams"],
            description=contract.description,
            kinds={"parquet"},
            skippable=True,
        )
        for name, contract in contracts.items()
    ]


def model_specs(manifest: dict[str, Any]) -> list[dg.AssetSpec]:
    """One asset per dbt model and seed, grouped by its layer."""
    nodes = {
        unique_id: node for unique_id, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed")
    }
    tables = {unique_id: f"{node['schema']}.{node['alias']}" for unique_id, node in nodes.items()}
    tables |= {
        unique_id: f"streams.{source['identifier']}"
        for unique_id, source in manifest["sources"].items()
        if source["schema"] == "streams"
    }
    return [
        dg.AssetSpec(
            key_of(tables[unique_id]),
            deps=[key_of(tables[parent]) for parent in node["depends_on"].get("nodes", []) if parent in tables],
            group_name=GROUPS[node["schema"]],
            description=node["description"],
            kinds={"duckdb", "dbt"},
            skippable=True,
        )
        for unique_id, node in nodes.items()
    ]


def version_spec(manifest: dict[str, Any]) -> dg.AssetSpec:
    """The published version: it stands on every table of the core and the marts."""
    published = [
        key_of(f"{node['schema']}.{node['alias']}")
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in ("core", "marts")
    ]
    return dg.AssetSpec(
        VERSION,
        deps=published,
        group_name=GROUPS["published"],
        description="The version that readers see: whole, checked, immutable.",
        skippable=True,
    )


def check_specs(expected: tuple[ExpectedCheck, ...]) -> list[dg.AssetCheckSpec]:
    """One check per rule that the gate expects."""
    return [
        dg.AssetCheckSpec(
            check.rule,
            asset=key_of(check.table),
            description=f"{'Blocks' if check.severity == 'blocks' else 'Warns; does not block'} the publication. "
            f"Decided by the gate, not by Dagster. Owner: {check.owner or 'none named'}.",
        )
        for check in expected
    ]
