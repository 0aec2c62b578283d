"""What a model's ``meta`` says of how its table is built in part: by days, or by records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from connectors.sql_text import quoted
from data_contracts.errors import WorkledgerError
from orchestration.touched_days import ByDays, Span, Through
from orchestration.touched_records import ByRecords


def relation_of(catalog: str, schema: str, table: str) -> str:
    """A table's or view's name in compiled SQL."""
    return ".".join(map(quoted, (catalog, schema, table)))


def by_days_of(node: Any, nodes: Mapping[str, Any]) -> ByDays | None:
    """What a parsed model's ``meta`` says of days, over every table of ``nodes`` that it stands on; None where it says nothing.

    Raises WorkledgerError where it names what the model does not read.
    """
    meta = _meta(node)
    if "days" not in meta:
        return None
    tables, views = _stands_on(node, nodes)
    marks, reached, through = (meta.get(name, {}) for name in ("moved_by", "reached_by", "reached_through"))
    narrowed, lasting, unread, ties = (meta.get(name, {}) for name in ("narrowed", "lasting", "unread", "tied_by"))
    days = {**meta.get("days_of", {}), node.name: meta["days"]}
    known = tables | views | {node.name: node}
    in_them = {name.partition(".")[0] for columns in through.values() for name in columns.values()}
    _require_known(node, {*marks, *reached, *through}, set(tables))
    _require_known(node, {*ties, *days, *in_them}, set(known))
    _require_known(node, in_them, set(days))
    _require_known(node, {*narrowed, *lasting}, {*marks, *reached})
    _require_known(node, set(unread), {*marks, *reached, *through})
    relations = {name: _relation(given) for name, given in known.items()}
    inputs: dict[str, Span | Through | None] = {}
    for name in sorted(tables):
        unread_columns = tuple(unread.get(name, ()))
        if name in through:
            ((key, (rows, _, column)),) = ((key, told.partition(".")) for key, told in through[name].items())
            inputs[relations[name]] = Through(key, relations[rows], column, span_of(days[rows]), unread_columns)
        elif name in marks or name in reached:
            inputs[relations[name]] = replace(
                span_of({**reached, **marks}[name]),
                is_mark=name in marks,
                bounds=tuple(lasting.get(name, ())),
                unread=unread_columns,
            )
        else:
            inputs[relations[name]] = None
    return ByDays(
        span_of(meta["days"]),
        inputs,
        tuple(relations[name] for name in narrowed),
        {relations[name]: span_of(told) for name, told in ties.items()},
        {relations[name]: view.compiled_code for name, view in views.items()} if narrowed else {},
    )


def by_records_of(node: Any, nodes: Mapping[str, Any]) -> ByRecords | None:
    """What a parsed model's ``meta`` says of records: the stream whose records it has; None where it says nothing."""
    stream = _meta(node).get("records_of")
    if stream is None:
        return None
    tables, _ = _stands_on(node, nodes)
    _require_known(node, {stream, "delivery_streams"}, set(tables))
    relations = {name: _relation(given) for name, given in sorted(tables.items())}
    delivered, deliveries = relations.pop(stream), relations.pop("delivery_streams")
    return ByRecords(stream, delivered, deliveries, tuple(relations.values()))


def read_by_days(told: Mapping[str, Any] | None) -> ByDays | None:
    """`by_days_of` again, of what was kept as JSON."""
    if told is None:
        return None
    inputs = {relation: _read_reach(reach) for relation, reach in told["inputs"].items()}
    ties = {relation: _read_span(span) for relation, span in told["ties"].items()}
    return ByDays(_read_span(told["days"]), inputs, tuple(told["narrowed"]), ties, told["views"])


def read_by_records(told: Mapping[str, Any] | None) -> ByRecords | None:
    """`by_records_of` again, of what was kept as JSON."""
    return ByRecords(**{**told, "others": tuple(told["others"])}) if told else None


def _meta(node: Any) -> Mapping[str, Any]:
    return node.config.meta if node.resource_type == "model" else {}


def _stands_on(node: Any, nodes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Tables that a model stands on by name, and the views between, each before those that it reads."""
    tables: dict[str, Any] = {}
    views: dict[str, Any] = {}
    for given in _parents(node, nodes):
        if _is_view(given):
            below, between = _stands_on(given, nodes)
            # A view that is read in two places goes behind both that read it.
            views = {name: view for name, view in views.items() if name not in between} | {given.name: given} | between
        else:
            below = {given.name: given}
        if twice := [name for name in below if tables.get(name, below[name]) is not below[name]]:
            raise WorkledgerError(f"{node.name} stands on two tables named {twice[0]}", where=node.original_file_path)
        tables |= below
    return tables, views


def _parents(node: Any, nodes: Mapping[str, Any]) -> Iterator[Any]:
    return (nodes[key] for key in sorted(set(node.depends_on_nodes)))


def _is_view(node: Any) -> bool:
    return bool(node.resource_type == "model" and node.config.materialized == "view")


def _require_known(node: Any, named: set[str], known: set[str]) -> None:
    if unknown := named - known:
        raise WorkledgerError(
            f"{node.name} is said to be reached by {', '.join(sorted(unknown))}, which it does not stand on",
            where=node.original_file_path,
            remedy="Name tables that it reads, itself or through views; what is narrowed must be said to reach it.",
        )


def _relation(node: Any) -> str:
    return relation_of(node.database, node.schema, node.identifier)


def span_of(told: str | list[str] | Mapping[str, str]) -> Span:
    """One day, the first and the last, or a day with the condition under which a row bears on it."""
    if isinstance(told, str):
        return Span(told, told)
    if isinstance(told, Mapping):
        day, where = told["day"], told["where"]
        return Span(
            f"case when {where} then {day} else date '9999-12-31' end",
            f"case when {where} then {day} else date '0001-01-01' end",
        )
    first, last = told
    return Span(first, last)


def _read_span(told: Mapping[str, Any]) -> Span:
    return Span(**{**told, "bounds": tuple(told["bounds"]), "unread": tuple(told["unread"])})


def _read_reach(told: Mapping[str, Any] | None) -> Span | Through | None:
    if told is None:
        return None
    if "rows" not in told:
        return _read_span(told)
    return Through(**{**told, "days": _read_span(told["days"]), "unread": tuple(told["unread"])})
