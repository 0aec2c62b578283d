"""What every reader hands on: text tables in DuckDB and what is known of their headers. Also how headers are made ready."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from connectors.format_spec import Headers
from data_contracts.errors import WorkledgerError

ROW = "_row"
MOST_COLUMNS = 2_000


@dataclass(frozen=True)
class TextTable:
    """One part of an export as text in DuckDB.

    Rows are in table ``raw_<name>`` with ``columns`` (all VARCHAR, in file order); ``rejected_<name>`` (line BIGINT, reason,
    value) holds lines that could not be read as a row, where ``has_rejected``. ``absent`` are optional headers the file lacks,
    ``unknown`` headers that the format does not know (drift). ``spelled`` pairs each header of a header row with the column it is
    known as. ``prefix`` comes before the names of tables put aside.
    """

    name: str
    columns: tuple[str, ...]
    absent: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    spelled: tuple[tuple[str, str], ...] = ()
    has_rejected: bool = False
    prefix: str = ""

    @property
    def raw(self) -> str:
        """Table of the rows."""
        return f"{self.prefix}raw_{self.name}"

    @property
    def rejected(self) -> str:
        """Table of the lines that are not rows."""
        return f"{self.prefix}rejected_{self.name}"


def usable_headers(cells: Iterable[str]) -> tuple[str, ...]:
    """Column names from header cells: trimmed, blanks numbered, repeats (letter case apart) as Name, Name__2, Name__3.

    Raises WorkledgerError where there are more columns than any export has.

    >>> usable_headers([" Comment", "Comment", "", "comment"])
    ('Comment', 'Comment__2', 'column_3', 'comment__3')
    """
    cells = list(cells)
    if len(cells) > MOST_COLUMNS:
        raise WorkledgerError(
            f"The file has {len(cells):,} columns, more than the {MOST_COLUMNS:,} that are read",
            remedy="Export fewer; keys seem to be data there.",
        )
    names: list[str] = []
    taken: set[str] = {ROW}
    for position, cell in enumerate(cells, start=1):
        base = " ".join(cell.replace("\0", "").split()) or f"column_{position}"  # SQL has no name with a zero byte
        name, count = base, 1
        while name.lower() in taken:
            count += 1
            name = f"{base}__{count}"
        taken.add(name.lower())
        names.append(name)
    return tuple(names)


def known_names(found: Sequence[str], headers: Headers) -> tuple[str, ...]:
    """The headers found, under the names the format knows: a renamed one gets its known name where that is not taken."""
    present = set(found)
    other = {
        spelling: name
        for name, spellings in headers.renamed.items()
        if name not in present
        for spelling in spellings
        if spelling in present
    }
    taken: set[str] = set()
    names: list[str] = []
    for header in found:
        name = other.get(header, header)
        names.append(header if name in taken else name)
        taken.add(name)
    return tuple(names)


def missing_headers(found: Sequence[str], headers: Headers) -> tuple[str, ...]:
    """Required headers that are not among those found."""
    names = set(known_names(found, headers))
    return tuple(name for name in headers.required if name not in names)


def unknown_headers(found: Sequence[str], headers: Headers) -> tuple[str, ...]:
    """Headers that the format neither maps nor lists as known; repeats of a known header are known."""
    expected = {*headers.required, *headers.optional, *headers.renamed}
    return tuple(
        name
        for name in known_names(found, headers)
        if name.rsplit("__", 1)[0] not in expected
        and name not in expected
        and not any(fnmatchcase(name, pattern) for pattern in headers.known)
    )
