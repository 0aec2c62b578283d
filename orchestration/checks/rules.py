"""The rules that contracts and published tables declare, as plain records.

Compiled here without importing Great Expectations, so that the expected set costs nothing; ``suites`` turns
the same records into expectations. Rule ids are constants: ``<table>__<column>__accepted``,
``<table>__<column>__range`` and, for a whole table, ``<table>__columns``, ``__loaded``, ``__classified``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from data_contracts.errors import WorkledgerError
from data_contracts.load import StreamContract
from orchestration.checks.results import Phase, Severity

Kind = Literal["accepted", "range", "columns", "loaded", "classified"]
Bound = int | float | None

# What each audience's file may hold; only the directory says who somebody is (see ``_may_see``).
AUDIENCE_SEES = {
    "analyst": ("internal", "personal"),
    "directory": ("internal", "personal"),
    "finance": ("internal", "personal", "confidential"),
    "manager": ("internal",),
}
SAYS_WHO = ("directory",)
# Last words of the columns that name a person outright, whatever stands before them (person_name, assignee_email, number).
DIRECT_IDENTIFIERS = ("name", "email", "number", "id", "note")
ROW_ADDRESS = ("source", "delivery_id", "_row")
STREAM_OWNER = "data engineering"


@dataclass(frozen=True)
class Rule:
    """One declared rule about one column (``accepted``, ``range``) or the whole table (the other kinds).

    ``accepted``, ``range``: bounds are inclusive, and NULL passes: whether a value may be missing is the
    contract's ``required``, which the mapper enforces. ``columns``: those and no others. ``loaded``: a stream
    holds every record that the ledger says was loaded, and no other. ``classified``: ``columns`` are the ones
    that this audience may not see; there must be none.
    """

    rule: str
    kind: Kind
    severity: Severity = "blocks"
    owner: str = ""
    column: str = ""
    accepted: tuple[Any, ...] = ()
    minimum: Bound = None
    maximum: Bound = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableRules:
    """All rules of one table. ``shown_columns`` are the ones a sample of failing rows may show."""

    catalog: str
    schema: str
    table: str
    phase: Phase
    rules: tuple[Rule, ...]
    shown_columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """``<schema>.<table>``, as in CheckResult.table."""
        return f"{self.schema}.{self.table}"


def stream_rules(contract: StreamContract) -> TableRules:
    """Rules that a stream's contract declares."""
    rules = [
        Rule(rule=f"{contract.name}__loaded", kind="loaded"),
        *_column_rules(contract.name, ((c.name, c.accepted, c.minimum, c.maximum) for c in contract.columns)),
    ]
    internal = {column.name for column in contract.columns if column.classification == "internal"}
    return TableRules(
        catalog="state",
        schema="streams",
        table=contract.name,
        phase="stream",
        rules=tuple(_owned(rule, STREAM_OWNER) for rule in rules),
        shown_columns=(*ROW_ADDRESS, *sorted(internal - set(ROW_ADDRESS))),
    )


def published_rules(node: Mapping[str, Any]) -> TableRules:
    """Rules of a published table's manifest node.

    A column's meta may hold ``accepted`` (list) and ``range`` ([minimum, maximum], either may be null) or
    ``min``/``max``; the model's meta may hold ``owner``.
    """
    table = str(node.get("alias") or node["name"])
    meta = node_meta(node)
    columns: Mapping[str, Any] = node.get("columns") or {}
    described = [(name, node_meta(column)) for name, column in columns.items()]
    rules = [
        Rule(rule=f"{table}__columns", kind="columns", columns=tuple(columns)),
        Rule(
            rule=f"{table}__classified",
            kind="classified",
            columns=tuple(name for name, m in described if not _may_see(node["database"], name, m)),
        ),
        *_column_rules(table, ((name, _accepted(m), *_bounds(table, name, m)) for name, m in described)),
    ]
    return TableRules(
        catalog=str(node["database"]),
        schema=str(node["schema"]),
        table=table,
        phase="published",
        rules=tuple(_owned(rule, str(meta.get("owner", ""))) for rule in rules),
        shown_columns=tuple(name for name, m in described if m.get("classification") == "internal"),
    )


def all_stream_rules(contracts: Mapping[str, StreamContract]) -> tuple[TableRules, ...]:
    """Rules of every stream, by name."""
    return tuple(stream_rules(contracts[name]) for name in sorted(contracts))


def all_published_rules(manifest: Mapping[str, Any]) -> tuple[TableRules, ...]:
    """Rules of every table that the manifest builds into an audience's file."""
    return tuple(published_rules(node) for node in published_nodes(manifest))


def published_nodes(manifest: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Manifest nodes of published tables, by relation."""
    nodes = [node for node in built_nodes(manifest) if node.get("database") in AUDIENCE_SEES]
    return tuple(sorted(nodes, key=lambda node: (node["database"], node["schema"], node["name"])))


def built_nodes(manifest: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Manifest nodes that leave a table behind: models that are not ephemeral, seeds, snapshots."""
    return tuple(
        node
        for _, node in sorted(manifest["nodes"].items())
        if node["resource_type"] in ("model", "seed", "snapshot")
        and (node.get("config") or {}).get("materialized") != "ephemeral"
    )


def node_meta(entry: Mapping[str, Any]) -> dict[str, Any]:
    """``meta`` of a node or column, wherever this dbt version put it."""
    return {**(entry.get("meta") or {}), **((entry.get("config") or {}).get("meta") or {})}


def _column_rules(table: str, columns: Iterable[tuple[str, tuple[Any, ...], Bound, Bound]]) -> Iterable[Rule]:
    for column, accepted, minimum, maximum in columns:
        if accepted:
            yield Rule(rule=f"{table}__{column}__accepted", kind="accepted", column=column, accepted=tuple(accepted))
        if minimum is not None or maximum is not None:
            yield Rule(
                rule=f"{table}__{column}__range",
                kind="range",
                column=column,
                minimum=minimum,
                maximum=maximum,
            )


def _may_see(audience: str, column: str, meta: Mapping[str, Any]) -> bool:
    """By classification; where people stand under keys, a personal column may measure them but not say who they are."""
    classification = meta.get("classification")
    if classification == "personal" and audience not in SAYS_WHO:
        return column.rpartition("_")[2] not in DIRECT_IDENTIFIERS
    return classification in AUDIENCE_SEES[audience]


def _accepted(meta: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(meta.get("accepted") or ())


def _bounds(table: str, column: str, meta: Mapping[str, Any]) -> tuple[Bound, Bound]:
    if "range" not in meta:
        return meta.get("min"), meta.get("max")
    bounds = meta["range"]
    if not isinstance(bounds, list | tuple) or len(bounds) != 2 or all(bound is None for bound in bounds):
        raise WorkledgerError(
            f"meta.range of {table}.{column} is {bounds!r}",
            where="dbt_project, the table's YAML",
            remedy="Write [minimum, maximum]; one of the two may be null.",
        )
    return bounds[0], bounds[1]


def _owned(rule: Rule, owner: str) -> Rule:
    return rule if rule.owner or not owner else Rule(**{**rule.__dict__, "owner": owner})
