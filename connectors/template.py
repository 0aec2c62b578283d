"""An empty canonical CSV of a stream, and its contract in words: for whoever writes an export by a script of their own."""

from __future__ import annotations

from connectors.canonical import canonical_header
from data_contracts.load import Column, StreamContract, load_stream

TYPES = {
    "VARCHAR": "text",
    "DATE": "date, 2026-01-31",
    "BOOLEAN": "yes or no",
    "TIMESTAMP WITH TIME ZONE": "instant with offset, 2026-01-31T10:00:00+01:00",
    "BIGINT": "whole number",
    "INTEGER": "whole number",
    "DOUBLE": "number",
}


def template_headers(stream: str) -> list[str]:
    """The header row: the record id, every column of the contract, then change time and tombstone."""
    contract = load_stream(stream)
    return [f"{stream}_record_id", *map(canonical_header, contract.own_columns), "modified_at", "is_deleted"]


def template_columns(stream: str) -> list[tuple[str, str, str, str]]:
    """(header, required or optional, type, what it means) of every column."""
    contract = load_stream(stream)
    return [
        (
            f"{stream}_record_id",
            "required",
            "text",
            "Your lasting id of the record: the same id again is a later state.",
        ),
        *map(_explain, contract.own_columns),
        ("modified_at", "optional", TYPES["TIMESTAMP WITH TIME ZONE"], "When you last changed the record."),
        ("is_deleted", "optional", "yes or no", "yes where the record is gone."),
    ]


def template_rules(stream: str) -> list[str]:
    """How to write a canonical CSV, in sentences."""
    contract: StreamContract = load_stream(stream)
    return [
        contract.description,
        "Comma-separated, UTF-8, one header row; columns in any order, optional ones left out at will. An empty cell is unknown.",
        f"Recognised by its header: format workledger__{stream}.",
    ]


def _explain(column: Column) -> tuple[str, str, str, str]:
    kind = TYPES.get(column.type, "decimal number, 1234.50" if column.type.startswith("DECIMAL") else column.type)
    if column.name.endswith("_us"):
        kind = "hours, 7.5 or 7:30"
    if column.accepted:
        kind = "one of " + ", ".join(column.accepted)
    description = column.description.replace("in microseconds", "in hours")
    return canonical_header(column), "required" if column.required else "optional", kind, description
