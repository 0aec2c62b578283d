"""A table built by days is the same as built whole, whatever changed in one of its inputs.

A few rows of an input are removed, doubled or given another row's value; then the table is built both ways on it. On which days
a row bears is said in the models' ``meta``; here it is tried, so what is said too narrowly is found by a row that differs.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from unittest.mock import patch

from orchestration.build import build_models
from orchestration.models import CompiledModel, load_compiled
from orchestration.publication.layout import database_files
from orchestration.touched_days import Span, Through
from tests.oracle.organisation import Organisation, Pack
from tests.oracle.packs import build
from tests.oracle.variants import changed_tables
from tests.warehouse.warehouse_build import open_build

if TYPE_CHECKING:
    import duckdb

#: Days between two that changed are not built: they would hide what was forgotten.
apart = patch("orchestration.touched_days.APART", timedelta(0))


@dataclass(frozen=True)
class Trial:
    """One disturbance of an input: rows of the table that are not as built whole, and whether only some days were built."""

    model: str
    disturbed: str
    differing: int
    is_partial: bool


def reaching_inputs() -> list[tuple[CompiledModel, str, Span | Through]]:
    """Each table that is built by days with each of its inputs of which a change bears on some days alone."""
    return [
        (model, relation, span)
        for model in load_compiled().models
        if model.by_days is not None
        for relation, span in model.by_days.inputs.items()
        if span is not None
    ]


@apart
def changed_by_building_on(pack: Pack, tenant: str, built: Path, folder: Path) -> list[str]:
    """Build the pack as it was three days ago, without the last delivery of ``tenant``, then on it the pack; name each table
    that is not as ``built`` at once."""
    earlier = replace(
        pack,
        policy=replace(pack.policy, as_of=pack.policy.as_of - timedelta(days=3)),
        tenants={**pack.tenants, tenant: _less_the_last(pack.tenants[tenant])},
    )
    build(earlier, folder / "before").close()
    shutil.copytree(folder / "before", folder / "after", ignore=shutil.ignore_patterns("target", "logs"))
    build(pack, folder / "after", before=folder / "before").close()
    return changed_tables(built, folder / "after")


def _less_the_last(organisation: Organisation) -> Organisation:
    return replace(organisation, deliveries=organisation.deliveries[:-1])


@apart
def disturbed(
    model: CompiledModel, relation: str, reach: Span | Through, folder: Path, scratch: Path, draw: Random
) -> Trial:
    """Build ``model`` by days in a copy of ``folder`` in which the input was changed, and whole beside it."""
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(folder, scratch, ignore=shutil.ignore_patterns("target", "logs"))
    what = _disturb(scratch, relation, reach, draw)
    (built,) = build_models(database_files(scratch), [model], before=database_files(folder))
    assert built.status == "passed", built.problem
    with open_build(scratch) as connection:
        connection.execute(f"create temp table whole as from {model.relation} limit 0")
        connection.execute(f"insert into whole by name ({model.source}\n)")
        (differing,) = connection.execute(
            f"select count(*) from ((from whole except all from {model.relation})"
            f" union all (from {model.relation} except all from whole))"
        ).fetchone() or (-1,)
    return Trial(model.table, f"{relation}: {what}", differing, built.days is not None)


def _disturb(folder: Path, relation: str, reach: Span | Through, draw: Random) -> str:
    """Change a few rows of a table, or move a mark by some days; what was done."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for catalog, path in database_files(folder).items():
            connection.execute(f"attach '{path}' as {catalog}")
        if isinstance(reach, Span) and reach.is_mark:
            return _move(connection, relation, draw)
        (count,) = connection.execute(f"select count(*) from {relation}").fetchone() or (0,)
        if not count:
            return "nothing to change"
        return _change(connection, relation, draw, count)


def _move(connection: duckdb.DuckDBPyConnection, relation: str, draw: Random) -> str:
    (column,) = (name for name, kind, *_ in connection.execute(f"describe {relation}").fetchall() if kind == "DATE")
    days = draw.choice([-40, -8, -1, 1, 3, 50])
    connection.execute(f"update {relation} set {column} = {column} + {days}")
    return f"{column} moved by {days} days"


def _change(connection: duckdb.DuckDBPyConnection, relation: str, draw: Random, count: int) -> str:
    chosen = ", ".join(map(str, draw.sample(range(count), min(count, draw.choice([1, 1, 3])))))
    which = f"rowid in (select list_extract(list(rowid order by rowid), unnest([{chosen}]) + 1) from {relation})"
    way = draw.choice(["remove", "double", "change", "change", "change"])
    if way == "remove":
        connection.execute(f"delete from {relation} where {which}")
        return f"rows {chosen} removed"
    if way == "double":
        connection.execute(f"insert into {relation} from {relation} where {which}")
        return f"rows {chosen} doubled"
    columns = [name for name, *_ in connection.execute(f"describe {relation}").fetchall()]
    column, other = draw.choice(columns), draw.randrange(count)
    connection.execute(
        f"update {relation} set {column} = (select {column} from {relation} order by rowid limit 1 offset {other}) where {which}"
    )
    return f"{column} of rows {chosen} taken from row {other}"
