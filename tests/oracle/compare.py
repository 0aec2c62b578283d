"""Where the oracle and the warehouse differ, told by tenant."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Row = Mapping[str, Any]

#: Sums of hours are sums of microseconds divided once: what differs by less than this is the last bit of a double.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Difference:
    """One number, or one row, that the two do not have alike."""

    table: str
    key: tuple[Any, ...]
    column: str
    expected: Any
    published: Any

    def __str__(self) -> str:
        key = ", ".join(str(part) for part in self.key)
        return f"{self.table} [{key}] {self.column}: oracle {self.expected!r}, warehouse {self.published!r}"


def differences(table: str, keys: Sequence[str], expected: Iterable[Row], published: Iterable[Row]) -> list[Difference]:
    """Rows by key; every column that the oracle knows is compared."""
    ours, theirs = _by_key(table, keys, expected), _by_key(table, keys, published)
    found = []
    for key in sorted({*ours, *theirs}, key=lambda key: tuple(str(part) for part in key)):
        if key not in ours:
            found.append(Difference(table, key, "row", "none", _brief(theirs[key])))
        elif key not in theirs:
            found.append(Difference(table, key, "row", _brief(ours[key]), "none"))
        else:
            found += [
                Difference(table, key, column, value, theirs[key][column])
                for column, value in ours[key].items()
                if not same(value, theirs[key][column])
            ]
    return found


def same(one: Any, other: Any) -> bool:
    """Equal values; floating-point numbers within TOLERANCE; NULL only with NULL."""
    if isinstance(one, float) or isinstance(other, float):
        if one is None or other is None:
            return one is other
        return math.isclose(float(one), float(other), rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(one == other)


def _by_key(table: str, keys: Sequence[str], rows: Iterable[Row]) -> dict[tuple[Any, ...], Row]:
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(row[name] for name in keys)
        if key in found:
            raise AssertionError(f"{table} has two rows for {key}")
        found[key] = row
    return found


def _brief(row: Row) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row.items()
        if value not in (None, 0) and not name.endswith("_key")
    }
