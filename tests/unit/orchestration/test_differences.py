"""A diff names every period, source and total that changed, the deliveries behind it, and nothing that did not change."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from connectors.ledger import Delivery as LedgerRow
from connectors.ledger import open_ledger
from data_contracts.errors import WorkledgerError
from orchestration.cli.main import app
from orchestration.cli.worklist import with_files
from orchestration.differences import Changed, Delivery, Difference, diff_versions
from orchestration.initialise import initialise
from orchestration.publication.audit import write_audit
from orchestration.publication.clone import open_build
from orchestration.publication.manifest import DeliveryIn, Manifest
from orchestration.publication.publish import publish
from orchestration.publication.versions import version_id
from orchestration.workspace import Workspace

FIRST = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
MONDAY, NEXT_MONDAY = "2026-11-02", "2026-11-09"
TABLES = """
create schema if not exists core;
create schema if not exists marts;
create or replace table core.dim_dates as
    select d::date as calendar_date, date_trunc('week', d)::date as week_start_date,
        date_trunc('month', d)::date as month_start_date
    from generate_series(timestamp '2026-10-26', timestamp '2026-11-15', interval 1 day) as days(d);
create or replace table core.fct_activities(
    activity_key varchar, source varchar, work_date date, period_start_date date, logged_hours double, is_counted boolean);
create or replace table marts.mart_utilisation__team_week(
    week_start_date date, team_key varchar, counted_hours double, utilisation_ratio double, gap_count bigint);
create or replace table marts.mart_reconciliation__source(source varchar, rows_read bigint);
"""
ACTIVITIES = [
    ("a", "toggl", "2026-11-02", None, 8.0, True),
    ("b", "toggl", "2026-11-09", None, 4.0, True),
    ("c", "jira", "2026-11-02", None, 2.0, False),
    ("d", "jira", None, None, None, True),
]
TEAM_WEEKS = [(MONDAY, "t1", 8.0, 0.8, 0), (MONDAY, "t2", 5.0, 0.5, 1), (NEXT_MONDAY, "t1", 4.0, 0.4, 0)]
READ = [("jira", 2), ("toggl", 2)]
DELIVERIES = [("d1", "toggl", "toggl.csv", 2), ("d2", "jira", "jira.json", 2)]


class Versions:
    """A workspace in which versions are published from rows."""

    def __init__(self, root: Path) -> None:
        self.root = initialise(root)
        self.published = root / "published"
        self.count = 0

    def publish(
        self,
        activities: list[tuple[Any, ...]] = ACTIVITIES,
        team_weeks: list[tuple[Any, ...]] = TEAM_WEEKS,
        deliveries: list[tuple[str, str, str, int]] = DELIVERIES,
        statement: str = "select 1",
        code: str = "code",
        inputs: dict[str, str] | None = None,
    ) -> str:
        self.count += 1
        run_id, at = f"run-{self.count}", FIRST + dt.timedelta(hours=self.count)
        build, started_from = open_build(self.root / "data" / "builds", run_id, self.published)
        with duckdb.connect(str(build / "analyst.duckdb")) as con:
            con.execute(TABLES)
            for table, rows in (
                ("core.fct_activities", activities),
                ("marts.mart_utilisation__team_week", team_weeks),
                ("marts.mart_reconciliation__source", READ),
            ):
                for row in rows:
                    con.execute(f"insert into {table} values ({', '.join('?' for _ in row)})", list(row))
            con.execute(statement)
        manifest = Manifest(
            version_id(at, run_id), run_id, "2026-11-20", at.isoformat(), started_from, "f", code,
            deliveries=tuple(DeliveryIn(name, source, rows) for name, source, _, rows in deliveries),
            inputs=inputs or {},
        )  # fmt: skip
        write_audit(build, manifest)
        return publish(build, self.published, manifest).name

    def diff(self, before: str, after: str) -> Difference:
        files = {"d1": "toggl.csv", "d2": "jira.json", "d3": "toggl_2.csv"}
        return diff_versions(self.published, before, after, files)


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "ws")


def test_what_people_wrote_in_the_workspace_is_a_cause(versions: Versions) -> None:
    old = versions.publish()
    first = versions.publish(inputs={"workledger.yaml": "1", "reference/targets.csv": "2"})
    second = versions.publish(inputs={"workledger.yaml": "3", "formats/own.yaml": "4"})
    assert versions.diff(first, second).causes == {
        "workledger.yaml": ("1", "3"),
        "reference/targets.csv": ("2", "not there"),
        "formats/own.yaml": ("not there", "4"),
    }
    assert versions.diff(old, first).causes == {}


def test_two_versions_of_the_same_are_the_same(versions: Versions) -> None:
    found = versions.diff(versions.publish(), versions.publish(activities=ACTIVITIES[::-1]))
    assert found.is_same
    assert (found.changed, found.causes, found.deliveries_gone, found.deliveries_new) == ((), {}, (), ())


def test_a_changed_value_is_told_by_period_and_source_with_its_totals(versions: Versions) -> None:
    before = versions.publish()
    after = versions.publish(
        activities=[("a", "toggl", "2026-11-02", None, 6.5, True), *ACTIVITIES[1:]],
        team_weeks=[(MONDAY, "t1", 6.5, 0.65, 2), *TEAM_WEEKS[1:]],
    )
    hours = {"counted_hours": (12.0, 10.5), "logged_hours": (12.0, 10.5)}
    assert versions.diff(before, after).changed == (
        Changed("core.fct_activities", "month", "2026-11-01", "toggl", 1, 1, hours),
        Changed("core.fct_activities", "week", MONDAY, "toggl", 1, 1,
                {"counted_hours": (8.0, 6.5), "logged_hours": (8.0, 6.5)}),
        Changed("marts.mart_utilisation__team_week", "week", MONDAY, None, 1, 1,
                {"counted_hours": (13.0, 11.5), "gap_count": (1.0, 3.0)}),
    )  # fmt: skip


def test_rows_that_change_without_their_totals_are_told_too(versions: Versions) -> None:
    before = versions.publish()
    after = versions.publish(team_weeks=[(MONDAY, "t1", 5.0, 0.5, 1), (MONDAY, "t2", 8.0, 0.8, 0), TEAM_WEEKS[2]])
    assert versions.diff(before, after).changed == (
        Changed("marts.mart_utilisation__team_week", "week", MONDAY, None, 2, 2, {}),
    )


def test_a_period_that_is_new_had_no_total_which_is_not_zero(versions: Versions) -> None:
    before = versions.publish(activities=ACTIVITIES[:1] + ACTIVITIES[2:])
    after = versions.publish()
    (month, week) = versions.diff(before, after).changed
    assert (month.grain, month.totals["logged_hours"]) == ("month", (8.0, 12.0))
    assert week.totals == {"rows": (None, 1.0), "logged_hours": (None, 4.0), "counted_hours": (None, 4.0)}
    assert (week.rows_gone, week.rows_new) == (0, 1)


def test_a_row_twice_is_not_the_row_once(versions: Versions) -> None:
    found = versions.diff(versions.publish(), versions.publish(activities=[*ACTIVITIES, ACTIVITIES[3]]))
    assert [(row.grain, row.period, row.source, row.rows_new, row.totals) for row in found.changed] == [
        ("month", None, "jira", 1, {"rows": (1.0, 2.0)}),
        ("week", None, "jira", 1, {"rows": (1.0, 2.0)}),
    ]


def test_deliveries_and_other_causes_are_named(versions: Versions) -> None:
    before = versions.publish()
    after = versions.publish(deliveries=[("d2", "jira", "jira.json", 3), ("d3", "toggl", "toggl_2.csv", 5)], code="new")
    found = versions.diff(before, after)
    assert found.deliveries_gone == (Delivery("d1", "toggl", "toggl.csv", 2),)
    assert found.deliveries_new == (Delivery("d3", "toggl", "toggl_2.csv", 5),)
    assert found.deliveries_read_again == (Delivery("d2", "jira", "jira.json", 3),)
    assert found.causes == {"code_version": ("code", "new")}


def test_what_changed_in_a_period_names_the_deliveries_behind_it(versions: Versions) -> None:
    """Monday's toggl came again with other hours; jira's entry is gone, as a later export of jira lacks it."""
    told = (
        "alter table core.fct_activities add column delivery_id varchar; update core.fct_activities set delivery_id = "
    )
    before = versions.publish(statement=f"{told} case source when 'jira' then 'd2' else 'd1' end")
    after = versions.publish(
        activities=[("a", "toggl", "2026-11-02", None, 6.5, True), ACTIVITIES[1], ACTIVITIES[3]],
        team_weeks=[(MONDAY, "t1", 6.5, 0.65, 2), TEAM_WEEKS[1], (NEXT_MONDAY, "t1", 4.0, 0.5, 0)],
        deliveries=[*DELIVERIES, ("d3", "toggl", "toggl_2.csv", 1), ("d4", "jira", "jira_2.json", 1)],
        statement=f"{told} case when logged_hours = 6.5 then 'd3' when source = 'jira' then 'd2' else 'd1' end;"
        " update marts.mart_reconciliation__source set rows_read = 3 where source = 'toggl'",
    )
    assert [(row.grain, row.period, row.source, row.deliveries) for row in versions.diff(before, after).changed] == [
        ("month", "2026-11-01", "jira", ("d4",)),
        ("month", "2026-11-01", "toggl", ("d3",)),
        ("week", MONDAY, "jira", ("d4",)),
        ("week", MONDAY, "toggl", ("d3",)),
        (None, None, "toggl", ("d3",)),
        ("week", MONDAY, None, ("d3", "d4")),
        # Another capacity: no row of work is behind it.
        ("week", NEXT_MONDAY, None, ()),
    ]


def test_tables_and_columns_of_one_version_only_are_named(versions: Versions) -> None:
    before = versions.publish(
        statement="create table marts.mart_old__week as select date '2026-11-02' as week_start_date, 3 as n"
    )
    after = versions.publish(
        statement="drop table marts.mart_old__week; alter table marts.mart_utilisation__team_week add column fee double"
    )
    found = versions.diff(before, after)
    assert found.columns == {
        "marts.mart_old__week": ("n", "week_start_date"),
        "marts.mart_utilisation__team_week": ("fee",),
    }
    assert found.changed == (
        Changed("marts.mart_old__week", "week", MONDAY, None, 1, 0, {"rows": (1.0, None), "n": (3.0, None)}),
    )
    assert not found.is_same


def tell_the_ledger(ledger: Path, delivery_id: str, source: str, file_name: str) -> None:
    at = FIRST.isoformat()
    row = [
        delivery_id,
        source,
        file_name,
        file_name,
        None,
        None,
        "m",
        "changes",
        None,
        None,
        at,
        "arrival",
        at,
        "s",
        1,
        "mapped",
    ]
    with open_ledger(ledger) as opened:
        opened.record(LedgerRow(*row))  # type: ignore[arg-type]


def test_the_command_tells_it(versions: Versions) -> None:
    before = versions.publish()
    after = versions.publish(
        activities=[("a", "toggl", "2026-11-02", None, 6.5, True), *ACTIVITIES[1:]],
        deliveries=[*DELIVERIES, ("d3", "toggl", "toggl_2.csv", 2)],
    )
    tell_the_ledger(versions.root / "data" / "ledger.db", "d3", "toggl", "toggl_2.csv")
    ask = ["diff", before, after, "-w", str(versions.root)]
    told = CliRunner().invoke(app, ask)
    assert told.exit_code == 0, told.output
    for said in ("toggl_2.csv", "core.fct_activities", MONDAY, "counted_hours 8 → 6.50"):
        assert said in told.stdout
    said_in_json = json.loads(CliRunner().invoke(app, [*ask, "--json"]).stdout)
    assert [row["period"] for row in said_in_json["changed"]] == ["2026-11-01", MONDAY]
    assert said_in_json["deliveries_new"][0]["delivery_id"] == "d3"
    only = CliRunner().invoke(app, [*ask, "--table", "marts.mart_utilisation__team_week"])
    assert "core.fct_activities" not in only.stdout
    default = CliRunner().invoke(app, ["diff", "-w", str(versions.root)])
    assert default.stdout == told.stdout


def test_a_version_that_is_not_there_is_an_error(versions: Versions) -> None:
    version = versions.publish()
    with pytest.raises(WorkledgerError, match="There is no version"):
        versions.diff(version, "20200101T000000Z-00000000")


def test_operators_read_in_gaps_which_file_it_was(tmp_path: Path) -> None:
    """Nothing that is published names it."""
    workspace = Workspace(tmp_path)
    known, unknown = "0d" * 8, "0e" * 8
    tell_the_ledger(tmp_path / "data" / "ledger.db", known, "toggl", "may.csv")
    rows = [("toggl", f"delivery_rejected: delivery {name}: could not be read") for name in (known, unknown)]
    assert with_files(workspace, ["source", "detail"], rows) == [
        ("toggl", "delivery_rejected: may.csv: could not be read"),
        ("toggl", f"delivery_rejected: delivery {unknown}: could not be read"),
    ]
