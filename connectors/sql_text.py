"""Names and values written into SQL text, where a statement takes no parameters."""

from __future__ import annotations

from collections.abc import Iterable


def quoted(name: str) -> str:
    """A SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """A SQL string: a text or a path."""
    return "'" + str(value).replace("'", "''") + "'"


def literals(values: Iterable[object]) -> str:
    """A list of SQL strings, in square brackets."""
    return "[" + ", ".join(map(literal, values)) + "]"
