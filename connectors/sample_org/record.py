"""What was written and what was planted: the truth that tests and the first screen compare with."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

US_PER_SECOND = 1_000_000


@dataclass
class FileTruth:
    """One file: whole rows in it and the time they carry, integer microseconds (0 where rows carry none).

    ``is_current``: no later export of the same window replaces it.
    """

    source: str
    stream: str
    file: str
    rows: int
    us: int
    is_current: bool = True


@dataclass
class Fault:
    """One planted fault. ``lines`` are line numbers in the file, header = 1; ``rule`` is what should find
    it.
    """

    fault: str
    rule: str
    source: str
    file: str
    lines: list[int]
    detail: dict[str, Any]


@dataclass
class Record:
    files: list[FileTruth] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def totals(self) -> dict[str, dict[str, dict[str, int]]]:
        """Per source and stream: files, rows and time as delivered, and rows and time that are current."""
        out: dict[str, dict[str, dict[str, int]]] = {}
        for one in self.files:
            total = out.setdefault(one.source, {}).setdefault(
                one.stream,
                {"files": 0, "rows_delivered": 0, "us_delivered": 0, "rows_current": 0, "us_current": 0},
            )
            total["files"] += 1
            total["rows_delivered"] += one.rows
            total["us_delivered"] += one.us
            if one.is_current:
                total["rows_current"] += one.rows
                total["us_current"] += one.us
        return out

    def write(self, path: Path, asked: dict[str, Any]) -> None:
        body = {
            "asked": asked,
            "sources": self.totals(),
            "files": [asdict(one) for one in self.files],
            "faults": [asdict(one) for one in self.faults],
        }
        path.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
