"""A database is asked once a refresh, for reading only; its answer becomes a delivery like any file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pyarrow.parquet
import pytest

from connectors.databases import pull
from connectors.streams import DeliveryOutcome

if TYPE_CHECKING:
    from tests.unit.connectors.conftest import Bench

VARIABLE = "ERP_DATABASE"
QUERY = 'select id as "Id", who as "Who", day as "Day", hours as "Hours", note as "Note" from entries order by id'
CREATE = "create table entries (id integer, who text, day date, hours numeric(8, 2), note text)"
ROWS = "insert into entries values (1, 'a@example.org', '2026-01-05', 1.5, ''), (2, 'b@example.org', '2026-01-06', 2, '50% : x')"


@dataclass(frozen=True)
class Database:
    """A database with a table of entries: its address, and how to change it."""

    address: str

    def run(self, statement: str) -> None:
        if self.address.startswith("sqlite"):
            with sqlite3.connect(self.address.removeprefix("sqlite:///")) as file:
                file.execute(statement)
        else:
            with psycopg.connect(self.address) as server:
                server.execute(statement)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of our own."""
    pgserver = pytest.importorskip("pgserver", reason="its wheels are for Linux on x86-64 and Python below 3.13")
    running = pgserver.get_server(tmp_path_factory.mktemp("postgresql"))
    yield running.get_uri()
    running.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        made = Database(f"sqlite:///{tmp_path}/erp.db")
    else:
        made = Database(request.getfixturevalue("server"))
        made.run("drop table if exists entries")
    made.run(CREATE)
    made.run(ROWS)
    yield made


def ask(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, address: str, query: str = QUERY, **changes: Any
) -> list[DeliveryOutcome]:
    monkeypatch.setenv(VARIABLE, address)
    bench.document["read"] = {"kind": "database", "query": query}
    return bench.run(database=VARIABLE, files=(), format="acme__entries", **changes)


def unreachable(bench: Bench) -> list[tuple[Any, ...]]:
    return [(row["detail"], row["remedy"]) for row in bench.ledger("problems") if row["rule"] == "unreachable"]


def test_what_a_database_answers_is_a_delivery(
    database: Database, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    (outcome,) = ask(bench, monkeypatch, database.address)
    assert (outcome.status, outcome.problem) == ("mapped", None)
    assert bench.rows(columns="source_record_id, person_email, work_date::varchar, duration_us, note") == [
        ("1", "a@example.org", "2026-01-05", 5_400_000_000, None),
        ("2", "b@example.org", "2026-01-06", 7_200_000_000, "50% : x"),
    ]
    assert ask(bench, monkeypatch, database.address) == []
    database.run("update entries set hours = 4 where id = 2")
    assert [entry.status for entry in ask(bench, monkeypatch, database.address)] == ["mapped"]


def test_changes_are_asked_for_in_utc(database: Database, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a database that knows zones, whatever its users are set to, and by one that keeps text."""
    kind = "timestamptz" if "postgres" in database.address else "text"
    if kind == "timestamptz":
        database.run("alter role current_user set timezone = 'Asia/Tokyo'")
    database.run(f"alter table entries add column changed_at {kind}")
    for number in (1, 2):
        moment = f"2026-01-31 2{number}:00:00" + ("+00" if kind == "timestamptz" else "")
        database.run(f"update entries set changed_at = '{moment}' where id = {number}")
    bench.document["headers"]["optional"] += ["Changed"]
    bench.document["streams"]["time_entries"]["modified_at"] = "parse_instant(\"Changed\", 'UTC')"
    query = QUERY.replace(" from entries", ', changed_at as "Changed" from entries where changed_at >= {since}')
    changes: dict[str, Any] = {"mode": "changes", "lookback": timedelta(minutes=1)}
    assert [entry.streams[0].rows_loaded for entry in ask(bench, monkeypatch, database.address, query, **changes)] == [
        2
    ]
    assert [entry.streams[0].rows_loaded for entry in ask(bench, monkeypatch, database.address, query, **changes)] == [
        1
    ]


def test_nothing_can_be_written(database: Database, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for statement in ("delete from entries returning id", "create table mine (id integer)"):
        assert ask(bench, monkeypatch, database.address, statement) == []
        assert len(unreachable(bench)) == 1
    (outcome,) = ask(bench, monkeypatch, database.address)
    assert outcome.streams[0].rows_loaded == 2


def test_not_even_by_a_function(server: str, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    Database(server).run("create sequence if not exists counter")
    assert ask(bench, monkeypatch, server, "select nextval('counter') as \"Id\"") == []
    assert "read-only transaction" in unreachable(bench)[0][0]


def test_a_database_that_is_away_stops_nothing_and_is_said(
    database: Database, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(bench, monkeypatch, database.address)
    away = (
        "postgresql://reader:s3cr%2Ft@127.0.0.1:1/erp" if "postgres" in database.address else "sqlite:////nowhere/x.db"
    )
    assert ask(bench, monkeypatch, away) == []
    ((problem, remedy),) = unreachable(bench)
    assert "does not answer" in problem
    assert "s3cr" not in problem + remedy
    assert len(bench.rows()) == 2
    ask(bench, monkeypatch, database.address)
    assert unreachable(bench) == []


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("", "ERP_DATABASE is not set"),
        ("not an address", "cannot be read"),
        ("mysql://u:geheim@h/d", "no reader for mysql"),
    ],
)
def test_an_address_of_no_use(bench: Bench, monkeypatch: pytest.MonkeyPatch, address: str, complaint: str) -> None:
    assert ask(bench, monkeypatch, address) == []
    ((problem, remedy),) = unreachable(bench)
    assert complaint in problem
    assert "geheim" not in problem + remedy


def test_a_format_for_files_has_no_query(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "sqlite:///x.db")
    assert bench.run(database=VARIABLE, files=(), format="acme__entries") == []
    assert "reads files, not a database" in unreachable(bench)[0][0]


def test_values_of_postgresql_as_text(server: str, tmp_path: Path) -> None:
    query = """
        select 1.10::numeric as n, 1e20::float8 as f, true as b, null::text as nothing, date '2026-01-31' as d,
            timestamp '2026-01-31 09:30:00' as local, timestamptz '2026-01-31 09:30:00+02' as instant,
            interval '1 day 2 hours 3 minutes 4.5 seconds' as duration, '{"a": [1, "é"]}'::jsonb as record,
            array['x', 'y'] as list, 'a'::bytea as bytes, time '08:15' as clock, 1 as n
    """
    pull(VARIABLE, query, tmp_path / "a.parquet", {VARIABLE: server})
    (row,) = pyarrow.parquet.read_table(tmp_path / "a.parquet").to_pylist()
    assert row == {
        "n": "1.10",
        "f": "1e+20",
        "b": "true",
        "nothing": None,
        "d": "2026-01-31",
        "local": "2026-01-31 09:30:00",
        "instant": "2026-01-31T07:30:00Z",
        "duration": "26:03:04.500000",
        "record": '{"a": [1, "é"]}',
        "list": '["x", "y"]',
        "bytes": "61",
        "clock": "08:15:00",
        "n__2": "1",
    }


def test_a_query_without_end_is_ended(bench: Bench, monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    monkeypatch.setattr("connectors.databases.SECONDS", 1)
    endless = 'with recursive n(i) as (select 1 union all select i + 1 from n) select i as "Id" from n where i < 0'
    assert ask(bench, monkeypatch, database.address, endless) == []
    assert "does not answer" in unreachable(bench)[0][0]


def test_a_large_answer_comes_in_parts(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.databases.ROWS", 1000)
    numbers = (
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3500) select i from n order by i"
    )
    pull(VARIABLE, numbers, tmp_path / "a.parquet", {VARIABLE: database.address})
    file = pyarrow.parquet.ParquetFile(tmp_path / "a.parquet")
    assert file.num_row_groups == 4
    assert file.read().column("i").to_pylist() == [str(number) for number in range(1, 3501)]


def test_a_file_that_cannot_be_read_stops_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "Id,Who,Day,Hours,Note\n"
    bench.write("a.csv", head + "1,a,2026-01-05,1,x\n")
    bench.write("b.csv", head + "2,b,2026-01-05,1,x\n")
    copy = Path.open

    def refuse(path: Path, *given: Any, **named: Any) -> Any:
        if path.name == "a.csv":
            raise PermissionError(13, "Permission denied")
        return copy(path, *given, **named)

    with monkeypatch.context() as patched:
        patched.setattr("connectors.deliveries.shutil.copyfile", lambda source, target: refuse(source) and None)
        patched.setattr(Path, "open", refuse)
        outcomes = bench.run()
    assert [entry.file_name for entry in outcomes] == []
    assert {detail for detail, _ in unreachable(bench)} >= {"The file cannot be read: Permission denied"}
    assert [entry.file_name for entry in bench.run()] == ["a.csv", "b.csv"]
    assert unreachable(bench) == []
