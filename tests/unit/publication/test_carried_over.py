"""Which version a build starts from, what it keeps of it, and what not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import duckdb

from orchestration.publication.audit import count_rows
from orchestration.publication.carried_over import keep_only, version_to_build_on
from orchestration.publication.layout import database_files
from orchestration.publication.manifest import read_manifest


def test_only_what_is_named_stays(workspace: Any) -> None:
    """What a model that was withdrawn left, perhaps because people should not see it, does not come along."""
    workspace.publish()
    build, _ = workspace.build()
    with duckdb.connect(str(build / "analyst.duckdb")) as connection:
        connection.execute("create schema marts; create table marts.mart_withdrawn as select 1 as n")
        connection.execute("create view core.sight as select * from marts.mart_withdrawn")
    with duckdb.connect(str(build / "directory.duckdb")) as connection:
        connection.execute("create schema core; create table core.facts as select 1 as n")
    keep_only(build, {'"analyst"."core"."facts"'})
    assert count_rows(build) == {"analyst.core.facts": 1}
    with duckdb.connect(str(build / "analyst.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from duckdb_views() where not internal").fetchone() == (0,)
        assert connection.execute("select count(*) from duckdb_tables()").fetchone() == (1,)


def test_a_file_of_which_nothing_stays_holds_no_bytes_of_it(workspace: Any) -> None:
    build, _ = workspace.build()
    secret = "a name that was dropped"
    path = database_files(build)["directory"]
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table names as select ? as name", [secret])
    assert secret.encode() in path.read_bytes()
    keep_only(build, {'"analyst"."core"."facts"'})
    assert secret.encode() not in path.read_bytes()
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("select count(*) from duckdb_tables()").fetchone() == (0,)


def test_the_current_version_is_built_on_as_the_same_code_published_it(workspace: Any) -> None:
    assert version_to_build_on(workspace.published, None, "c") is None
    folder = workspace.published / "versions" / workspace.publish()
    current = read_manifest(folder / "manifest.json")
    assert version_to_build_on(workspace.published, current, "c") == folder
    assert version_to_build_on(workspace.published, current, "other code") is None
    assert version_to_build_on(workspace.published, replace(current, erasures=(1,)), "c") is None


def test_a_damaged_version_is_not_built_on(workspace: Any) -> None:
    folder = workspace.published / "versions" / workspace.publish()
    file = folder / "analyst.duckdb"
    file.chmod(0o600)
    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    file.write_bytes(damaged)
    assert version_to_build_on(workspace.published, read_manifest(folder / "manifest.json"), "c") is None
