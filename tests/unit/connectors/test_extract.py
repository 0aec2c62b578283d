"""The whole way: what is new is taken in once, what changed is mapped again, what is wrong stops nothing else."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from connectors import arrivals, streams
from connectors.ledger import Ledger
from connectors.sources import Source
from connectors.streams import extract
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    from tests.unit.connectors.conftest import Bench

HEAD = "Id,Who,Day,Hours\n"
A = HEAD + "1,a,2026-01-05,1\n"
B = HEAD + "1,a,2026-01-05,2\n"


def test_a_file_that_is_as_it_was_is_not_even_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write("a.csv", A)
    assert len(bench.run()) == 1

    def fail(*args: Any) -> None:
        raise AssertionError("it was read again")

    monkeypatch.setattr(arrivals, "land", fail)
    monkeypatch.setattr(streams, "open_instance", fail)
    assert bench.run() == []


def test_a_new_time_stamp_on_the_same_bytes_is_nothing_new(bench: Bench) -> None:
    path = bench.write("a.csv", A)
    bench.run()
    os.utime(path, ns=(1, 1))
    assert bench.run() == []
    assert bench.run() == []
    assert len(bench.ledger("deliveries")) == 1


def test_a_then_b_then_a_again_are_three_deliveries(bench: Bench) -> None:
    for content in (A, B, A):
        bench.write("a.csv", content)
        assert len(bench.run()) == 1
    rows = bench.ledger("deliveries")
    assert len(rows) == 3
    assert rows[0]["sha256"] == rows[2]["sha256"] != rows[1]["sha256"]
    assert [hours for (hours,) in bench.rows(columns="duration_us / 3600000000")] == [1, 1, 2]


def test_one_content_at_two_paths_at_once_is_one_delivery(bench: Bench) -> None:
    bench.write("a.csv", A)
    bench.write("b.csv", A)
    assert len(bench.run()) == 1
    assert len(bench.ledger("deliveries")) == 1
    assert bench.run() == []


def test_deliveries_do_not_depend_on_the_order_of_arrival(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bench.source = Source(
        "acme", "acme__entries", ("*.csv",), bench.root / "inbox", mode="full", file_name=r"_(?P<extracted_at>\d{8})"
    )
    for name, content in (("e_20260101.csv", A), ("e_20260102.csv", B)):
        bench.write(name, content)
        bench.run()
    forward = bench.rows(columns="* exclude (_row)")
    for path in (bench.root / "inbox").iterdir():
        path.unlink()
    bench.store = type(bench.store)(bench.root / "data2", bench.store.formats)
    for name, content in (("e_20260102.csv", B), ("e_20260101.csv", A)):
        bench.write(name, content)
        bench.run()
    assert bench.rows(columns="* exclude (_row)") == forward


def test_one_bad_file_does_not_stop_the_others(bench: Bench) -> None:
    bench.write("a.csv", "")
    bench.write("b.csv", A)
    assert [outcome.status for outcome in bench.run()] == ["rejected", "mapped"]
    (problem,) = bench.ledger("problems")
    assert (problem["rule"], problem["file_name"], problem["severity"]) == ("delivery_rejected", "a.csv", "warns")
    assert problem["remedy"]


def test_a_corrected_file_takes_its_problem_away(bench: Bench) -> None:
    bench.write("a.csv", "")
    bench.run()
    bench.write("a.csv", A)
    bench.run()
    assert bench.ledger("problems") == []


def test_a_changed_format_maps_what_is_kept_again(bench: Bench) -> None:
    path = bench.write("a.csv", A)
    bench.run()
    path.unlink()
    before = list((bench.store.data / "streams").rglob("*.parquet"))
    bench.document["streams"]["time_entries"]["columns"]["duration_us"] = 'parse_hours("Hours") * 2'
    (outcome,) = bench.run()
    assert outcome.streams[0].us_loaded == 7_200_000_000
    assert bench.rows(columns="duration_us") == [(7_200_000_000,)]
    assert set(before) < set((bench.store.data / "streams").rglob("*.parquet")), "an old file must never change"
    assert [row["generation"] for row in bench.ledger("current_streams")] == [2]
    assert bench.run() == []


def test_a_rejected_delivery_is_tried_again_when_its_format_is_mended(bench: Bench) -> None:
    good = bench.document["headers"]["required"]
    bench.document["headers"]["required"] = [*good, "Missing"]
    bench.write("a.csv", A)
    assert [outcome.status for outcome in bench.run()] == ["rejected"]
    assert bench.run() == []
    bench.document["headers"]["required"] = good
    assert [outcome.status for outcome in bench.run()] == ["mapped"]


def test_a_corrected_source_replaces_its_deliveries(bench: Bench) -> None:
    bench.write("e_2026-01.csv", A)
    bench.run(mode="window")
    (outcome,) = bench.run(mode="window", file_name=r"_(?P<coverage_from>[\d-]+)\.csv")
    (row,) = bench.ledger("deliveries")
    assert (row["delivery_id"], row["mode"]) == (outcome.delivery_id, "window")
    assert (row["coverage_from"], row["coverage_to"]) == ("2026-01-01", "2026-01-31")
    assert len(bench.rows()) == 1
    assert bench.run(mode="window", file_name=r"_(?P<coverage_from>[\d-]+)\.csv") == []


def test_complete_only_where_all_was_read_and_the_export_is_the_whole_truth(bench: Bench) -> None:
    bench.write("a.csv", A)
    bench.write("b.csv", A + "2,a,never,1\n")
    assert [outcome.streams[0].is_complete for outcome in bench.run()] == [True, False]
    assert [outcome.streams[0].is_complete for outcome in bench.run(mode="changes")] == [False, False]


def test_a_crash_before_the_ledger_leaves_nothing_that_counts(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write("a.csv", A)
    with monkeypatch.context() as patch:

        def power_cut(*args: Any, **kwargs: Any) -> None:
            raise KeyboardInterrupt

        patch.setattr(Ledger, "record", power_cut)
        with pytest.raises(KeyboardInterrupt):
            bench.run()
    assert bench.ledger("current_streams") == []
    assert [outcome.status for outcome in bench.run()] == ["mapped"]
    assert len(bench.rows()) == 1


def test_a_crash_inside_the_ledger_leaves_it_as_it_was(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write("a.csv", A)
    with monkeypatch.context() as patch:

        def power_cut(*args: Any) -> None:
            raise KeyboardInterrupt

        patch.setattr(Ledger, "_add_stream", power_cut)
        with pytest.raises(KeyboardInterrupt):
            bench.run()
    assert (bench.ledger("deliveries"), bench.ledger("current_streams")) == ([], [])
    assert [outcome.status for outcome in bench.run()] == ["mapped"]


def test_the_ledger_is_durable(bench: Bench) -> None:
    bench.write("a.csv", A)
    bench.run()
    with sqlite3.connect(bench.store.ledger) as db:
        assert db.execute("pragma journal_mode").fetchone() == ("delete",)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [({"format": "acme__entires"}, "Did you mean 'acme__entries'"), ({"zone": "Europe/Munich"}, "no time zone")],
)
def test_a_wrong_configuration_is_an_error(bench: Bench, changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(WorkledgerError, match=complaint):
        bench.run(**changes)


def test_large_deliveries_give_the_same_rows(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (
        HEAD + "".join(f"{number},a,2026-01-05,{number % 9}.5\n" for number in range(3000)) + "x,a,never,1\nshort\n"
    )
    bench.write("a.csv", content)
    bench.run()
    shared, quarantined = bench.rows(), bench.quarantine()
    monkeypatch.setattr("connectors.workbench.LARGE_BYTES", 10)
    bench.store = type(bench.store)(bench.root / "data2", bench.store.formats)
    list(extract([bench.source], bench.store, bench.clock))
    assert bench.rows() == shared
    assert len(shared) == 3000
    assert bench.quarantine() == quarantined
    assert list(bench.store.scratch.iterdir()) == []


def test_progress_names_what_is_worked_on(bench: Bench) -> None:
    bench.write("a.csv", A)
    bench.save_format()
    said: list[str] = []
    list(extract([bench.source], bench.store, bench.clock, said.append))
    assert said == ["acme: a.csv"]


def test_what_a_killed_extraction_left_is_swept(bench: Bench) -> None:
    scratch = bench.store.scratch
    dead = subprocess.Popen(["true"])
    dead.wait()
    for name in (f"{dead.pid}-left", f"{os.getpid()}-mine"):
        (scratch / name).mkdir(parents=True)
    (scratch / f"{dead.pid}-landing").write_text("half a file")
    bench.write("a.csv", A)
    bench.run()
    assert [path.name for path in scratch.iterdir()] == [f"{os.getpid()}-mine"]
