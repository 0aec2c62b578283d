"""What older code built does not stay published."""

from __future__ import annotations

from typing import Any

import duckdb

from orchestration.publication.audit import count_rows
from orchestration.publication.relations import drop_unknown

FACTS = {
    "resource_type": "model",
    "name": "facts",
    "alias": "facts",
    "database": "analyst",
    "schema": "core",
    "config": {"materialized": "table"},
}
MANIFEST = {"nodes": {"model.workledger.facts": FACTS}}


def test_a_withdrawn_model_leaves_the_audience_files(workspace: Any) -> None:
    workspace.publish()
    build, _ = workspace.build()
    with duckdb.connect(str(build / "analyst.duckdb")) as connection:
        connection.execute("create schema marts; create table marts.mart_withdrawn as select 1 as n")
        connection.execute("create view core.sight as select * from marts.mart_withdrawn")
    with duckdb.connect(str(build / "directory.duckdb")) as connection:
        connection.execute("create schema core; create table core.facts as select 1 as n")
    dropped = drop_unknown(build, MANIFEST)
    assert dropped == ("analyst.core.sight", "analyst.marts.mart_withdrawn", "directory.core.facts")
    assert count_rows(build) == {"analyst.core.facts": 1}
    with duckdb.connect(str(build / "analyst.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from audit.version").fetchone() == (1,)


def test_private_tables_are_left_alone(workspace: Any) -> None:
    build, _ = workspace.build()
    with duckdb.connect(str(build / "private" / "state.duckdb")) as connection:
        connection.execute("create table kept as select 1 as n")
    assert drop_unknown(build, MANIFEST) == ()
    with duckdb.connect(str(build / "private" / "state.duckdb"), read_only=True) as connection:
        assert connection.execute("select n from kept").fetchone() == (1,)
