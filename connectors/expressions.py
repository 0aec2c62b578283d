"""Judge the SQL of a format before it runs: scalar, row-local expressions and relational selects, nothing else.

Uses DuckDB's own parser (json_serialize_sql), so that what is judged is what runs.

>>> referred_columns('parse_date("Start date")')
('Start date',)
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from connectors.sql_text import literal
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    import duckdb

# A version is a pure function of deliveries and formats. A test compares this set with duckdb_functions().
IMPURE = frozenset(
    [
        "current_catalog",
        "current_connection_id",
        "current_database",
        "current_date",
        "current_localtime",
        "current_localtimestamp",
        "current_query",
        "current_query_id",
        "current_schema",
        "current_schemas",
        "current_setting",
        "current_time",
        "current_timestamp",
        "current_transaction_id",
        "current_user",
        "currval",
        "error",
        "gen_random_uuid",
        "get_current_time",
        "get_current_timestamp",
        "getenv",
        "getvariable",
        "in_search_path",
        "localtime",
        "localtimestamp",
        "nextval",
        "now",
        "random",
        "session_user",
        "setseed",
        "sleep_ms",
        "stats",
        "today",
        "transaction_timestamp",
        "txid_current",
        "user",
        "uuid",
        "uuidv4",
        "uuidv7",
        "version",
        "write_log",
    ]
)
_lock = threading.Lock()


def check_expression(sql: str, where: str) -> None:
    """Raises WorkledgerError unless ``sql`` is one scalar expression without subquery, window or impure function."""
    node = _select_node(f"select\n{sql}\n", where)
    items = node["select_list"]
    if len(items) != 1 or items[0].get("alias") or not _is_bare(node):
        raise _refused("more than one expression", sql, where)
    for part in _walk(items[0]):
        kind = part.get("class")
        if kind in ("SUBQUERY", "WINDOW", "STAR", "PARAMETER", "DEFAULT"):
            raise _refused({"STAR": "a star"}.get(kind, f"a {kind.lower()}"), sql, where)
        _check_purity(part, sql, where)


def check_select(sql: str, tables: frozenset[str], where: str) -> None:
    """Raises WorkledgerError unless ``sql`` is one SELECT over ``tables`` (and its own CTEs) without casts or table functions."""
    node = _select_node(sql, where)
    named = {name.lower() for name in tables} | {name.lower() for name in _cte_names(node)}
    for part in _walk(node):
        if part.get("type") == "TABLE_FUNCTION":
            raise _refused("a table function", sql, where)
        if part.get("type") == "BASE_TABLE":
            name = str(part.get("table_name", ""))
            if part.get("schema_name") or part.get("catalog_name") or name.lower() not in named:
                raise _refused(f"table {name!r}, which the export does not have", sql, where)
        if part.get("class") == "CAST" and part["child"].get("class") != "CONSTANT":
            raise _refused("a cast (types belong to the column expressions)", sql, where)
        _check_purity(part, sql, where)


@lru_cache(maxsize=4096)
def referred_columns(sql: str) -> tuple[str, ...]:
    """Names of the columns an expression refers to, in order, each once."""
    node = _select_node(f"select\n{sql}\n", sql)
    names = [
        part["column_names"][-1] for part in _walk(node) if part.get("class") == "COLUMN_REF" and part["column_names"]
    ]
    return tuple(dict.fromkeys(names))


@lru_cache(maxsize=4096)
def referred_options(sql: str) -> tuple[str, ...]:
    """Names asked for with option('…')."""
    node = _select_node(f"select\n{sql}\n", sql)
    calls = [part for part in _walk(node) if part.get("function_name") == "option"]
    return tuple(str(call["children"][0].get("value", {}).get("value")) for call in calls)


@lru_cache(maxsize=4096)
def local_zones(sql: str) -> frozenset[str | None]:
    """Zones in which an expression reads local times; None among them where the row says which."""
    calls = [
        part["children"][1]
        for part in _walk(_select_node(f"select\n{sql}\n", sql))
        if part.get("function_name") in ("local_to_utc", "parse_instant") and len(part["children"]) == 2
    ]
    values = [call.get("value") if call.get("class") == "CONSTANT" else {} for call in calls]
    return frozenset(str(value["value"]) if value and "value" in value else None for value in values)


def _check_purity(part: dict[str, Any], sql: str, where: str) -> None:
    name = str(part.get("function_name", "")).lower()
    if name in IMPURE:
        raise _refused(f"{name}(), whose value is not a function of the delivery", sql, where)


def _is_bare(node: dict[str, Any]) -> bool:
    return (
        node["from_table"]["type"] == "EMPTY"
        and not node["where_clause"]
        and not node["modifiers"]
        and not node["having"]
        and not node["qualify"]
        and not node["group_expressions"]
        and not node["cte_map"]["map"]
    )


def _cte_names(node: dict[str, Any]) -> list[str]:
    return [entry["key"] for part in _walk(node) if "cte_map" in part for entry in part["cte_map"]["map"]]


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value)


def _select_node(sql: str, where: str) -> dict[str, Any]:
    tree = _parse(sql)
    if tree.get("error"):
        raise WorkledgerError(
            f"The SQL cannot be read: {tree.get('error_message')}", where=where, remedy=f"It is: {sql.strip()}"
        )
    statements = tree["statements"]
    if len(statements) != 1 or statements[0]["node"]["type"] not in ("SELECT_NODE", "SET_OPERATION_NODE"):
        raise _refused("more than one statement", sql, where)
    node: dict[str, Any] = statements[0]["node"]
    return node


@lru_cache(maxsize=4096)
def _parse(sql: str) -> dict[str, Any]:
    with _lock:
        # As a literal: a bound parameter makes DuckDB import pandas, which takes seconds.
        row = _parser().execute(f"select json_serialize_sql({literal(sql)})").fetchone()
    tree: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
    return tree


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect(":memory:", config={"threads": 1})


def _refused(what: str, sql: str, where: str) -> WorkledgerError:
    return WorkledgerError(
        f"A format may not use {what}",
        where=where,
        remedy=f"Write one scalar expression over the columns of the row, or move it to `from`. It is: {sql.strip()}",
    )
