"""What a refresh says while it runs. The command line and Dagster both listen to these and nothing else."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from orchestration.checks.results import CheckResult


@dataclass(frozen=True)
class Delivered:
    """A file that was new in this refresh, mapped or rejected."""

    source: str
    file_name: str
    format: str | None
    rows_loaded: int
    rows_quarantined: int
    problem: str | None


@dataclass(frozen=True)
class Materialised:
    """A table that was built: ``table`` is ``<schema>.<name>``."""

    table: str
    rows: int | None
    seconds: float
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """A check that ran."""

    result: CheckResult


@dataclass(frozen=True)
class Blocker:
    """A check that kept the version from being published."""

    rule: str
    table: str
    status: str
    detail: str
    owner: str
    rows_failed: int | None
    sample: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class RefreshReport:
    """The end of a refresh, always the last event. ``seconds`` is by phase. ``removed_exports`` counts those of which the bytes
    went, by age. A ``retention_problem`` is why what is old could not be removed; the new version is published all the same.
    """

    published: bool
    nothing_new: bool
    version: str | None
    seconds: dict[str, float]
    new_deliveries: int = 0
    blocked_by: tuple[Blocker, ...] = ()
    checks: dict[str, int] = field(default_factory=dict)
    build_folder: Path | None = None
    removed_versions: tuple[str, ...] = ()
    removed_exports: int = 0
    retention_problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The object that ``refresh --json`` ends with."""
        report = asdict(self)
        report["build_folder"] = str(self.build_folder) if self.build_folder else None
        report["seconds"] = {phase: round(value, 3) for phase, value in self.seconds.items()}
        return report


Event = Delivered | Materialised | Checked | RefreshReport
