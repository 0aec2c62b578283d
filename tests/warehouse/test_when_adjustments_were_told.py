"""An adjustment has the date of the delivery since which the source says what it says now, however often it says it again."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from data_contracts.load import load_streams
from tests.warehouse.closed_books import WHOLE, close_february
from tests.warehouse.people_rows import employee, worked
from tests.warehouse.warehouse_build import PROJECT, Warehouse

MONDAY = date(2026, 2, 2)
Told = tuple[str, str, int | None]


def march(day: int) -> datetime:
    return datetime(2026, 3, day, 12, tzinfo=UTC)


def entry(name: str, record: str, hours: float = 8, **values: Any) -> dict[str, Any]:
    return {"source_record_id": record, **worked(name, MONDAY, hours, **values)}


def struck(name: str, record: str) -> dict[str, Any]:
    return {**entry(name, record), "is_deleted": True}


STAYS = [entry("ann", "same"), entry("cy", "moved", 5)]
#: Whole exports of February, and what the other source has to say of it, by their day.
TRACKER = {
    1: [*STAYS, entry("ann", "edited"), entry("bob", "gone"), entry("cy", "and back"), entry("dee", "blinks", 1)],
    5: [*STAYS, entry("ann", "edited", 6), entry("bob", "gone"), entry("cy", "and back", 4), entry("dee", "blinks")],
    12: [*STAYS, entry("ann", "edited", 6), entry("bob", "gone"), entry("cy", "and back", 4), entry("dee", "late")],
    20: [*STAYS, entry("ann", "edited", 6), entry("cy", "and back"), entry("dee", "blinks"), entry("dee", "late")],
    26: [*STAYS, entry("ann", "edited", 6), entry("cy", "and back"), entry("dee", "blinks"), entry("dee", "late")],
}
CHANGES = {
    1: [entry("bob", "struck"), entry("bob", "struck and back"), entry("cy", "saved again")],
    5: [entry("bob", "unrelated"), entry("cy", "saved again", source_modified_at=march(4), note="as agreed")],
    15: [struck("bob", "struck and back")],
    20: [struck("bob", "struck")],
    26: [struck("bob", "struck"), entry("bob", "struck and back", 2)],
}


@pytest.fixture(scope="module")
def told(module_warehouse: Warehouse) -> dict[str, set[Told]]:
    """Of each record: what became of it, by what, and on which day of March. February was closed on the exports of the first."""
    warehouse = module_warehouse
    for source in ("hr", "toggl", "jira"):
        warehouse.source(source)
    people = [employee(name) for name in ("ann", "bob", "cy", "dee")]
    warehouse.deliver("hr", "people", people, mode="full", extracted_at=march(1))
    for day in TRACKER:
        warehouse.deliver("toggl", "time_entries", TRACKER[day], extracted_at=march(day), **WHOLE)
        warehouse.deliver("jira", "time_entries", CHANGES.get(day, []), extracted_at=march(day))
        if day == 1:
            warehouse.build("+fct_activities")
            close_february(warehouse, march(1))
    warehouse.deliver("jira", "time_entries", CHANGES[15], extracted_at=march(15))
    warehouse.deliver("toggl", "time_entries", [], extracted_at=march(16), is_complete=False, **WHOLE)
    warehouse.deliver("hr", "people", [employee("cy", team_name="Support")], extracted_at=march(10))
    warehouse.build("+fct_adjustments")
    found: dict[str, set[Told]] = {}
    for row in warehouse.rows("from analyst.core.fct_adjustments"):
        told_on = row["adjusted_at"].day if row["adjusted_at"] else None
        found.setdefault(row["source_record_id"], set()).add((row["adjustment_kind"], row["adjusted_by"], told_on))
    return found


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param("edited", ("changed", "delivery", 5), id="an edit is not told again by the next export"),
        pytest.param("late", ("added", "delivery", 12), id="nor is what came late"),
        pytest.param("blinks", ("changed", "delivery", 20), id="one that was gone in between is told when it returns"),
        pytest.param("gone", ("removed", "delivery", 20), id="by the first whole export without it"),
        pytest.param("struck", ("removed", "delivery", 20), id="by its tombstone, and not when that is sent again"),
        pytest.param("struck and back", ("changed", "delivery", 26), id="a tombstone too is an interruption"),
        pytest.param("unrelated", ("added", "delivery", 5), id="of two sources each tells its own"),
        pytest.param("moved", ("changed", "rule", None), id="who only changed teams was told by no export"),
        pytest.param("and back", ("changed", "rule", None), id="nor was what reads as it did at the close"),
        pytest.param("saved again", ("changed", "rule", None), id="neither a note nor saving it again is a change"),
    ],
)
def test_an_adjustment_is_told_once(told: dict[str, set[Told]], record: str, expected: Told) -> None:
    assert told[record] == {expected}


def test_what_did_not_change_is_no_adjustment(told: dict[str, set[Told]]) -> None:
    assert "same" not in told


def test_what_a_source_says_is_every_column_of_the_stream_but_the_note() -> None:
    """A column that the contract gains is one in which an entry can differ."""
    macro = (PROJECT / "macros" / "books.sql").read_text(encoding="utf-8").partition("macro said_of_time_entry")[2]
    envelope = {"source", "source_record_id", "delivery_id", "_row", "source_modified_at", "is_deleted", "extras"}
    columns = {column.name for column in load_streams()["time_entries"].columns}
    assert set(re.findall(r"'(\w+)'", macro)) == columns - envelope - {"note"}
