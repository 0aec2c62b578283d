"""Which values of a row a command may print: personal ones only to the person at the terminal, people's free text to nobody.

What a command prints may end in a log; a terminal is where the owner of the file sits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connectors.trial import QuarantinedRow
from data_contracts.load import load_stream

HIDDEN = "(hidden)"


def shown_value(value: Any, classification: str, personal: bool) -> Any:
    """The value, HIDDEN, or of private text how long it is. ``personal`` says that personal values may be shown."""
    if value is None:
        return None
    if classification == "private":
        return f"({len(str(value))} characters)"
    return HIDDEN if classification == "personal" and not personal else value


def shown_quarantine(row: QuarantinedRow, personal: bool) -> QuarantinedRow:
    """A quarantined value is raw text of the file: to the person at the terminal as it is, else only where it is harmless."""
    if personal or row.value is None:
        return row
    columns = load_stream(row.stream).columns if row.stream else ()
    classification = next((column.classification for column in columns if column.name == row.column), "private")
    # Several columns come as JSON, and among them may be one that is not harmless.
    return row if classification == "internal" and not row.value.startswith("{") else replace(row, value=HIDDEN)
