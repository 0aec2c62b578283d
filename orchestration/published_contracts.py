"""The contracts of published tables, exported from dbt's manifest as Open Data Contract Standard files and kept under version.

dbt's YAML is the source. The committed files in data_contracts/published are what readers were promised: a test compares the
two, and `make contracts` writes them again, raising the version by what the change means to readers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

PUBLISHED = Path(__file__).resolve().parents[1] / "data_contracts" / "published"
LOGICAL_TYPES = {
    "varchar": "string",
    "boolean": "boolean",
    "date": "date",
    "timestamp with time zone": "timestamp",
    "bigint": "integer",
    "integer": "integer",
    "double": "number",
}
Contract = dict[str, Any]
Kind = Literal["none", "additive", "breaking"]


@dataclass(frozen=True)
class Change:
    """What differs between two contracts of a table, in words, and what it means to readers."""

    table: str
    kind: Kind
    differences: tuple[str, ...] = ()


def export_contracts(manifest: dict[str, Any]) -> dict[str, Contract]:
    """One contract a published table, by ``<audience>.<schema>.<table>``."""
    published = [
        node for node in manifest["nodes"].values() if node["resource_type"] == "model" and node["database"] != "state"
    ]
    return {name_of(node): _contract(node) for node in sorted(published, key=name_of)}


def promised_columns(manifest: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Column to type of every published table, by ``<audience>.<schema>.<table>``; types as dbt's YAML writes them."""
    return {
        name: {entry["name"]: entry["physicalType"] for entry in contract["schema"][0]["properties"]}
        for name, contract in export_contracts(manifest).items()
    }


def name_of(node: dict[str, Any]) -> str:
    """``<audience>.<schema>.<table>``; the audience is the file it is published in."""
    return f"{node['database']}.{node['schema']}.{node['alias']}"


def read_contracts(folder: Path = PUBLISHED) -> dict[str, Contract]:
    """The committed contracts by name."""
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yaml"))}


def compare(before: Contract | None, after: Contract | None, table: str) -> Change:
    """What a change of contract means: a column or table that goes, a type or class that changes breaks readers."""
    if before is None or after is None:
        return Change(
            table, "breaking" if after is None else "additive", ("table " + ("gone" if after is None else "new"),)
        )
    old, new = _columns(before), _columns(after)
    breaking = [f"{name} gone" for name in old if name not in new]
    additive = [f"{name} new" for name in new if name not in old]
    for name in old.keys() & new.keys():
        for key in ("physicalType", "classification", "unit"):
            if old[name].get(key) != new[name].get(key):
                breaking.append(f"{name}: {key} {old[name].get(key)} → {new[name].get(key)}")
        if old[name]["description"] != new[name]["description"]:
            additive.append(f"{name}: description")
    if before["description"] != after["description"]:
        additive.append("description of the table")
    kind: Kind = "breaking" if breaking else "additive" if additive else "none"
    return Change(table, kind, tuple(sorted(breaking) + sorted(additive)))


def compare_all(before: dict[str, Contract], after: dict[str, Contract]) -> list[Change]:
    """Every change, by table; unchanged tables are left out."""
    changes = [compare(before.get(name), after.get(name), name) for name in sorted({*before, *after})]
    return [change for change in changes if change.kind != "none"]


def write_contracts(manifest: dict[str, Any], folder: Path = PUBLISHED) -> list[Change]:
    """Write the exported contracts, with raised versions where they changed; returns the changes."""
    before, after = read_contracts(folder), export_contracts(manifest)
    changes = compare_all(before, after)
    folder.mkdir(exist_ok=True)
    kinds = {change.table: change.kind for change in changes}
    for name in before.keys() - after.keys():
        (folder / f"{name}.yaml").unlink()
    for name, contract in after.items():
        kept = before.get(name, {}).get("version")
        contract["version"] = _raised(kept, kinds.get(name, "none"))
        text = yaml.safe_dump(contract, sort_keys=False, allow_unicode=True, width=120)
        (folder / f"{name}.yaml").write_text(
            f"# Exported from dbt_project by `make contracts`.\n{text}", encoding="utf-8"
        )
    return changes


def _raised(version: str | None, kind: Kind) -> str:
    if version is None:
        return "1.0.0"
    major, minor, patch = map(int, version.split("."))
    if kind == "breaking":
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if kind == "additive" else f"{major}.{minor}.{patch}"


def _contract(node: dict[str, Any]) -> Contract:
    return {
        "apiVersion": "v3.0.2",
        "kind": "DataContract",
        "id": f"workledger.published.{name_of(node)}",
        "name": node["alias"],
        "version": "1.0.0",
        "status": "active",
        "description": {"purpose": " ".join(node["description"].split())},
        "schema": [
            {
                "name": node["alias"],
                "physicalName": f"{node['schema']}.{node['alias']}",
                "physicalType": "table",
                "properties": [_property(column) for column in node["columns"].values()],
            }
        ],
    }


def _property(column: dict[str, Any]) -> dict[str, Any]:
    meta = {**column.get("meta", {}), **(column.get("config") or {}).get("meta", {})}
    type_ = column["data_type"].lower()
    return {
        "name": column["name"],
        "logicalType": LOGICAL_TYPES.get(type_, "number" if type_.startswith("decimal") else "string"),
        "physicalType": type_,
        "classification": meta.get("classification"),
        "description": " ".join(column["description"].split()),
        "customProperties": [{"property": "unit", "value": meta.get("unit")}],
    }


def _columns(contract: Contract) -> dict[str, dict[str, Any]]:
    properties = contract["schema"][0]["properties"]
    return {
        entry["name"]: {
            **entry,
            "unit": next((p["value"] for p in entry["customProperties"] if p["property"] == "unit"), None),
        }
        for entry in properties
    }


def main() -> None:
    """Write the contracts and print what changed, for `make contracts`."""
    from orchestration.models import load_manifest_json

    for change in write_contracts(load_manifest_json()):
        print(f"{change.kind}: {change.table}: {', '.join(change.differences)}")


if __name__ == "__main__":
    main()
