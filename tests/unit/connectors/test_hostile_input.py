"""Files and formats that mean harm end in a clear error, in bounded time and memory, and the rest goes on."""

from __future__ import annotations

import resource
import shutil
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from connectors.readers import delimited
from connectors.streams import extract
from connectors.workbench import Limits

if TYPE_CHECKING:
    from tests.unit.connectors.conftest import Bench

HEAD = "Id,Who,Day,Hours,Note\n"
ROW = "{},a@example.org,2026-01-05,1,x\n"
SECONDS, MIB = 20, 700


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    """Far more than any of these takes, and far less than doing what the file asks for."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.perf_counter() - started < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MIB << 10


def run_beside_a_good_file(bench: Bench, content: str) -> str:
    """The complaint about a hostile file; the good one beside it is loaded."""
    bench.write("good.csv", HEAD + ROW.format(1))
    bench.write("hostile.csv", content)
    good, hostile = sorted(bench.run(), key=lambda outcome: outcome.file_name)
    assert (good.file_name, good.status, good.streams[0].rows_loaded) == ("good.csv", "mapped", 1)
    assert hostile.status == "rejected"
    assert hostile.remedy
    return str(hostile.problem)


def test_a_line_without_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "LONGEST_LINE", 1 << 20)
    problem = run_beside_a_good_file(bench, HEAD + ROW.format(2) + "x" * (3 << 20) + "\n" + ROW.format(3))
    assert "A line is longer than 1 MiB" in problem


def test_long_lines_that_are_bearable_are_quarantined(bench: Bench) -> None:
    bench.write("a.csv", HEAD + ROW.format(1) + f"2,{'x' * (9 << 20)},2026-01-05,1,x\n" + ROW.format(3))
    (outcome,) = bench.run()
    (account,) = outcome.streams
    assert (account.rows_read, account.rows_loaded, account.rows_quarantined) == (3, 2, 1)


def test_ten_thousand_columns(bench: Bench) -> None:
    header = HEAD.strip() + "," + ",".join(f"c{number}" for number in range(10_000))
    problem = run_beside_a_good_file(bench, header + "\n" + ROW.format(1).strip() + ",v" * 10_000 + "\n")
    assert "10,005 columns" in problem


def test_a_record_type_of_its_own_for_every_record(bench: Bench) -> None:
    bench.document |= {
        "read": {"kind": "json"},
        "parts": {"export": {"path": "rows[*]", "headers": bench.document.pop("headers")}},
    }
    record = '{{"Id": "{0}", "Who": "a", "Day": "2026-01-05", "Hours": "1", "type{0}": "x"}}'
    bench.write("hostile.json", '{"rows": [' + ",".join(record.format(number) for number in range(200_000)) + "]}")
    (outcome,) = bench.run(files=("*.json",))
    assert outcome.status == "rejected"
    assert "more than 2000 different fields" in str(outcome.problem)


def test_sql_that_runs_for_ever(bench: Bench) -> None:
    bench.document["streams"]["time_entries"] |= {
        "from": "with recursive n(i) as (select 1 union all select i + 1 from n)"
        " select export.* from export join n on n.i < 0",
        "expands": True,
    }
    bench.save_format()
    bench.write("a.csv", HEAD + ROW.format(1))
    (outcome,) = extract([bench.source], bench.store, bench.clock, limits=Limits(memory="200MB", seconds=1))
    assert outcome.status == "rejected"
    assert "longer than 1 s" in str(outcome.problem)


@pytest.mark.parametrize(
    "expression",
    [
        "(select content from read_text('/etc/hostname'))",
        "getenv('HOME')",
        "current_setting('temp_directory')",
        "nextval('s')",
    ],
)
def test_sql_that_looks_around(bench: Bench, expression: str) -> None:
    bench.document["streams"]["time_entries"]["columns"]["note"] = expression
    bench.write("a.csv", HEAD + ROW.format(1))
    (outcome,) = bench.run()
    assert outcome.status == "rejected"
    assert "columns.note" in str(outcome.problem)
    assert bench.rows() == []


@pytest.mark.parametrize("statement", ["copy", "attach", "install", "set", "pragma", "drop", "create"])
def test_from_is_a_select_and_nothing_else(bench: Bench, statement: str) -> None:
    bench.document["streams"]["time_entries"]["from"] = f"select * from export; {statement} x"
    bench.write("a.csv", HEAD + ROW.format(1))
    (outcome,) = bench.run()
    assert outcome.status == "rejected"
    assert bench.rows() == []


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bench.write("a.csv", HEAD + ROW.format(1))
    copy = shutil.copyfile

    def copy_while_it_grows(source: Any, target: Any) -> Any:
        copied = copy(source, target)
        with path.open("a") as growing:
            growing.write(ROW.format(2))
        return copied

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", copy_while_it_grows)
        assert bench.run() == []
    (outcome,) = bench.run()
    assert outcome.streams[0].rows_loaded == 2


def test_formulas_in_cells_are_text(bench: Bench) -> None:
    bench.write("a.csv", HEAD + '1,"=HYPERLINK(""http://x"")",2026-01-05,1,@SUM(A1)\n')
    (outcome,) = bench.run()
    assert outcome.status == "mapped"
    assert bench.rows(columns="person_email, note") == [('=HYPERLINK("http://x")', "@SUM(A1)")]
