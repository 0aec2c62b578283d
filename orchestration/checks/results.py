"""One record for what a check said, whoever ran it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

Severity = Literal["blocks", "warns"]
Status = Literal["passed", "failed", "errored", "skipped"]
Phase = Literal["stream", "model", "published"]


@dataclass(frozen=True)
class CheckResult:
    """What one check said in one run.

    ``rule`` is the check's constant name, ``table`` is ``<schema>.<table>``. ``rows_failed`` is None where
    rows are not what is counted or the check did not run. ``observed`` is a short figure fit for every
    audience; ``detail`` and ``sample`` are for operators and stay out of published files. ``sample`` rows
    hold JSON values only, never personal or private columns.
    """

    rule: str
    table: str
    severity: Severity
    status: Status
    run_id: str
    phase: Phase
    rows_failed: int | None = None
    observed: str = ""
    detail: str = ""
    sample: tuple[dict[str, Any], ...] = ()
    owner: str = ""
    seconds: float = 0.0


def write_results(path: Path, results: Iterable[CheckResult]) -> None:
    """Write results for whoever operates it: a JSON list, one object a result."""
    told = [asdict(result) for result in results]
    path.write_text(json.dumps(told, default=json_value, indent=1, ensure_ascii=False), encoding="utf-8")


def json_value(value: Any) -> Any:
    """A value as JSON can hold it: dates and instants as ISO text, everything else unknown as its text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return str(value)
