"""The canonical CSV of each stream, derived from its contract: for sources that no other format fits.

File ``workledger__<stream>``: comma, UTF-8, a header ``<stream>_record_id`` (unique, which also makes the file known as this
stream), then the contract's column names in any order, optional ones left out at will. What is written differently from the
contract's storage:

- a column ``<name>_us`` is given as ``<name>_hours``: decimal hours (7.5) or h:mm[:ss];
- dates as 2026-01-31; instants with their offset (2026-01-31T10:00:00+01:00, …Z), or local in the source's zone;
- booleans as yes/no or true/false;
- ``modified_at`` (instant) and ``is_deleted`` (boolean) may be given.

>>> list(canonical_format("people").streams)
['people']
"""

from __future__ import annotations

from connectors.format_spec import FormatSpec, build_format
from data_contracts.load import Column, load_stream


def canonical_format(stream: str) -> FormatSpec:
    """The format of the canonical CSV of one stream."""
    contract = load_stream(stream)
    record_id = f"{stream}_record_id"
    own = contract.own_columns
    instants = any(column.type == "TIMESTAMP WITH TIME ZONE" for column in own)
    document = {
        "format": f"workledger__{stream}",
        "version": contract.version,
        "description": f"Canonical CSV. {contract.description}",
        "read": {"kind": "delimited"},
        "headers": {
            "required": [record_id, *(canonical_header(column) for column in own if column.required)],
            "optional": [
                *(canonical_header(column) for column in own if not column.required),
                "modified_at",
                "is_deleted",
            ],
        },
        "options": {"zone": {"description": "Zone of instants written without an offset.", "default": "UTC"}},
        "streams": {
            stream: {
                "key": [f'"{record_id}"'],
                "modified_at": "parse_instant(\"modified_at\", option('zone'))",
                "deleted": 'parse_boolean("is_deleted")',
                "columns": {column.name: _expression(column) for column in own},
            }
        },
    }
    if not instants:
        document["options"]["zone"]["description"] += " Only modified_at is one."  # type: ignore[index]
    return build_format(document, f"canonical CSV of {stream}")


def canonical_header(column: Column) -> str:
    """Header that a contract column has in the canonical CSV."""
    return column.name.removesuffix("_us") + "_hours" if column.name.endswith("_us") else column.name


def _expression(column: Column) -> str:
    text = f'"{canonical_header(column)}"'
    if column.name.endswith("_us"):
        return f"parse_duration({text})"
    if column.type == "TIMESTAMP WITH TIME ZONE":
        return f"parse_instant({text}, option('zone'))"
    if column.type == "DATE":
        return f"parse_date({text})"
    if column.type == "BOOLEAN":
        return f"parse_boolean({text})"
    if column.type.startswith("DECIMAL"):
        return f"parse_decimal({text})"
    return text
