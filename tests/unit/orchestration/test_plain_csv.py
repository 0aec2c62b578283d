"""CSV for spreadsheets: text stays text, numbers stay numbers."""

from __future__ import annotations

import csv
import io
import stat
from datetime import date
from pathlib import Path

import pytest

from orchestration.plain_csv import as_csv, write_csv


@pytest.mark.parametrize("start", ["=1+1", "+49 30", "-x", "@sum(A1)", "\tx", "\r=x", " =x", "\n=x"])
def test_text_that_a_spreadsheet_would_run_is_text(start: str) -> None:
    (_, (value,)) = csv.reader(io.StringIO(as_csv(["a"], [[start]]), newline=""))
    assert value == f"'{start}"


def test_values_that_are_no_text_stay() -> None:
    assert as_csv(["a", "b", "c", "d"], [[-1.5, None, True, date(2026, 1, 2)]]) == "a,b,c,d\n-1.5,,true,2026-01-02\n"


def test_a_column_may_not_be_a_formula_either() -> None:
    assert as_csv(["=x"], []) == "'=x\n"


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", ["a"], [["é"]])
    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o600
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "a\né\n"
