"""Where rows failed a rule: counts by source and a few addresses a person can look up. Never a personal or
private value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sql_text import quoted
from orchestration.checks.results import json_value
from orchestration.checks.rules import ROW_ADDRESS, Rule, TableRules

SAMPLE_ROWS = 5
SHOWN_BESIDE = 4


def describe_failure(
    connection: Any, view: str, table: TableRules, rule: Rule
) -> tuple[str, tuple[dict[str, Any], ...]]:
    """Detail in words and up to five rows of ``view`` that fail a rule about one column."""
    condition, parameters = _failing(rule)
    shown = _shown(connection, view, table, rule)
    sample = sample_of(connection, f"{quoted(view)} where {condition}", shown, parameters) if shown else ()
    by_source = _by_source(connection, view, condition, parameters) if "source" in shown else ""
    return f"{rule.column} must be {_wanted_in_words(rule)}.{by_source}", sample


def _failing(rule: Rule) -> tuple[str, list[Any]]:
    column = quoted(rule.column)
    if rule.kind == "accepted":
        marks = ", ".join("?" for _ in rule.accepted)
        return f"{column} is not null and {column} not in ({marks})", list(rule.accepted)
    tests = [(f"{column} < ?", rule.minimum), (f"{column} > ?", rule.maximum)]
    kept = [(text, bound) for text, bound in tests if bound is not None]
    return " or ".join(text for text, _ in kept), [bound for _, bound in kept]


def _shown(connection: Any, view: str, table: TableRules, rule: Rule) -> list[str]:
    """Columns a sample may show: the row's address, else a few keys and dates, and the value itself if it
    is internal.
    """
    present = [row[0] for row in connection.execute(f"describe {quoted(view)}").fetchall()]
    allowed = [column for column in table.shown_columns if column in present]
    address = [column for column in ROW_ADDRESS if column in allowed]
    beside = address or [c for c in allowed if c.endswith(("_key", "_date"))][:SHOWN_BESIDE]
    return list(dict.fromkeys(beside + [c for c in allowed if c == rule.column]))


def sample_of(
    connection: Any, failing: str, shown: Sequence[str], parameters: Sequence[Any] = ()
) -> tuple[dict[str, Any], ...]:
    """Up to five of the ``failing`` rows (what stands behind ``from``): columns that may be shown, and the file of each."""
    columns = ", ".join(quoted(column) for column in shown)
    rows = connection.execute(
        f"select {columns} from {failing} order by all limit {SAMPLE_ROWS}", list(parameters)
    ).fetchall()
    files = _file_names(connection, {row[shown.index("delivery_id")] for row in rows}) if "delivery_id" in shown else {}
    return tuple(_row(shown, row, files) for row in rows)


def _row(shown: Sequence[str], row: Sequence[Any], files: dict[str, str]) -> dict[str, Any]:
    values = {column: json_value(value) for column, value in zip(shown, row, strict=True)}
    file = files.get(values.get("delivery_id", ""))
    return {"file_name": file, **values} if file else values


def _file_names(connection: Any, delivery_ids: set[str]) -> dict[str, str]:
    import duckdb

    try:
        rows = connection.execute(
            "select delivery_id, any_value(file_name) from state.workspace.delivery_streams"
            " where delivery_id in (select unnest(?)) group by all",
            [sorted(delivery_ids)],
        ).fetchall()
    except duckdb.Error:  # a build without the ledger's table still deserves the rest of the sample
        return {}
    return dict(rows)


def _by_source(connection: Any, view: str, condition: str, parameters: list[Any]) -> str:
    rows = connection.execute(
        f"select source, count(*) from {quoted(view)} where {condition} group by all order by 2 desc, 1 limit 5",
        parameters,
    ).fetchall()
    return " Rows by source: " + ", ".join(f"{source} {count}" for source, count in rows) + "."


def _wanted_in_words(rule: Rule) -> str:
    if rule.kind == "accepted":
        return "one of " + ", ".join(str(value) for value in rule.accepted)
    return _bounds_in_words(rule)


def _bounds_in_words(rule: Rule) -> str:
    if rule.minimum is None:
        return f"at most {rule.maximum}"
    if rule.maximum is None:
        return f"at least {rule.minimum}"
    return f"between {rule.minimum} and {rule.maximum}"
