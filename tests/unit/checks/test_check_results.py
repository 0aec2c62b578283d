"""Results are written for people and programs; values that JSON has no word for become text."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

from orchestration.checks.results import CheckResult, json_value, write_results


def test_results_are_written_whole(tmp_path: Path) -> None:
    result = CheckResult(
        "r", "t", "blocks", "failed", "run", "model", 3, "3 rows", "détail", ({"n": dt.date(2026, 3, 29)},)
    )
    write_results(tmp_path / "checks.json", [result])
    (told,) = json.loads((tmp_path / "checks.json").read_text(encoding="utf-8"))
    assert told == asdict(result) | {"sample": [{"n": "2026-03-29"}]}


def test_dates_and_decimals_become_text() -> None:
    assert json_value(dt.date(2026, 3, 29)) == "2026-03-29"
    assert json_value(dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC)) == "2026-03-29T01:00:00+00:00"
    assert json_value(Decimal("1.10")) == "1.10"
    assert json_value(None) is None
