"""Rules that need no expectation: a stream against its ledger, a table's columns and their classifications."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connectors.sql_text import quoted
from orchestration.checks.rules import Rule, TableRules

PLAIN = ("loaded", "columns", "classified")


@dataclass(frozen=True)
class Outcome:
    """What a plain rule found; an empty ``detail`` means that it passed."""

    observed: str
    detail: str = ""
    rows_failed: int | None = None


def plain_outcome(connection: Any, view: str, table: TableRules, rule: Rule) -> Outcome:
    """Judge one plain rule over ``view``. Raises duckdb.Error where the ledger's table is not there."""
    if rule.kind == "loaded":
        return _loaded(connection, view, table)
    return _columns(connection, view, rule) if rule.kind == "columns" else _classified(table, rule)


def _columns(connection: Any, view: str, rule: Rule) -> Outcome:
    described = connection.execute(f"describe {quoted(view)}").fetchall()
    found, wanted = {name for name, *_ in described}, set(rule.columns)
    differences = [f"not there: {column}" for column in sorted(wanted - found)]
    differences += [f"not described: {column}" for column in sorted(found - wanted)]
    if not differences:
        return Outcome(f"{len(wanted)} columns")
    return Outcome("; ".join(differences), "The table and its description do not have the same columns.")


def _classified(table: TableRules, rule: Rule) -> Outcome:
    if not rule.columns:
        return Outcome("every column may be seen")
    detail = f"{table.catalog}.duckdb may not hold {', '.join(rule.columns)}: unclassified, or classified above it."
    return Outcome(f"{len(rule.columns)} columns", detail)


def _loaded(connection: Any, view: str, table: TableRules) -> Outcome:
    """Compare records, not rows: an entry that a format expands into several rows was loaded once."""
    rows = connection.execute(LOADED.format(view=quoted(view)), [table.table]).fetchall()
    records = sum(found for *_, found in rows)
    wrong = [row for row in rows if row[2] != row[3]]
    if not wrong:
        return Outcome(f"{records} records")
    said = [
        f"delivery {delivery} of {source}: ledger {loaded}, stream {found}" for source, delivery, loaded, found in wrong
    ]
    more = f" and {len(said) - 5} more" if len(said) > 5 else ""
    failed = sum(abs(loaded - found) for *_, loaded, found in wrong)
    return Outcome(f"{failed} records differ", f"{'; '.join(said[:5])}{more}.", failed)


LOADED = """
with ledger as (
    select source, delivery_id, sum(rows_loaded) as records
    from state.workspace.delivery_streams where stream = ? group by all
),
stream as (
    select source, delivery_id, count(distinct _row) as records from {view} group by all
)
select coalesce(ledger.source, stream.source) as source, coalesce(ledger.delivery_id, stream.delivery_id) as delivery_id,
    coalesce(ledger.records, 0)::bigint as loaded, coalesce(stream.records, 0)::bigint as found
from ledger full join stream using (source, delivery_id)
order by 1, 2
"""
