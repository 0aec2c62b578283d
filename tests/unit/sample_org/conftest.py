"""One small sample for the whole folder; it is read only."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.sample_org.write import write_sample_organisation

UNTIL = date(2026, 11, 20)


@dataclass(frozen=True)
class Sample:
    root: Path
    planted: dict[str, Any]

    def faults(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self.planted["faults"] if one["fault"] == name]


@pytest.fixture(scope="session")
def make_sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Sample]:
    def make(people: int = 150, months: int = 14, seed: int = 7) -> Sample:
        root = tmp_path_factory.mktemp("sample")
        write_sample_organisation(root, people=people, months=months, seed=seed, until=UNTIL)
        return Sample(root, json.loads((root / "planted_faults.json").read_text(encoding="utf-8")))

    return make


@pytest.fixture(scope="session")
def sample(make_sample: Callable[..., Sample]) -> Sample:
    """The default size: the one people see first."""
    return make_sample()
