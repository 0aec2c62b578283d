"""How rows, numbers and progress look in a terminal."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

# Text that goes into a file or a pipe is not wrapped at 80 columns.
PIPE_WIDTH = 240
out = Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
err = Console(stderr=True, highlight=False, emoji=False)

Rows = Sequence[Sequence[Any]]


def table(title: str, columns: Sequence[str], rows: Rows) -> Table:
    """A rich table; numbers are right-aligned. Brackets in a value are text, never markup."""
    named = Text(title, style="table.title") if title else None
    result = Table(title=named, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for index, column in enumerate(columns):
        numeric = all(isinstance(row[index], int | float | Decimal) or row[index] is None for row in rows)
        result.add_column(Text(column), justify="right" if numeric and rows else "left")
    for row in rows:
        result.add_row(*(Text(cell(value)) for value in row))
    return result


def print_rows(columns: Sequence[str], rows: Rows) -> None:
    """Rows as a table; each as a list of its columns where the table would be wider than the terminal."""
    texts = [[cell(value) for value in row] for row in rows]
    widths = [max(map(len, (name, *column))) for name, *column in zip(columns, *texts, strict=True)]
    if sum(widths) + 2 * len(widths) <= out.width:
        out.print(table("", columns, rows))
        return
    name_width = max(map(len, columns))
    for number, row in enumerate(texts, start=1):
        out.print(f"[bold]row {number}[/]")
        for name, text in zip(columns, row, strict=True):
            out.print(f"  {name:<{name_width}}  {text}", markup=False)


def cell(value: Any) -> str:
    """One value as text: missing is an em dash, never zero."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        return f"{value:,.2f}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S %Z").strip()
    return str(value)


def as_json(value: Any) -> str:
    """JSON with dates in ISO 8601 and decimals as numbers; what is no number in JSON (NaN, infinity) is null."""
    try:
        return json.dumps(value, default=_plain, ensure_ascii=False, indent=2, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), default=_plain, ensure_ascii=False, indent=2)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return str(value)


class ProgressLine:
    """Progress of a long command on stderr: a phase, counts and the time left. Silent where nobody watches."""

    def __init__(self, show: bool) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description:<32}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=err,
            transient=True,
            disable=not show,
        )
        self._task = self._progress.add_task("", total=None)

    def __call__(self, phase: str, done: int, total: int | None) -> None:
        self._progress.update(self._task, description=phase, completed=done, total=total)

    @contextmanager
    def running(self) -> Iterator[ProgressLine]:
        with self._progress:
            yield self


def progress_line(quiet: bool = False) -> ProgressLine:
    """Progress on stderr if that is a terminal."""
    return ProgressLine(show=err.is_terminal and not quiet)
