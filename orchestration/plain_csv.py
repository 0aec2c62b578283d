"""CSV that people open in a spreadsheet: missing is empty, truth as in SQL, and no text that would be run as a formula."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Rows = Sequence[Sequence[Any]]
# A spreadsheet takes text that begins with one of these for a formula, blanks before it or not.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(columns: Sequence[str], rows: Rows) -> str:
    """CSV with a header row. Numbers stay as they are; text that starts like a formula gets an apostrophe before it."""
    buffer = io.StringIO()
    # The writer quotes a text for the characters of its own line end: with both of them a lone carriage return stays in its cell.
    writer = csv.writer(buffer, lineterminator="\r\n")
    lines: list[str] = []
    for row in (columns, *rows):
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([_plain(value) for value in row])
        lines.append(buffer.getvalue().removesuffix("\r\n"))
    return "\n".join(lines) + "\n"


def write_csv(path: Path, columns: Sequence[str], rows: Rows) -> None:
    """Write a new CSV file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        file.write(as_csv(columns, rows))


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and (value.startswith(FORMULA_STARTS) or value.lstrip(" ").startswith(FORMULA_STARTS)):
        return f"'{value}"
    return value
