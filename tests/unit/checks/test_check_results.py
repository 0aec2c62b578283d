"""CheckResults survive the way through JSON; values that JSON has no word for become text."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.checks.results import (
    CheckResult,
    from_json,
    json_value,
    read_results,
    to_json,
    write_results,
)

TEXT = st.text(max_size=20)
SAMPLES = st.lists(st.dictionaries(TEXT, st.none() | st.booleans() | st.integers() | TEXT, max_size=3), max_size=3)
RESULT = st.builds(
    CheckResult,
    rule=TEXT,
    table=TEXT,
    severity=st.sampled_from(["blocks", "warns"]),
    status=st.sampled_from(["passed", "failed", "errored", "skipped"]),
    run_id=TEXT,
    phase=st.sampled_from(["stream", "model", "published"]),
    rows_failed=st.none() | st.integers(min_value=0),
    observed=TEXT,
    detail=TEXT,
    sample=SAMPLES.map(tuple),
    owner=TEXT,
    seconds=st.floats(min_value=0, max_value=1e6),
)


@given(st.lists(RESULT, max_size=4).map(tuple))
def test_round_trip(results: tuple[CheckResult, ...]) -> None:
    assert from_json(to_json(results)) == results


def test_files(tmp_path: Path) -> None:
    written = (CheckResult("r", "t", "blocks", "failed", "run", "model", 3, "3 rows", "détail", ({"n": 1},)),)
    write_results(tmp_path / "checks.json", written)
    assert read_results(tmp_path / "checks.json") == written


def test_an_unknown_status_is_refused() -> None:
    text = to_json([CheckResult("r", "t", "blocks", "passed", "run", "model")]).replace("passed", "fine")
    with pytest.raises(ValueError, match="'fine'"):
        from_json(text)


def test_dates_and_decimals_become_text() -> None:
    assert json_value(dt.date(2026, 3, 29)) == "2026-03-29"
    assert json_value(dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC)) == "2026-03-29T01:00:00+00:00"
    assert json_value(Decimal("1.10")) == "1.10"
    assert json_value(None) is None
