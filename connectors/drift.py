"""Columns that came and went: what the latest export of a source no longer has, or has under another name.

A pure function of all deliveries, so that the order in which they arrived does not matter. Only kinds of export with a header row
tell: a field that no record of a JSON page has a value for has not vanished.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

Row = dict[str, Any]
Column = tuple[str, str]

VANISHED = "If nobody wants it any more, accept the gap; else ask for it when exporting."
RENAMED = "The format knows both names; accept the gap once the export is known to mean the same by it."


def header_drift(deliveries: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Problems as the ledger gives them: source, file_name, rule, severity, detail, remedy, first_seen_at, delivery_id.

    ``deliveries`` have source, format, file_name, delivery_id, extracted_at, coverage_to, arrived_at and ``headers``, a list of
    (part, header in the file, column it is known as).
    """
    ordered = sorted(deliveries, key=lambda row: (row["source"], row["format"], *_moment(row), row["delivery_id"]))
    return [
        problem
        for _, rows in groupby(ordered, key=itemgetter("source", "format"))
        for problem in _of_source(list(rows))
    ]


def _of_source(rows: list[Mapping[str, Any]]) -> Iterator[Row]:
    latest = [row for row in rows if _moment(row) == _moment(rows[-1])]
    earlier = rows[: len(rows) - len(latest)]
    now: dict[Column, set[str]] = {}
    for row in latest:
        for part, header, column in row["headers"]:
            now.setdefault((part, column), set()).add(header)
    last_with: dict[tuple[Column, str], int] = {}
    for position, row in enumerate(earlier):
        for part, header, column in row["headers"]:
            last_with[(part, column), header] = position
    gone = {key: position for key, position in last_with.items() if key[1] not in now.get(key[0], set())}
    for (column, header), position in sorted(gone.items()):
        if any(key == column and (at, other) > (position, header) for (key, other), at in last_with.items()):
            continue  # An older spelling still: the last one says it.
        first = rows[position + 1]
        if column in now:
            yield _problem(first, f"renamed header: {header} is now {' and '.join(sorted(now[column]))}", RENAMED)
        else:
            yield _problem(first, f"vanished header: {header}", VANISHED)


def _moment(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row["extracted_at"]), str(row["coverage_to"] or "")


def _problem(row: Mapping[str, Any], detail: str, remedy: str) -> Row:
    return {
        "source": row["source"],
        "file_name": row["file_name"],
        "rule": "header_drift",
        "severity": "warns",
        "detail": detail,
        "remedy": remedy,
        "first_seen_at": row["arrived_at"],
        "delivery_id": row["delivery_id"],
    }
