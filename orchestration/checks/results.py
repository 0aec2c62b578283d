"""One record for what a check said, whoever ran it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args

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


def to_json(results: tuple[CheckResult, ...] | list[CheckResult]) -> str:
    """Results as a JSON list, one object a result."""
    return json.dumps([asdict(result) for result in results], default=json_value, indent=1, ensure_ascii=False)


def from_json(text: str) -> tuple[CheckResult, ...]:
    """The results that ``to_json`` wrote. Raises ValueError for a severity, status or phase that does not
    exist.
    """
    return tuple(_result(entry) for entry in json.loads(text))


def write_results(path: Path, results: tuple[CheckResult, ...] | list[CheckResult]) -> None:
    """Write results for whoever decides in another process."""
    path.write_text(to_json(results), encoding="utf-8")


def read_results(path: Path) -> tuple[CheckResult, ...]:
    """Read what ``write_results`` wrote."""
    return from_json(path.read_text(encoding="utf-8"))


def json_value(value: Any) -> Any:
    """A value as JSON can hold it: dates and instants as ISO text, everything else unknown as its text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return str(value)


def _result(entry: dict[str, Any]) -> CheckResult:
    for field, allowed in (("severity", Severity), ("status", Status), ("phase", Phase)):
        if entry[field] not in get_args(allowed):
            raise ValueError(f"{entry['rule']}: {field} {entry[field]!r} is none of {get_args(allowed)}")
    return CheckResult(**{**entry, "sample": tuple(entry["sample"])})
