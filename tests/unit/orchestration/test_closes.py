"""What a close keeps, and when a month may not be closed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from data_contracts.errors import WorkledgerError
from orchestration.closes import close_month, read_closes, rows_of
from orchestration.initialise import initialise
from orchestration.publication.audit import count_rows, write_audit
from orchestration.publication.clone import open_build
from orchestration.publication.manifest import DeliveryIn, Manifest
from orchestration.publication.publish import publish
from orchestration.publication.retention import pinned_versions
from orchestration.publication.versions import version_id
from orchestration.workspace import Workspace

AT = datetime(2026, 11, 3, 9, tzinfo=UTC)
TEXTS = (
    "activity_key",
    "source",
    "source_record_id",
    "delivery_id",
    "person_key",
    "team_key",
    "role_key",
    "project_key",
)
ACTIVITIES = f"""
create schema core;
create table core.fct_activities ({" varchar, ".join(TEXTS)} varchar, activity_type_key varchar, activity_kind varchar,
    work_date date, period_end_date date, duration_us bigint, is_billable boolean, is_counted boolean);
insert into core.fct_activities by name select * from (values
    ('in', 'time_entry', date '2026-10-31', null::date, 5, true), ('of a period', 'time_entry', null, date '2026-10-04', 7, true),
    ('evidence', 'time_entry', date '2026-10-01', null, 11, false), ('a call', 'interaction', date '2026-10-01', null, 13, false),
    ('after', 'time_entry', date '2026-11-01', null, 17, true), ('before', 'time_entry', date '2026-09-30', null, 19, true)
) as rows(activity_key, activity_kind, work_date, period_end_date, duration_us, is_counted);
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with one version, of 2 November."""
    initialise(tmp_path / "w")
    workspace = Workspace(tmp_path / "w")
    build, _ = open_build(workspace.builds, "run", workspace.published)
    with duckdb.connect(str(build / "analyst.duckdb")) as connection:
        connection.execute(ACTIVITIES)
    manifest = Manifest(
        version=version_id(AT, "run"),
        run_id="run",
        as_of="2026-11-02",
        published_at=AT.isoformat(),
        started_from=None,
        fingerprint="f",
        code_version="c",
        deliveries=(DeliveryIn("d1", "toggl", 3),),
        rows_by_table=count_rows(build),
    )
    write_audit(build, manifest)
    publish(build, workspace.published, manifest)
    return workspace


def test_a_close_keeps_the_months_time_entries_and_its_version(workspace: Workspace) -> None:
    closed = close_month(workspace, "2026-10", reason="finance", at=AT)
    kept = duckdb.sql(f"select activity_key from '{rows_of(workspace, '2026-10')}' order by 1").fetchall()
    assert kept == [("evidence",), ("in",), ("of a period",)]
    assert (closed.entries, closed.counted_us, closed.deliveries) == (3, 12, ("d1",))
    assert (closed.first_day, closed.last_day) == (date(2026, 10, 1), date(2026, 10, 31))
    assert list(pinned_versions(workspace.published)) == [closed.version]
    assert read_closes(workspace) == (closed,)


@pytest.mark.parametrize(
    ("month", "why"),
    [("2026-11", "was not over"), ("2027-01", "was not over"), ("2026-13", "is no month"), ("10", "is no month")],
)
def test_a_month_is_closed_when_it_is_over(workspace: Workspace, month: str, why: str) -> None:
    with pytest.raises(WorkledgerError, match=why):
        close_month(workspace, month, reason="", at=AT)
    assert read_closes(workspace) == ()


def test_a_close_does_not_change(workspace: Workspace) -> None:
    close_month(workspace, "2026-10", reason="", at=AT)
    with pytest.raises(WorkledgerError, match="closed already"):
        close_month(workspace, "2026-10", reason="again", at=AT)


def test_nothing_is_closed_before_anything_is_published(tmp_path: Path) -> None:
    initialise(tmp_path)
    with pytest.raises(WorkledgerError, match="Nothing is published"):
        close_month(Workspace(tmp_path), "2026-10", reason="", at=AT)


def test_books_that_were_tampered_with_are_not_read(workspace: Workspace) -> None:
    close_month(workspace, "2026-10", reason="", at=AT)
    rows = rows_of(workspace, "2026-10")
    rows.write_bytes(rows.read_bytes() + b" ")
    with pytest.raises(WorkledgerError, match="not the ones that were closed"):
        read_closes(workspace)
