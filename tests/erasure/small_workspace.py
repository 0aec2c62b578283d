"""A small workspace that holds a person in every place that there is, for the tests of erasing her."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from connectors.streams import extract
from orchestration.closes import close_month
from orchestration.gap_history import record_gaps
from orchestration.initialise import initialise
from orchestration.intake import sources_of, store_of, what_counts
from orchestration.key_salt import key_salt
from orchestration.publication.audit import count_rows, write_audit
from orchestration.publication.clone import open_build
from orchestration.publication.manifest import DeliveryIn, Manifest
from orchestration.publication.publish import publish
from orchestration.publication.versions import version_id
from orchestration.releases import record_release
from orchestration.workspace import Workspace

AT = datetime(2026, 2, 1, tzinfo=UTC)
ADA, BO = "ada.quist@example.org", "bo.lind@example.org"
ADAS_KEY, BOS_KEY, NOBODYS_KEY = "0a" * 16, "0b" * 16, "0e" * 16
ADAS_GAP, BOS_GAP = "1a" * 16, "1b" * 16
#: Whatever must be nowhere afterwards: address, name both ways, number, the id of a source, key.
TELLING = ("ada.quist", "ada quist", "quist, ada", "q0417", "acc-77aa", ADAS_KEY, ADAS_GAP)
CONFIG = """\
sources:
  hours: {files: ['inbox/hours*.csv'], format: workledger__time_entries}
  roster: {files: ['inbox/roster*.csv'], format: workledger__people}
  board: {files: ['inbox/board*.csv'], format: workledger__tasks}
  desk: {files: ['inbox/desk*.csv'], format: workledger__time_entries}
"""
HOURS = """\
time_entries_record_id,person_email,person_number,person_source_id,person_name,note,date_precision,work_date,duration_hours
1,Ada.Quist@example.org,,acc-77aa,Ada Quist,,day,2026-01-05,8
2,,q0417,,,,day,2026-01-06,7.5
3,,,acc-77aa,A. Quist-Berg,,day,2026-01-07,6
4,bo.lind@example.org,,acc-78bb,Bo Lind,"with Quist, Ada (ada.quist@example.org)",day,2026-01-05,8
5,bo.lind@example.org,,acc-78bb,Bo Lind,,day,2026-01-06,4 of Ada Quist's
6,bo.lind@example.org,,acc-78bb,Bo Lind,,day,2026-01-08,5
"""
ROSTER = """\
people_record_id,person_email,person_number,person_name,valid_from_date,valid_from_basis,manager_email
1,ada.quist@example.org,Q0417,Ada Quist,2026-01-01,reported,
2,bo.lind@example.org,Q0418,Bo Lind,2026-01-01,reported,ada.quist@example.org
"""
BOARD = """\
tasks_record_id,title,assignee_source_id,assignee_email
t1,Plan,,ada.quist@example.org
t2,Do,,bo.lind@example.org
"""
DESK = """\
time_entries_record_id,person_name,note,date_precision,work_date,duration_hours
1,Ada Q.,,day,2026-01-09,2
2,Bo Lind,,day,2026-01-09,3
"""
NEXT_HOURS = """\
time_entries_record_id,person_email,person_number,person_source_id,person_name,note,date_precision,work_date,duration_hours
7,ADA.QUIST@example.org ,,,Ada Quist,,day,2026-02-05,8
8,,Q0417,,,,day,2026-02-06,8
9,bo.lind@example.org,,acc-78bb,Bo Lind,as Ada Quist said,day,2026-02-06,3
"""
#: The account at the desk was lent to Ada until 14 January, and to Bo from then on.
RECEPTION = """\
time_entries_record_id,person_source_id,note,date_precision,work_date,duration_hours
r1,reception,,day,2026-01-11,1
r2,reception,,day,2026-01-12,2
r3,reception,,day,2026-01-14,4
r4,reception,,day,2026-01-15,8
"""
STATE = f"""
create schema intermediate;
create table intermediate.int_actors_matched as select * from (values
    ('a1', 'hours', '{ADA}', null, 'acc-77aa', 'Ada Quist', '{ADAS_KEY}', true),
    ('a2', 'hours', null, 'Q0417', null, null, '{ADAS_KEY}', true),
    ('a3', 'desk', null, null, null, 'Ada Q.', '{ADAS_KEY}', true),
    ('b1', 'hours', '{BO}', null, 'acc-78bb', 'Bo Lind', '{BOS_KEY}', true),
    ('r1', 'desk', null, null, 'reception', null, '{NOBODYS_KEY}', false)
) as rows(actor_key, source, person_email, person_number, person_source_id, person_name, person_key, is_resolved);
create table intermediate.int_actors_lent as select * from (values
    ('r1', '{ADAS_KEY}', date '2026-01-12', date '2026-01-14'), ('r1', '{BOS_KEY}', date '2026-01-15', date '9999-12-31')
) as rows(actor_key, person_key, valid_from_date, valid_to_date);
create table intermediate.of_reception as select * from (values ('r1', date '2026-01-14'), ('r1', date '2026-01-15'))
    as rows(person_actor_key, stated_date);
create table intermediate.int_people_identified as select * from (values
    ('roster', '1', '{ADA}', 'Q0417', null::varchar, '{ADA}', 'Q0417', '{ADAS_KEY}'),
    ('roster', '2', '{BO}', 'Q0418', null, '{BO}', 'Q0418', '{BOS_KEY}')
) as rows(source, source_record_id, person_email, person_number, person_source_id, told_email, told_number, person_key);
create table intermediate.int_person_identifiers_mapped as select * from (values
    ('email', null::varchar, '{ADA}', '{ADAS_KEY}'), ('email', null, '{BO}', '{BOS_KEY}')
) as rows(identifier_kind, source, identifier, person_key);
create table intermediate.of_accounts (person_actor_key varchar not null, hours integer);
insert into intermediate.of_accounts values ('a2', 1), ('b1', 2);
create schema releases;
create table releases.release_units as select 'week' as period_kind, date '2026-01-05' as period_start_date, 't' as team_key,
    1 as sequence, date '2026-01-20' as released_date, date '2026-01-20' as restated_date, 2 as smallest_group_size,
    true as is_new;
create table releases.release_told_contributions as select 'week' as period_kind, date '2026-01-05' as period_start_date,
    't' as team_key, unnest(['{ADAS_KEY}', '{ADAS_KEY}', '{BOS_KEY}']) as person_key, date '2026-01-05' as week_start_date,
    null::date as month_start_date, 1 as capacity_us, 2 as counted_us, 0 as billable_us, 0 as allocated_us, 0 as due_tasks,
    0 as completed_tasks, 0 as on_time_tasks, 0 as finished_tasks, true as is_complete, true as is_judged,
    1 as sequence, true as is_new;
"""
DIRECTORY = f"""
create schema core;
create table core.dim_person_names as select * from (values ('{ADAS_KEY}', 'Ada Quist', '{ADA}', 'Q0417'),
    ('{BOS_KEY}', 'Bo Lind', '{BO}', 'Q0418')) as rows(person_key, person_name, person_email, person_number);
"""
ANALYST = f"""
create schema core;
create table core.fct_activities as select *, null::varchar as delivery_id, null::varchar as role_key,
    null::varchar as project_key, null::varchar as activity_type_key, null::date as period_end_date, false as is_billable
from (values ('x1', 'hours', '1', '{ADAS_KEY}', 't', 'time_entry', date '2026-01-05', 28800000000, true),
    ('x2', 'hours', '4', '{BOS_KEY}', 't', 'time_entry', date '2026-01-05', 14400000000, true)) as rows(activity_key, source,
    source_record_id, person_key, team_key, activity_kind, work_date, duration_us, is_counted);
create table core.fct_gaps as select * from (values ('{ADAS_GAP}', '{ADAS_KEY}'), ('{BOS_GAP}', '{BOS_KEY}'))
    as rows(gap_key, person_key);
create table core.dim_persons as select * from (values ('{ADAS_KEY}', null), ('{BOS_KEY}', '{ADAS_KEY}'))
    as rows(person_key, manager_person_key);
"""


def make_workspace(root: Path) -> Workspace:
    """A published version, a closed month, a release, annotations and a log that all hold Ada, with Bo beside her."""
    workspace = Workspace(initialise(root))
    workspace.config.write_text(CONFIG)
    for name, text in (("hours", HOURS), ("roster", ROSTER), ("board", BOARD), ("desk", DESK)):
        (workspace.inbox / f"{name}.csv").write_text(text)
    problems = [outcome.problem for outcome in extract(sources_of(workspace), store_of(workspace), AT)]
    assert problems == [None] * 4, problems
    key_salt(workspace.key_salt)
    publish_version(workspace)
    close_month(workspace, "2026-01", reason="as Ada Quist asked", at=AT)
    record_gaps(workspace, workspace.published / "current" / "analyst.duckdb", date(2026, 2, 1))
    workspace.annotations.mkdir()
    for number, key in ((1, ADAS_KEY), (2, BOS_KEY)):
        said = {
            "person_key": key,
            "period": "2026-01",
            "measure": "counted_hours",
            "text": "Ask Ada Quist.",
            "annotated_at": "x",
        }
        (workspace.annotations / f"{number:06d}.json").write_text(json.dumps(said))
    log = workspace.data / "runs" / "r1" / "checks.json"
    log.parent.mkdir(parents=True)
    log.write_text(json.dumps({"sample": [[ADAS_KEY, "Q0417"]]}))
    (workspace.builds / "r0").mkdir(parents=True)
    (workspace.builds / "r0" / "state.duckdb.wal").write_text(ADA)
    workspace.dagster_home.mkdir()
    with closing(sqlite3.connect(workspace.dagster_home / "runs.db")) as db, db:
        db.execute("create table event_logs (id integer primary key, event text)")
        db.execute("insert into event_logs (event) values ('Ada Quist has no hours'), (null)")
    pulled = store_of(workspace).pulled_file("hours")
    pulled.parent.mkdir()
    pulled.write_text(ADA)
    return workspace


def publish_version(workspace: Workspace) -> None:
    """A version as models might have made it."""
    build, started_from = open_build(workspace.builds, "run", workspace.published)
    for file, sql in (("private/state", STATE), ("directory", DIRECTORY), ("analyst", ANALYST)):
        with duckdb.connect(str(build / f"{file}.duckdb")) as con:
            con.execute(sql)
    record_release(workspace, build / "private" / "state.duckdb", "2026-01-31")
    rows = what_counts(workspace).delivery_streams
    manifest = Manifest(
        version_id(AT, "run"),
        "run",
        "2026-02-01",
        AT.isoformat(),
        started_from,
        "f",
        "c",
        deliveries=tuple(DeliveryIn(row["delivery_id"], row["source"], row["rows_loaded"]) for row in rows),
        rows_by_table=count_rows(build),
        columns_by_table={table: _columns(build, table) for table in count_rows(build)},
        releases={"000001": "2026-01-31"},
    )
    write_audit(build, manifest)
    publish(build, workspace.published, manifest)


def _columns(build: Path, table: str) -> dict[str, str]:
    catalog, _, name = table.split(".")
    with duckdb.connect(str(build / f"{catalog}.duckdb"), read_only=True) as con:
        return dict(
            con.execute(
                "select column_name, lower(data_type) from duckdb_columns() where table_name = ? and not internal",
                [name],
            ).fetchall()
        )


def places_that_tell(root: Path) -> list[str]:
    """Files of a workspace, the inbox apart, in whose bytes or values the person is found, with what was found."""
    found = []
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink() and "inbox" not in path.parts:
            text = path.read_bytes().decode("latin-1").lower() + _values(path)
            found += [f"{path.relative_to(root)}: {telling}" for telling in TELLING if telling in text]
    return found


def _values(path: Path) -> str:
    if path.suffix == ".parquet" and path.read_bytes()[:4] == b"PAR1":
        return str(duckdb.sql(f"from read_parquet('{path}')").fetchall()).lower()
    if path.suffix != ".duckdb":
        return ""
    with duckdb.connect(str(path), read_only=True) as con:
        tables = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        return str([con.execute(f'from "{schema}"."{table}"').fetchall() for schema, table in tables]).lower()
