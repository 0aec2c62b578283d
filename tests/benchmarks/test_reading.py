"""The queries of a BI tool that `make bench` times are asked of what is published, and each finds rows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from tests.benchmarks.scale.organisation import AS_OF
from tests.benchmarks.scale.reading import FACT, MARTS, Answered, read, show
from tests.warehouse.warehouse_build import Warehouse

HOUR = 3_600_000_000


def test_every_query_finds_rows(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "current", as_of=AS_OF)
    person = {"person_email": "ann@example.org"}
    project = {"project_code": "P-1"}
    warehouse.deliver(
        "hr",
        "people",
        [
            {
                **person,
                "source_record_id": "ann",
                "valid_from_date": AS_OF - timedelta(days=90),
                "valid_from_basis": "reported",
                "contracted_week_us": 40 * HOUR,
                "team_name": "Blue",
            }
        ],
    )
    warehouse.deliver("crm", "projects", [{**project, "source_record_id": "j1", "client_name": "Client 1"}])
    days = [AS_OF - timedelta(days=number) for number in range(21)]
    entry = {**person, **project, "date_precision": "day", "duration_us": HOUR}
    warehouse.deliver(
        "toggl", "time_entries", [{**entry, "source_record_id": f"{day}", "work_date": day} for day in days]
    )
    task = {**project, "source_record_id": "t1", "assignee_email": "ann@example.org", "first_due_date": days[9]}
    warehouse.deliver("jira", "tasks", [task])
    warehouse.build()
    warehouse.close()

    answers = read(tmp_path, rounds=3)
    assert [answer.query for answer in answers] == [*MARTS, *FACT] * 3
    assert {answer.kind for answer in answers} == {"marts", "fact"}
    with duckdb.connect(str(tmp_path / "current" / "analyst.duckdb"), read_only=True) as con:
        ((key,),) = con.execute("select distinct person_key from core.dim_persons").fetchall()
        for name, sql in {**MARTS, **FACT}.items():
            assert con.execute(sql.format(person=key, client="Client 1", weeks=3)).fetchall(), name


def test_what_is_told_is_the_median_and_what_one_in_twenty_exceeds(capsys: pytest.CaptureFixture[str]) -> None:
    slowest = [Answered("fact", "slow", 100.0 * number) for number in range(1, 101)]
    show({"fact": [*slowest, Answered("fact", "quick", 1.0)]})
    _, line = capsys.readouterr().out.splitlines()
    assert line.split() == ["fact", "101", "5000.0", "9590.0", "2,000", "slow"]
