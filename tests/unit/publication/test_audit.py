"""Every file says which version it is, what went in and what the checks said; nothing more."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import duckdb

from orchestration.checks.expected import ExpectedCheck
from orchestration.checks.gaps import KnownGap
from orchestration.checks.gate import decide
from orchestration.checks.results import CheckResult
from orchestration.publication.audit import count_rows, write_audit
from orchestration.publication.layout import database_files
from orchestration.publication.manifest import from_json, summarise, to_json


def rows(path: Any, table: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(f"select * from audit.{table} order by all").fetchall()


def with_checks(manifest: Any) -> Any:
    expected = [
        ExpectedCheck("keys", "core.facts", "blocks", "model", "analytics"),
        ExpectedCheck("old", "core.facts", "warns", "model", waiver="until May"),
        ExpectedCheck("soft", "core.facts", "warns", "model"),
    ]
    sample = ({"source": "toggl", "delivery_id": "d1"},)
    results = [
        CheckResult("keys", "core.facts", "blocks", "passed", "run", "model", 0, "0 rows", owner="analytics"),
        CheckResult("soft", "core.facts", "warns", "failed", "run", "model", 2, "2 rows", "secret words", sample),
    ]
    gaps = (KnownGap("gap_unlogged_days", "warns", 4, 32.0, 2), KnownGap("gap_rates", "warns", 1, None))
    return replace(manifest, checks=summarise(decide(expected, results, "run")), known_gaps=gaps)


def test_every_file_carries_the_same_version(workspace: Any) -> None:
    build, manifest = workspace.build()
    for path in database_files(build).values():
        ((version, as_of, published_at, run_id, code_version),) = rows(path, "version")
        assert (version, run_id, code_version) == (manifest.version, manifest.run_id, "c")
        assert as_of.isoformat() == manifest.as_of
        assert published_at.timestamp() == 1795168800.0


def test_checks_waivers_and_gaps_travel_without_samples(workspace: Any) -> None:
    build, manifest = workspace.build()
    write_audit(build, with_checks(manifest))
    analyst = database_files(build)["analyst"]
    assert rows(analyst, "checks") == [
        ("keys", "core.facts", "blocks", "passed", 0, "0 rows", "analytics", ""),
        ("old", "core.facts", "warns", "waived", None, "", "", "until May"),
        ("soft", "core.facts", "warns", "failed", 2, "2 rows", "", ""),
    ]
    assert rows(analyst, "known_gaps") == [
        ("gap_rates", "warns", 1, None, 0),
        ("gap_unlogged_days", "warns", 4, 32.0, 2),
    ]


def test_samples_and_details_stay_out_of_the_manifest(workspace: Any) -> None:
    text = to_json(with_checks(workspace.build()[1]))
    assert "secret words" not in text
    assert "until May" in text


def test_deliveries_go_by_their_ids(workspace: Any) -> None:
    build, _ = workspace.build(deliveries=("d1", "d2"))
    assert rows(database_files(build)["finance"], "deliveries") == [("d1", "toggl", 3), ("d2", "toggl", 3)]


def test_a_manifest_of_before_that_names_files_is_read_without_them(workspace: Any) -> None:
    _, manifest = workspace.build(deliveries=("d1",))
    entry = json.loads(to_json(manifest))
    entry["deliveries"][0]["file_name"] = "Ada Quist.csv"
    assert from_json(json.dumps(entry)) == manifest


def test_a_cloned_audit_is_replaced_not_added_to(workspace: Any) -> None:
    workspace.publish()
    build, manifest = workspace.build()
    assert [row[0] for row in rows(database_files(build)["state"], "version")] == [manifest.version]


def test_row_counts_leave_private_and_audit_tables_out(workspace: Any) -> None:
    build, _ = workspace.build()
    with duckdb.connect(str(database_files(build)["state"])) as connection:
        connection.execute("create table secret as select 1 as n")
    assert count_rows(build) == {"analyst.core.facts": 1}


def test_the_manifest_survives_json(workspace: Any) -> None:
    manifest = with_checks(workspace.build()[1])
    assert from_json(to_json(manifest)) == manifest
