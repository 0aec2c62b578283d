"""Columns that come, go and change their names are reported, since when, whatever the order in which the exports arrived."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.drift import header_drift

if TYPE_CHECKING:
    from tests.unit.connectors.conftest import Bench

COLUMNS = {"Who": "Who", "Person": "Who", "Note": "Note", "Hours": "Hours"}


def delivery(day: int, *headers: str, source: str = "acme") -> dict[str, Any]:
    return {
        "source": source,
        "format": "acme__entries",
        "file_name": f"{day}.csv",
        "delivery_id": f"{source}{day}",
        "extracted_at": f"2026-01-{day:02}",
        "coverage_to": None,
        "arrived_at": f"2026-02-{day:02}",
        "headers": [("export", header, COLUMNS[header]) for header in headers],
    }


def told(*deliveries: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["detail"], row["first_seen_at"]) for row in header_drift(deliveries)]


def test_a_column_that_vanished_is_said_with_the_first_export_without_it() -> None:
    with_note, without = delivery(1, "Who", "Note"), [delivery(day, "Who") for day in (2, 3)]
    assert told(with_note, *without) == [("vanished header: Note", "2026-02-02")]
    assert told(with_note, *without, delivery(4, "Who", "Note")) == []
    assert told(*without) == []


def test_another_spelling_is_a_renaming() -> None:
    assert told(delivery(1, "Who"), delivery(2, "Person")) == [("renamed header: Who is now Person", "2026-02-02")]
    assert told(delivery(1, "Person"), delivery(2, "Who"), delivery(3)) == [("vanished header: Who", "2026-02-03")]


def test_sources_are_apart_and_exports_of_one_moment_together() -> None:
    assert told(delivery(1, "Who"), delivery(2, "Hours", source="other")) == []
    one, other = delivery(2, "Who"), delivery(2, "Hours") | {"delivery_id": "b"}
    assert told(delivery(1, "Who", "Hours"), one, other) == []


@given(st.lists(st.sets(st.sampled_from(sorted(COLUMNS))), max_size=5), st.integers(0, 100))
def test_the_order_of_arrival_does_not_matter(exports: list[set[str]], seed: int) -> None:
    deliveries = [delivery(day, *sorted(headers)) for day, headers in enumerate(exports, start=1)]
    shuffled = list(deliveries)
    Random(seed).shuffle(shuffled)
    assert header_drift(shuffled) == header_drift(deliveries)
    latest = {COLUMNS[header] for header in exports[-1]} if exports else set()
    ever = {COLUMNS[header] for headers in exports for header in headers}
    gone = {detail for detail, _ in told(*deliveries) if detail.startswith("vanished")}
    assert {COLUMNS[detail.removeprefix("vanished header: ")] for detail in gone} == ever - latest
    assert len(gone) == len(ever - latest)


def test_the_ledger_knows_the_headers_of_files(bench: Bench) -> None:
    bench.write("a.csv", "Id,Who,Day,Hours,Note\n1,a,2026-01-05,1,x\n")
    bench.run()
    bench.write("b.csv", "Id,Person,Day,Hours\n2,a,2026-01-05,1\n")
    bench.run()
    assert [row["detail"] for row in header_drift(bench.ledger("headers"))] == [
        "vanished header: Note",
        "renamed header: Who is now Person",
    ]


def test_a_new_header_is_known_since_its_first_export(bench: Bench) -> None:
    for name in ("a.csv", "b.csv"):
        bench.write(name, f"Id,Who,Day,Hours,Mood\n{name},a,2026-01-05,1,x\n")
        bench.run()
    drift = [row for row in bench.ledger("problems") if row["rule"] == "header_drift"]
    assert len(drift) == 2
    assert len({row["first_seen_at"] for row in drift}) == 1
