"""Months that were closed half-way: books and adjustments are what the definitions say, for organisations nobody thought of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.closes import write_rows
from tests.oracle.closes import COLUMNS, NAMES, adjustments, cut
from tests.oracle.organisation import Pack
from tests.oracle.packs import POLICIES, build, pack_of
from tests.oracle.published import published
from tests.oracle.random_organisations import draw_organisations
from tests.oracle.verdict import read
from tests.warehouse.warehouse_build import failed_data_tests, open_build

MONTHS = (date(2026, 2, 1), date(2026, 3, 1))
CLOSED_AT = datetime(2026, 4, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def pack() -> Pack:
    """Under a policy by whose day both months are over."""
    return pack_of(draw_organisations(30, first_seed=11), POLICIES[1])


@pytest.fixture(scope="module")
def folder(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of today over the books of then."""
    then, now = (tmp_path_factory.mktemp("closes") / name for name in ("then", "now"))
    build(cut(pack), then).close()
    build(pack, now, inputs=_closed(then, pack)).close()
    return now


def _closed(then: Path, pack: Pack) -> dict[str, list[Mapping[str, Any]]]:
    """The tables of a close, as `workledger close` writes its rows."""
    files = [then / f"{month:%Y-%m}.parquet" for month in MONTHS]
    for month, file in zip(MONTHS, files, strict=True):
        write_rows(then / "analyst.duckdb", f"{month:%Y-%m}", file)
    rows = duckdb.sql(f"from read_parquet({[str(file) for file in files]})").to_arrow_table().to_pylist()
    known = [item.delivery_id for _, organisation in cut(pack).items() for item in organisation.deliveries]
    return {
        "workspace.closed_activities": rows,
        "workspace.closed_months": [
            {"month_start_date": month, "month_end_date": _end(month), "closed_at": CLOSED_AT, "closed_version": "v"}
            for month in MONTHS
        ],
        "workspace.closed_deliveries": [
            {"month_start_date": month, "delivery_id": delivery} for month in MONTHS for delivery in known
        ],
    }


def _end(month: date) -> date:
    return date(2026, 2, 28) if month.month == 2 else date(2026, 3, 31)


def test_books_and_adjustments_are_what_the_definitions_say(pack: Pack, folder: Path) -> None:
    then, now = read(cut(pack)), read(pack)
    expected: Counter[tuple[Any, ...]] = Counter()
    for tenant in pack.tenants:
        expected += adjustments(then[tenant], now[tenant], MONTHS)
    with open_build(folder) as connection:
        rows = published(connection, "core.fct_adjustments")
    names = {"booking": (*COLUMNS, *NAMES), "reversal": COLUMNS}
    found = Counter(tuple(row[name] for name in names[row["adjustment_entry"]]) for row in rows)
    assert found == expected, f"not there: {list(expected - found)[:2]}, beside: {list(found - expected)[:2]}"
    kinds = {(row[COLUMNS.index("adjustment_kind")], row[COLUMNS.index("adjusted_by")]) for row in expected}
    assert kinds >= {("added", "delivery"), ("removed", "delivery"), ("changed", "delivery"), ("changed", "rule")}


def test_books_and_adjustments_come_to_what_is_known_now(folder: Path) -> None:
    assert [result for result in failed_data_tests(folder) if result.severity == "blocks"] == []
    with open_build(folder) as connection:
        rows = published(connection, "marts.mart_reconciliation__closed_month")
    assert [row["difference_us"] for row in rows] == [0, 0]
    assert sum(row["changed_entries"] for row in rows) > 0
