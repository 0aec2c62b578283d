"""Whatever is not as it was recorded is found, under the rule that it breaks, and nothing else is."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from connectors.streams import extract
from data_contracts.errors import WorkledgerError
from orchestration.cli.main import app
from orchestration.initialise import initialise
from orchestration.intake import sources_of, store_of, what_counts
from orchestration.publication.audit import count_rows, write_audit
from orchestration.publication.clone import open_build
from orchestration.publication.manifest import DeliveryIn, Manifest
from orchestration.publication.publish import publish
from orchestration.publication.versions import version_id
from orchestration.verification import Verification, verify
from orchestration.workspace import Workspace

AT = datetime(2026, 2, 1, tzinfo=UTC)
FORMAT = """\
format: acme__hours
version: 1.0.0
description: Hours of a made-up tracker; a row may stand for several days.
read: {kind: delimited}
headers: {required: [Id, Who, Days, Hours]}
streams:
  time_entries:
    from: select *, unnest(string_split("Days", ' ')) as "Day" from export
    expands: true
    filters: {no_person: '"Who" is null'}
    key: ['"Id"', '"Day"']
    columns:
      person_email: '"Who"'
      date_precision: "'day'"
      work_date: parse_date("Day")
      duration_us: parse_hours("Hours")
"""
# Five rows read: two loaded (three stream rows), one filtered, two quarantined: the fourth for one of its two days only.
EXPORT = """\
Id,Who,Days,Hours
1,ada@example.org,2026-01-05 2026-01-06,1.5
2,ada@example.org,2026-01-07,8
3,,2026-01-07,8
4,ada@example.org,2026-01-08 soon,2
5,ada@example.org,2026-01-09,eight
"""
ACCOUNTS = """
create schema core;
create table core.fct_stream_accounts as select 'acme' as source, 'time_entries' as stream, 5 as rows_read, 2 as rows_loaded,
    0 as rows_merged, 2 as rows_quarantined, 1 as rows_filtered, 3 as delivered_rows, 0 as superseded_rows,
    0 as tombstoned_rows, 0 as vanished_rows, 3 as staged_rows;
"""
TABLE = "analyst.core.fct_stream_accounts"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one delivery and one version."""
    workspace = Workspace(initialise(tmp_path_factory.mktemp("verification") / "ws"))
    workspace.config.write_text("sources: {acme: {files: ['inbox/*.csv'], format: acme__hours}}\n")
    (workspace.formats / "acme__hours.yaml").write_text(FORMAT)
    (workspace.inbox / "a.csv").write_text(EXPORT)
    (outcome,) = extract(sources_of(workspace), store_of(workspace), AT)
    assert outcome.problem is None
    publish_version(workspace)
    return workspace.root


def publish_version(workspace: Workspace) -> str:
    build, started_from = open_build(workspace.builds, "run", workspace.published)
    with duckdb.connect(str(build / "analyst.duckdb")) as con:
        con.execute(ACCOUNTS)
        columns = dict(
            con.execute("select column_name, lower(data_type) from duckdb_columns() where not internal").fetchall()
        )
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
        columns_by_table={TABLE: columns},
    )
    write_audit(build, manifest)
    return publish(build, workspace.published, manifest).name


@pytest.fixture
def workspace(published: Path, tmp_path: Path) -> Workspace:
    """A copy of the workspace, made with plain file tools."""
    return Workspace(Path(shutil.copytree(published, tmp_path / "restored", symlinks=True)))


def rules(found: Verification) -> set[str]:
    return {finding.rule for finding in found.findings}


def current(workspace: Workspace) -> Path:
    return (workspace.published / "current").resolve()


def the_only(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    path.chmod(0o600)
    return path


def edit_manifest(workspace: Workspace, **values: Any) -> None:
    path = the_only(current(workspace), "manifest.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def edit_ledger(workspace: Workspace, statement: str) -> None:
    with sqlite3.connect(store_of(workspace).ledger) as ledger:
        assert ledger.execute(statement).rowcount == 1
    ledger.close()


def rewrite_rows(workspace: Workspace, select: str) -> None:
    """Replace the stream's Parquet by what ``select`` gives from ``kept``."""
    path = the_only(workspace.data, "streams/time_entries/*.parquet")
    with duckdb.connect() as con:
        con.execute(f"create table kept as from '{path}'")
        con.execute(f"copy ({select}) to '{path}' (format parquet)")


def test_a_restored_workspace_is_proven_whole(workspace: Workspace) -> None:
    found = verify(workspace)
    assert [str(finding) for finding in found.findings] == []
    assert found.version == current(workspace).name
    assert found.verified == {
        "manifest": 1,
        "file_hashes": 5,
        "write_ahead_logs": 5,
        "private_folder": 1,
        "row_counts": 1,
        "contracts": 1,
        "accounting": 2,
        "ledger": 1,
        "kept_bytes": 1,
        "stream_files": 1,
    }


def overwrite(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


FAULTS: dict[str, tuple[Callable[[Workspace], object], str]] = {
    "a bit of a published file flips": (
        lambda w: overwrite(the_only(current(w), "finance.duckdb"), 9000),
        "file_hashes",
    ),
    "a published file is gone": (lambda w: (current(w) / "directory.duckdb").unlink(), "file_hashes"),
    "the private file is gone": (lambda w: (current(w) / "private" / "state.duckdb").unlink(), "file_hashes"),
    "the files were never hashed": (lambda w: edit_manifest(w, sha256_by_file={}), "file_hashes"),
    "a log lies beside a file": (lambda w: (current(w) / "analyst.duckdb.wal").write_bytes(b"x"), "write_ahead_logs"),
    "everybody can enter the private folder": (lambda w: (current(w) / "private").chmod(0o755), "private_folder"),
    "the manifest is cut off": (lambda w: the_only(current(w), "manifest.json").write_text("{"), "manifest"),
    "the manifest is another version's": (lambda w: edit_manifest(w, version="20250101T000000Z-00000000"), "manifest"),
    "the manifest counts other rows": (lambda w: edit_manifest(w, rows_by_table={TABLE: 2}), "row_counts"),
    "the manifest counts a table that is not there": (
        lambda w: edit_manifest(w, rows_by_table={TABLE: 1, "analyst.core.gone": 1}),
        "row_counts",
    ),
    "a promised column is missing": (
        lambda w: edit_manifest(w, columns_by_table={TABLE: {**columns_of(w), "gone": "varchar"}}),
        "contracts",
    ),
    "a column has another type": (
        lambda w: edit_manifest(w, columns_by_table={TABLE: {**columns_of(w), "source": "date"}}),
        "contracts",
    ),
    "a column was not promised": (
        lambda w: edit_manifest(w, columns_by_table={TABLE: {"source": "varchar"}}),
        "contracts",
    ),
    "a table was not promised": (lambda w: edit_manifest(w, columns_by_table={"analyst.core.x": {}}), "contracts"),
    "the version lacks rows of a delivery": (lambda w: edit_manifest(w, deliveries=[]), "accounting"),
    "kept bytes change": (lambda w: overwrite(the_only(w.data, "deliveries/*/*"), 3), "kept_bytes"),
    "kept bytes are gone": (lambda w: the_only(w.data, "deliveries/*/*").unlink(), "kept_bytes"),
    "the ledger is gone": (lambda w: store_of(w).ledger.unlink(), "ledger"),
    "the ledger is garbage": (lambda w: store_of(w).ledger.write_bytes(b"no ledger " * 999), "ledger"),
    "a row read is not accounted for": (
        lambda w: edit_ledger(w, "update delivery_streams set rows_read = rows_read + 1"),
        "accounting",
    ),
    "rows are filtered by no rule": (lambda w: edit_ledger(w, "delete from filtered_rows"), "accounting"),
    "a stream's file is gone": (lambda w: the_only(w.data, "streams/*/*.parquet").unlink(), "stream_files"),
    "a stream's file is cut off": (
        lambda w: the_only(w.data, "streams/*/*.parquet").write_bytes(b"PAR1"),
        "stream_files",
    ),
    "a stream's file is empty": (lambda w: rewrite_rows(w, "from kept where false"), "stream_files"),
    "a stream's file lacks a row": (lambda w: rewrite_rows(w, "from kept where _row <> 2"), "stream_files"),
    "a day that a row expands to is lost": (
        lambda w: rewrite_rows(w, "from kept where work_date <> '2026-01-06'"),
        "stream_files",
    ),
    "hours change": (
        lambda w: rewrite_rows(w, "select * replace (duration_us + 1 as duration_us) from kept"),
        "stream_files",
    ),
    "rows are another delivery's": (
        lambda w: rewrite_rows(
            w, "select * replace ('other' as delivery_id) from kept where _row <> 4 union all from kept where _row = 4"
        ),
        "stream_files",
    ),
    "since when gaps are known is garbage": (lambda w: w.gap_spells.write_bytes(b"PAR1"), "gap_spells"),
    "what could not be read is gone": (lambda w: the_only(w.data, "quarantine/*").unlink(), "quarantine_files"),
}


def columns_of(workspace: Workspace) -> dict[str, str]:
    manifest = json.loads((current(workspace) / "manifest.json").read_text())
    columns: dict[str, str] = manifest["columns_by_table"][TABLE]
    return columns


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_under_its_rule(workspace: Workspace, fault: str) -> None:
    spoil, rule = FAULTS[fault]
    spoil(workspace)
    found = verify(workspace)
    # What could not be read explains rows that do not count: without it they are found as well.
    beside = {"stream_files"} if rule == "quarantine_files" else set()
    assert rule in rules(found)
    assert rules(found) <= {rule} | beside
    assert all(finding.what and finding.where and finding.remedy for finding in found.findings)


def test_the_command_prints_a_paragraph_a_finding_and_exits_with_1(workspace: Workspace) -> None:
    ask = ["verify", "-w", str(workspace.root)]
    clean = CliRunner().invoke(app, ask)
    assert (clean.exit_code, "Everything is as it was recorded." in clean.stdout) == (0, True)
    overwrite(the_only(workspace.data, "deliveries/*/*"), 3)
    told = CliRunner().invoke(app, ask)
    assert told.exit_code == 1
    assert "A kept file is not the one that arrived: its hash is not its name (it was a.csv of acme)" in told.stdout
    as_json = CliRunner().invoke(app, [*ask, "--json"])
    assert as_json.exit_code == 1
    said = json.loads(as_json.stdout)
    assert said["is_clean"] is False
    assert [finding["rule"] for finding in said["findings"]] == ["kept_bytes"]


def test_versions_that_are_not_current_are_proved_if_asked_for(workspace: Workspace) -> None:
    current = (workspace.published / "current").resolve()
    older = Path(shutil.copytree(current, current.with_name("20260101T000000Z-00000000")))
    manifest = older / "manifest.json"
    manifest.chmod(0o600)
    manifest.write_text(manifest.read_text().replace(current.name, older.name))
    assert verify(workspace, every_version=True).is_clean
    overwrite(older / "directory.duckdb", 5000)
    assert verify(workspace).is_clean
    (finding,) = verify(workspace, every_version=True).findings
    assert (finding.rule, finding.where) == ("file_hashes", str(older / "directory.duckdb"))


def test_an_unknown_version_is_an_error(workspace: Workspace) -> None:
    with pytest.raises(WorkledgerError, match="There is no version"):
        verify(workspace, "20200101T000000Z-00000000")


def test_a_workspace_without_a_version_is_verified_too(tmp_path: Path) -> None:
    found = verify(Workspace(initialise(tmp_path / "new")))
    assert (found.version, found.is_clean, found.verified) == (None, True, {"kept_bytes": 0})


def test_an_annotation_that_cannot_be_read_is_found(workspace: Workspace) -> None:
    workspace.annotations.mkdir()
    said = {
        "person_key": "k",
        "period": "2026-01",
        "measure": "counted_hours",
        "text": "ill",
        "annotated_at": AT.isoformat(),
    }
    (workspace.annotations / "000001.json").write_text(json.dumps(said))
    assert verify(workspace).verified["annotations"] == 1
    (workspace.annotations / "000001.json").write_text(json.dumps(said)[:-4])
    assert rules(verify(workspace)) == {"annotations"}
