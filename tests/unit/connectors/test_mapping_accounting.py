"""Every primary row is loaded, merged, quarantined or filtered by name; a delivery that does not add up loads nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from connectors.ledger import DeliveryStream
from connectors.streams import DeliveryOutcome
from connectors.workbench import LARGE_BYTES, open_instance, time_limit
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    from tests.unit.connectors.conftest import Bench

HEAD = "Id,Who,Day,Hours,Note\n"
HOUR = 3_600_000_000
Extracted = Callable[..., DeliveryOutcome]


def counts(outcome: DeliveryOutcome) -> tuple[int, int, int, int, int]:
    """Rows read, loaded, merged, quarantined, filtered; their sum is checked here once for all tests."""
    assert outcome.status == "mapped", (outcome.problem, outcome.remedy)
    stream: DeliveryStream = outcome.streams[0]
    found = (stream.rows_loaded, stream.rows_merged, stream.rows_quarantined, stream.rows_filtered)
    assert stream.rows_read == sum(found)
    return (stream.rows_read, *found)


def test_only_the_rows_that_do_not_convert_are_quarantined(only: Extracted, bench: Bench) -> None:
    outcome = only(
        HEAD + "1,a,2026-01-05,1,x\n2,b,2026-13-05,1,x\n3,c,2026-01-05,lots,x\n4,d,never,lots,x\n,e,2026-01-05,1,x\n"
    )
    assert counts(outcome) == (5, 1, 0, 4, 0)
    assert bench.quarantine("_row, column_name, value") == [
        (2, "work_date", "2026-13-05"),
        (3, "duration_us", "lots"),
        (4, "duration_us", "lots"),
        (4, "work_date", "never"),
        (5, "source_record_id", None),
    ]
    assert bench.rows(columns="source_record_id") == [("1",)]


def test_a_required_value_that_is_empty_is_quarantined(only: Extracted, bench: Bench) -> None:
    bench.document["streams"]["time_entries"]["columns"]["date_precision"] = "nullif(\"Note\", '?')"
    assert counts(only(HEAD + "1,a,2026-01-05,1,day\n2,a,2026-01-05,1,?\n")) == (2, 1, 0, 1, 0)
    assert bench.quarantine("column_name, value, reason") == [("date_precision", "?", "required, and empty")]


def test_several_source_columns_are_kept_as_the_raw_value(only: Extracted, bench: Bench) -> None:
    bench.document["streams"]["time_entries"]["columns"]["duration_us"] = 'parse_hours("Hours" || "Note")'
    only(HEAD + "1,a,2026-01-05,1,x\n")
    assert bench.quarantine("value") == [('{"Hours":"1","Note":"x"}',)]


def test_microseconds_before_and_after(only: Extracted) -> None:
    (stream,) = only(HEAD + "1,a,2026-01-05,1.5,x\n2,a,nope,2,x\n3,a,2026-01-05,odd,x\n").streams
    assert (stream.us_read, stream.us_loaded) == (7 * HOUR // 2, 3 * HOUR // 2)


def test_filters_count_by_name_and_spare_their_rows_the_conversion(only: Extracted, bench: Bench) -> None:
    bench.document["streams"]["time_entries"]["filters"] = {"subtotal": "\"Who\" = 'Total'", "blank": '"Who" is null'}
    outcome = only(HEAD + "1,a,2026-01-05,1,x\nt,Total,,8,\n,,,,nothing\n")
    assert counts(outcome) == (3, 1, 0, 0, 2)
    assert outcome.streams[0].filtered_by == {"subtotal": 1, "blank": 1}
    assert (outcome.streams[0].us_read, outcome.streams[0].us_loaded) == (9 * HOUR, HOUR)
    assert {(row["rule"], row["rows"]) for row in bench.ledger("filtered_rows")} == {("subtotal", 1), ("blank", 1)}


def test_filters_and_bad_rows_together(only: Extracted, bench: Bench) -> None:
    bench.document["streams"]["time_entries"]["filters"] = {"subtotal": "\"Who\" = 'Total'"}
    assert counts(only(HEAD + "1,a,2026-01-05,1,x\nt,Total,,8,\n3,a,nope,1,x\n")) == (3, 1, 0, 1, 1)


def test_exact_repeats_merge_and_contradictions_are_quarantined(only: Extracted, bench: Bench) -> None:
    outcome = only(HEAD + "1,a,2026-01-05,1,x\n1,a,2026-01-05,1,x\n2,b,2026-01-05,1,x\n2,b,2026-01-05,2,x\n")
    assert counts(outcome) == (4, 1, 1, 2, 0)
    assert bench.quarantine("_row, value") == [(3, "2"), (4, "2")]


def test_versions_of_a_record_told_apart_by_their_change_both_load(only: Extracted, bench: Bench) -> None:
    bench.document["streams"]["time_entries"]["modified_at"] = 'parse_instant("Note")'
    rows = "1,a,2026-01-05,1,2026-01-05T10:00:00Z\n1,a,2026-01-05,2,2026-01-06T10:00:00Z\n"
    assert counts(only(HEAD + rows)) == (2, 2, 0, 0, 0)


def test_rows_without_an_id_are_numbered_among_their_duplicates(only: Extracted, bench: Bench) -> None:
    bench.document["streams"]["time_entries"]["key"] = "occurrence"
    row, other = "1,a,2026-01-05,1,x\n", "1,a,2026-01-05,2,x\n"
    assert counts(only(HEAD + row + other + row + row)) == (4, 4, 0, 0, 0)
    ids = [name for (name,) in bench.rows(columns="source_record_id")]
    assert sorted(name.split("#")[1] for name in ids) == ["1", "1", "2", "3"]
    assert len({name.split("#")[0] for name in ids}) == 2


def test_the_order_of_rows_does_not_change_occurrence_ids(bench: Bench) -> None:
    bench.document["streams"]["time_entries"]["key"] = "occurrence"
    rows = ["1,a,2026-01-05,1,x\n", "1,a,2026-01-05,1,x\n", "1,a,2026-01-05,2,x\n"]
    bench.write("a.csv", HEAD + "".join(rows))
    bench.write("b.csv", HEAD + "".join(reversed(rows)))
    bench.run()
    by_delivery: dict[str, set[str]] = {}
    for delivery, name in bench.rows(columns="delivery_id, source_record_id"):
        by_delivery.setdefault(delivery, set()).add(name)
    first, second = by_delivery.values()
    assert first == second


@pytest.mark.parametrize(("mode", "word"), [("changes", "mode: full"), ("window", "coverage_from")])
def test_rows_without_an_id_need_the_whole_truth(only: Extracted, bench: Bench, mode: str, word: str) -> None:
    bench.document["streams"]["time_entries"]["key"] = "occurrence"
    outcome = only(HEAD + "1,a,2026-01-05,1,x\n", mode=mode)
    assert outcome.status == "rejected"
    assert "source acme" in str(outcome.problem)
    assert word in str(outcome.remedy)


def test_merged_rows_count_once(only: Extracted, bench: Bench) -> None:
    bench.document["streams"] = {
        "projects": {
            "key": ['"Who"'],
            "columns": {"project_name": '"Who"', "client_name": '"Note"'},
            "merge": {"keep": "first"},
        }
    }
    outcome = only(HEAD + "1,p,2026-01-05,1,first\n2,p,2026-01-05,1,second\n3,q,2026-01-05,1,x\n")
    assert counts(outcome) == (3, 2, 1, 0, 0)
    assert bench.rows("projects", "project_name, client_name") == [("p", "first"), ("q", "x")]


def test_what_must_be_constant_within_a_key_is_checked(only: Extracted, bench: Bench) -> None:
    bench.document["streams"] = {
        "tasks": {
            "key": ['"Who"'],
            "columns": {"title": '"Who"', "reported_spent_us": 'parse_hours("Hours")'},
            "merge": {"keep": "last", "constant": ["reported_spent_us"]},
        }
    }
    outcome = only(HEAD + "1,p,,5,\n2,p,,5,\n3,q,,4,\n4,q,,3,\n")
    assert counts(outcome) == (4, 2, 1, 1, 0)
    assert bench.rows("tasks", "title, reported_spent_us") == [("p", 5 * HOUR), ("q", 3 * HOUR)]


def test_a_row_may_become_several_where_the_format_says_so(only: Extracted, bench: Bench) -> None:
    mapping = bench.document["streams"]["time_entries"]
    mapping |= {
        "from": 'select _row, "Id", "Who", "Day", "Hours", unnest(string_split("Note", \'+\')) as "Note"'
        ' from export where "Note" is not null',
        "key": ['"Id"', '"Note"'],
        "expands": True,
    }
    outcome = only(HEAD + "1,a,2026-01-05,1,x+y\n2,a,2026-01-05,1,\n3,a,nope,1,z+w\n")
    assert counts(outcome) == (3, 1, 0, 1, 1)
    assert outcome.streams[0].filtered_by == {"expands_to_nothing": 1}
    assert bench.rows(columns="source_record_id, _row") == [("1|x", 1), ("1|y", 1)]


def test_an_undeclared_fan_out_rejects_the_delivery(only: Extracted, bench: Bench) -> None:
    bench.document["streams"]["time_entries"]["from"] = (
        "select export.* from export join (select 1 as one union all select 2) as twice on true"
    )
    outcome = only(HEAD + "1,a,2026-01-05,1,x\n")
    assert (outcome.status, bench.rows()) == ("rejected", [])
    assert "expands: true" in str(outcome.remedy)


def test_rows_that_vanish_in_from_reject_the_delivery(only: Extracted, bench: Bench) -> None:
    bench.document["streams"]["time_entries"]["from"] = "select * from export where \"Note\" = 'x'"
    outcome = only(HEAD + "1,a,2026-01-05,1,x\n2,a,2026-01-05,1,y\n")
    assert (outcome.status, bench.rows()) == ("rejected", [])
    assert "2 rows read, but 1 loaded" in str(outcome.problem)
    assert "named filter" in str(outcome.remedy)


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ('"Nots"', "no column 'Nots'"),
        ("current_date", "no column 'current_date'"),
        ('no_such_function("Note")', "no_such_function"),
        ('sum("Note")', "mapping fails"),
    ],
)
def test_sql_that_cannot_run_rejects_the_delivery(
    only: Extracted, bench: Bench, expression: str, complaint: str
) -> None:
    bench.document["streams"]["time_entries"]["columns"]["note"] = expression
    outcome = only(HEAD + "1,a,2026-01-05,1,x\n")
    assert outcome.status == "rejected"
    assert complaint in str(outcome.problem)


def test_options_reach_expressions_as_text(only: Extracted, bench: Bench) -> None:
    bench.document["options"] = {
        "zone": {"description": "z", "required": True},
        "currency": {"description": "c", "default": "it's"},
    }
    bench.document["streams"]["time_entries"]["columns"]["note"] = "option('zone') || option('currency')"
    only(HEAD + "1,a,2026-01-05,1,x\n")
    assert bench.rows(columns="note") == [("Europe/Berlinit's",)]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"zone": None}, "needs 'zone'"),
        ({"extra": {"curency": "EUR"}}, "no option 'curency'"),
        ({"extra": {"currency": "XXX"}}, "not a value of option 'currency'"),
    ],
)
def test_options_are_checked(only: Extracted, bench: Bench, changes: dict[str, object], complaint: str) -> None:
    bench.document["options"] = {
        "zone": {"description": "z", "required": True},
        "currency": {"description": "c", "choices": ["EUR", "USD"]},
    }
    outcome = only(HEAD + "1,a,2026-01-05,1,x\n", **changes)
    assert outcome.status == "rejected"
    assert complaint in str(outcome.problem)


def test_a_mapping_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    slow = "select count(*) from range(100000) as a, range(100000) as b where (a.range * b.range) % 7 = 3"
    with (
        open_instance(tmp_path) as instance,
        pytest.raises(WorkledgerError, match=r"longer than 0.2 s"),
        time_limit(instance.con, 0.2, "here"),
    ):
        instance.con.execute(slow)


@pytest.mark.parametrize("size", [1, LARGE_BYTES + 1])
def test_mapping_has_no_way_out(tmp_path: Path, size: int) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("x\n1\n")
    with open_instance(tmp_path / "scratch") as instance:
        instance.lock()
        for statement in (
            f"select * from read_csv('{secret}')",
            f"select * from '{secret}'",
            f"copy (select 1) to '{secret}'",
            f"attach '{secret}.db'",
            "set enable_external_access = true",
            "set memory_limit = '100GB'",
            "install httpfs",
            "select * from secret",
        ):
            with pytest.raises(duckdb.Error):
                instance.con.execute(statement)
    assert secret.read_text() == "x\n1\n"
    assert list((tmp_path / "scratch").iterdir()) == []


def test_many_small_deliveries_share_an_instance_and_do_not_mix(bench: Bench) -> None:
    for number in range(120):
        bench.write(
            f"{number:03}.csv", HEAD + f"{number},p{number},2026-01-05,1,x\n" + ("bad\n" if number % 3 == 0 else "")
        )
    bench.write("050.csv", "")
    outcomes = bench.run()
    assert [outcome.status for outcome in outcomes].count("rejected") == 1
    assert sorted(int(name) for (name,) in bench.rows(columns="source_record_id")) == [n for n in range(120) if n != 50]
    assert all(
        row["rows_quarantined"] == (int(row["file_name"][:3]) % 3 == 0) for row in bench.ledger("current_streams")
    )
    assert bench.rows(columns="count(*) filter (where person_email <> 'p' || source_record_id)") == [(0,)]


def test_extraction_does_without_pandas(bench: Bench) -> None:
    """Its import takes seconds; DuckDB tries it when it is given parameters or Arrow objects."""
    bench.write("a.csv", HEAD + "1,a,2026-01-05,1,x\n2,a,never,1,x\n")
    bench.save_format()
    code = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path;"
        "from connectors.streams import extract; from connectors.sources import Source, Store;"
        f"root = Path({str(bench.root)!r});"
        "source = Source('acme', 'acme__entries', ('*.csv',), root / 'inbox', mode='full');"
        "(outcome,) = extract([source], Store(root / 'data', root / 'formats'), datetime.now(UTC));"
        "print(outcome.status, 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["mapped", "False"]


def test_a_filter_that_cannot_be_computed_quarantines_its_row_alone(only: Extracted, bench: Bench) -> None:
    bench.document["streams"]["time_entries"]["filters"] = {"old": "parse_date(\"Note\") < date '2026-01-01'"}
    rows = "1,a,2026-01-05,1,2026-02-01\n2,a,2026-01-05,1,soon\n3,a,never,1,2025-02-01\n4,a,never,1,2026-02-01\n"
    assert counts(only(HEAD + rows)) == (4, 1, 0, 2, 1)
    assert bench.quarantine("_row, column_name, value") == [(2, "filters.old", "soon"), (4, "work_date", "never")]


def test_faults_among_rows_that_share_a_record(only: Extracted, bench: Bench) -> None:
    rows = "1,a,2026-01-05,1,x\n1,a,never,1,x\n1,a,2026-01-05,1,x\n2,b,2026-01-05,lots,x\n2,b,2026-01-05,1,x\n"
    assert counts(only(HEAD + rows)) == (5, 2, 1, 2, 0)
    assert bench.rows(columns="source_record_id, _row") == [("1", 1), ("2", 5)]
