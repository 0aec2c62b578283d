"""What an export says above its header decides which days it covers and when it was made."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from connectors.format_spec import build_format
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    from tests.unit.connectors.conftest import Bench

ABOVE = "Acme report\nPeriod: 05.01.2026 - 11.01.2026\nExported 12.01.2026 08:15\n"
HEAD = "Id,Who,Day,Hours,Note\n"
PATTERN = r"Period: (?P<coverage_from>[\d.]+) - (?P<coverage_to>[\d.]+)[\s\S]*Exported (?P<extracted_at>[\d. :]+)"


def with_preface(bench: Bench, **changes: Any) -> None:
    bench.document["read"] = {"kind": "delimited", "header_within": 5}
    bench.document["preface"] = {
        "pattern": PATTERN,
        "date_format": "%d.%m.%Y",
        "moment_format": "%d.%m.%Y %H:%M",
        **changes,
    }


def test_an_export_says_what_it_covers(bench: Bench) -> None:
    with_preface(bench)
    bench.write("a.csv", ABOVE + HEAD + "1,a,2026-01-05,1,x\n")
    (outcome,) = bench.run(mode="window", format="acme__entries", zone="Europe/Berlin")
    (row,) = bench.ledger("deliveries")
    assert outcome.status == "mapped"
    assert (row["mode"], row["coverage_from"], row["coverage_to"]) == ("window", "2026-01-05", "2026-01-11")
    assert (row["extracted_at"], row["extracted_at_basis"]) == ("2026-01-12T07:15:00+00:00", "content")


def test_the_export_goes_before_its_name(bench: Bench) -> None:
    with_preface(bench)
    bench.write("2026-03.csv", ABOVE + HEAD + "1,a,2026-01-05,1,x\n")
    bench.run(mode="window", format="acme__entries", file_name=r"(?P<coverage_from>\d{4}-\d{2})")
    assert bench.ledger("deliveries")[0]["coverage_from"] == date(2026, 1, 5).isoformat()


def test_a_workbook_says_it_too(bench: Bench) -> None:
    with_preface(bench)
    bench.document["read"] = {"kind": "spreadsheet", "header_within": 5}
    path = bench.root / "inbox" / "a.xlsx"
    path.parent.mkdir(exist_ok=True)
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    cells = [
        ["Acme report"],
        ["Period: 05.01.2026 - 11.01.2026"],
        ["", "Exported 12.01.2026 08:15"],
        HEAD.strip().split(","),
    ]
    for number, row in enumerate([*cells, ["1", "a", "2026-01-05", "1", "x"]]):
        sheet.write_row(number, 0, row)
    book.close()
    (outcome,) = bench.run(files=("*.xlsx",), mode="window", format="acme__entries")
    assert (outcome.status, outcome.problem) == ("mapped", None)
    assert bench.ledger("deliveries")[0]["coverage_to"] == "2026-01-11"


@pytest.mark.parametrize(
    ("above", "complaint"),
    [
        ("Acme report\n", "do not say what the format expects"),
        (ABOVE.replace("05.01.2026", "31.31.2026"), "'31.31.2026' above the header is not a date"),
        (ABOVE.replace("11.01.2026", "01.01.2026"), "ends before it begins"),
    ],
)
def test_a_preface_that_cannot_be_read_rejects_the_file(bench: Bench, above: str, complaint: str) -> None:
    with_preface(bench)
    bench.write("a.csv", above + HEAD + "1,a,2026-01-05,1,x\n")
    (outcome,) = bench.run(format="acme__entries")
    assert outcome.status == "rejected"
    assert complaint in str(outcome.problem)


@pytest.mark.parametrize(
    ("preface", "read", "complaint"),
    [
        ({"pattern": "("}, {"kind": "delimited", "header_within": 3}, "not a regular expression"),
        ({"pattern": "(?P<until>x)"}, {"kind": "delimited", "header_within": 3}, "groups coverage_from"),
        ({"pattern": "(?P<coverage_from>x)"}, {"kind": "delimited"}, "above a header"),
    ],
)
def test_a_format_says_it_right(
    bench: Bench, preface: dict[str, Any], read: dict[str, Any], complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(WorkledgerError, match=complaint):
        build_format({**bench.document, "read": read, "preface": preface}, "here")
