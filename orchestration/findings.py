"""What was looked at to prove that all is as it was recorded, and what was found not to be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data_contracts.errors import WorkledgerError

RESTORE = "Restore it from a back-up and verify again."
BUILD_AGAIN = "Roll back to a version that verifies, or publish again with: workledger refresh --force"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was recorded. ``rule`` is what was being proved."""

    rule: str
    what: str
    where: str
    remedy: str

    def __str__(self) -> str:
        return str(WorkledgerError(self.what, where=self.where, remedy=self.remedy))


class Notes:
    """Counts what was looked at, by rule, and keeps what was found."""

    def __init__(self) -> None:
        self.verified: dict[str, int] = {}
        self.findings: list[Finding] = []

    def saw(self, rule: str, count: int = 1) -> None:
        """Something was looked at, whatever was found."""
        self.verified[rule] = self.verified.get(rule, 0) + count

    def found(self, rule: str, what: str, where: Path | str, remedy: str) -> None:
        """Something is not as it was recorded."""
        self.findings.append(Finding(rule, what, str(where), remedy))
