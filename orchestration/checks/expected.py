"""Which checks a run must have heard from before anything is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from connectors.nearest import nearest
from data_contracts.errors import WorkledgerError
from data_contracts.load import StreamContract
from orchestration.checks.results import Phase, Severity
from orchestration.checks.rules import (
    TableRules,
    all_published_rules,
    all_stream_rules,
    built_nodes,
    node_meta,
)

if TYPE_CHECKING:
    from orchestration.settings import CheckRule

# Policy may not soften these: a table of another run, or one its readers may not see, is no matter of taste.
ALWAYS_BLOCK = ("__built", "__classified")


@dataclass(frozen=True)
class ExpectedCheck:
    """A check that must have said something. ``waiver`` is the reason where policy turned it off: it is
    named, never dropped.
    """

    rule: str
    table: str
    severity: Severity
    phase: Phase
    owner: str = ""
    is_overridden: bool = False
    waiver: str | None = None


def expected_checks(
    contracts: Mapping[str, StreamContract],
    manifest: Mapping[str, Any],
    policy: Mapping[str, CheckRule] | None = None,
) -> tuple[ExpectedCheck, ...]:
    """The expected set: stream rules, every built table, every dbt data test, every gap model,
    published-table rules.

    Raises WorkledgerError where two checks share a rule id, or policy names a rule that no check has.
    """
    expected = [
        *_from_rules(all_stream_rules(contracts)),
        *_from_builds(manifest),
        *_from_tests(manifest),
        *_from_gaps(manifest),
        *_from_rules(all_published_rules(manifest)),
    ]
    _refuse_shared_ids(expected)
    return tuple(_override(expected, policy or {}))


def built_rule(name: str) -> str:
    """Rule id of *this model was built in this run*: that a table is there does not say so."""
    return f"{name}__built"


def gap_nodes(manifest: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Manifest nodes of gap models; the model's name is its rule id."""
    return tuple(node for node in built_nodes(manifest) if node["name"].startswith("gap_"))


def data_test_nodes(manifest: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Manifest nodes of data tests."""
    return tuple(node for _, node in sorted(manifest["nodes"].items()) if node["resource_type"] == "test")


def test_severity(node: Mapping[str, Any]) -> Severity:
    """Whether a data test blocks or warns, as dbt has it."""
    return "warns" if str((node.get("config") or {}).get("severity", "error")).lower() == "warn" else "blocks"


def tested_table(node: Any, manifest: Mapping[str, Any]) -> str:
    """``<schema>.<table>`` that a test is about, else what it depends on first, else nothing."""
    unique_ids = [node.get("attached_node"), *((node.get("depends_on") or {}).get("nodes") or [])]
    for unique_id in filter(None, unique_ids):
        found = manifest["nodes"].get(unique_id) or (manifest.get("sources") or {}).get(unique_id)
        if found:
            return relation_name(found)
    return ""


def relation_name(node: Mapping[str, Any]) -> str:
    """``<schema>.<table>`` of a manifest node or source."""
    return f"{node['schema']}.{node.get('alias') or node.get('identifier') or node['name']}"


def _from_rules(tables: Iterable[TableRules]) -> Iterable[ExpectedCheck]:
    for table in tables:
        for rule in table.rules:
            yield ExpectedCheck(rule.rule, table.name, rule.severity, table.phase, rule.owner)


def _from_builds(manifest: Mapping[str, Any]) -> Iterable[ExpectedCheck]:
    for node in built_nodes(manifest):
        owner = str(node_meta(node).get("owner", ""))
        yield ExpectedCheck(built_rule(node["name"]), relation_name(node), "blocks", "model", owner)


def _from_tests(manifest: Mapping[str, Any]) -> Iterable[ExpectedCheck]:
    for node in data_test_nodes(manifest):
        owner = str(node_meta(node).get("owner", ""))
        yield ExpectedCheck(node["name"], tested_table(node, manifest), test_severity(node), "model", owner)


def _from_gaps(manifest: Mapping[str, Any]) -> Iterable[ExpectedCheck]:
    for node in gap_nodes(manifest):
        owner = str(node_meta(node).get("owner", ""))
        yield ExpectedCheck(node["name"], relation_name(node), "blocks", "model", owner)


def _refuse_shared_ids(expected: list[ExpectedCheck]) -> None:
    shared = sorted(rule for rule, times in Counter(check.rule for check in expected).items() if times > 1)
    if shared:
        tables = sorted({check.table for check in expected if check.rule == shared[0]})
        raise WorkledgerError(
            f"More than one check is named {shared[0]}",
            where=", ".join(tables),
            remedy="Give each check its own name: the gate could not tell which one is missing.",
        )


def _override(expected: list[ExpectedCheck], policy: Mapping[str, CheckRule]) -> Iterable[ExpectedCheck]:
    known = {check.rule for check in expected}
    for rule, told in policy.items():
        if rule not in known:
            near = nearest(rule, known)
            raise WorkledgerError(
                f"Policy names check {rule!r}, and there is no such check",
                where="workledger.yaml, policy.checks",
                remedy=f"Did you mean {near!r}?"
                if near
                else "Their names: workledger query 'select rule from audit.checks'",
            )
        if rule.endswith(ALWAYS_BLOCK) and told.severity != "blocks":
            raise WorkledgerError(
                f"Policy cannot set check {rule} to {told.severity!r}",
                where="workledger.yaml, policy.checks",
                remedy="It always blocks; take the line out.",
            )
    for check in expected:
        override = policy.get(check.rule)
        if override is None:
            yield check
        elif override.severity == "off":
            yield replace(check, waiver=override.reason or "turned off by policy, no reason given")
        else:
            yield replace(check, severity=override.severity, is_overridden=True)
