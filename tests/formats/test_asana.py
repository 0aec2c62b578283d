"""Asana's export by way of a spreadsheet, which puts rows above the header and columns without a name beside it."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.formats.conftest import Case, Extract


def test_a_spreadsheet_on_the_way_changes_nothing(extracted: Extract, cases: dict[str, Case]) -> None:
    case = cases["asana__tasks"]
    rows = list(csv.reader(io.StringIO(case.export.decode())))
    preface: list[list[str]] = [[], ["", "", "https://app.asana.com/-/csv"], []]
    sheet = io.StringIO()
    csv.writer(sheet).writerows([*row, *[""] * (len(rows[0]) + 2 - len(row))] for row in [*preface, *rows])
    plain = extracted(("export.csv", case.export), **case.given)
    detour = extracted(("export.csv", sheet.getvalue().encode()), **case.given)
    assert (detour.only.status, detour.only.format, detour.only.drift) == ("mapped", "asana__tasks", ())
    both = [
        [{name: value for name, value in row.items() if name != "delivery_id"} for row in done.rows("tasks")]
        for done in (plain, detour)
    ]
    assert both[0] == both[1]
    assert len(both[0]) == 5
