"""Build the models by the SQL that dbt compiled them to, over a build's files.

dbt itself takes some 40 ms a model whatever there is to build, and seconds to be imported: it makes its context, its SQL, its
events and its result anew. The SQL depends on the project alone, so it is compiled when the project is parsed, and a model costs
its query.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from connectors.sql_text import literal, quoted
from data_contracts.errors import WorkledgerError
from orchestration.models import PROJECT, CompiledModel
from orchestration.touched_days import EVERY_DAY, ByDays, Changes, Stretch, narrowed
from orchestration.touched_records import KEY, TOUCHED, ByRecords, find_touched, narrowed_to_touched

ModelFinished = Callable[[str, int, int], None]
BuildStatus = Literal["passed", "errored", "skipped"]


@dataclass(frozen=True)
class BuiltModel:
    """What became of a model: rows of a table or seed that was built, seconds, and what went wrong."""

    model: CompiledModel
    status: BuildStatus
    rows: int | None = None
    seconds: float = 0.0
    problem: str = ""
    #: The days, or the number of records, that were built of a table; None is all of it.
    days: tuple[Stretch, ...] | None = None
    records: int | None = None


def build_models(
    files: Mapping[str, Path],
    models: Sequence[CompiledModel],
    settings: Mapping[str, str] | None = None,
    on_model: ModelFinished | None = None,
    before: Mapping[str, Path] | None = None,
) -> tuple[BuiltModel, ...]:
    """Build ``models`` in their order into ``files`` by catalog, with DuckDB's ``settings``; one result a model, in that order.

    Where ``files`` hold tables of the version ``before``, made by the same models, a table that is built by days or by records
    gets only those anew that something changed for.

    A model that cannot be built has errored, and what stands on it is skipped. ``on_model(table, done, total)`` is called as each
    is done. Raises duckdb.Error where a file cannot be opened, or written in the end.
    """
    results: list[BuiltModel] = []
    failed: set[str] = set()
    with _writable(files, settings) as connection:
        by_days = [model.by_days for model in models if model.by_days is not None]
        changes = Changes(connection, before, by_days) if before else None
        for model in models:
            missing = failed.intersection(model.parents)
            result = _skipped(model, missing) if missing else _build(connection, model, changes)
            if result.status != "passed":
                failed.add(model.unique_id)
            results.append(result)
            if on_model is not None:
                on_model(model.table, len(results), len(models))
    return tuple(results)


@contextmanager
def _writable(files: Mapping[str, Path], settings: Mapping[str, str] | None) -> Iterator[Any]:
    """A connection to write the files. They have no log to recover from: a build that did not end is thrown away."""
    import duckdb

    with duckdb.connect(":memory:", config=dict(settings or {})) as connection:
        connection.execute("set timezone = 'UTC'")
        for catalog, path in files.items():
            connection.execute(f"attach {literal(path)} as {quoted(catalog)} (recovery_mode no_wal_writes)")
        yield connection
        for catalog in files:
            connection.execute(f"checkpoint {quoted(catalog)}")


def _skipped(model: CompiledModel, missing: set[str]) -> BuiltModel:
    return BuiltModel(model, "skipped", problem=f"stands on what was not built: {', '.join(sorted(missing))}")


def _build(connection: Any, model: CompiledModel, changes: Changes | None) -> BuiltModel:
    import duckdb

    started = time.perf_counter()
    try:
        connection.execute("begin")
        connection.execute(f"create schema if not exists {quoted(model.catalog)}.{quoted(model.schema)}")
        renewed = _renew(connection, model, changes) if changes is not None else None
        rows = _create(connection, model) if renewed is None else _count(connection, model)
        connection.execute("commit")
    except (duckdb.Error, WorkledgerError) as error:
        _roll_back(connection)
        return BuiltModel(model, "errored", None, time.perf_counter() - started, str(error).strip())
    done = renewed or _Renewed()
    return BuiltModel(model, "passed", rows, time.perf_counter() - started, days=done.days, records=done.records)


def _roll_back(connection: Any) -> None:
    import duckdb

    try:
        connection.execute("rollback")
    except duckdb.Error:  # the transaction went with the error
        return


@dataclass(frozen=True)
class _Renewed:
    """What was made again of a table of the version before."""

    days: tuple[Stretch, ...] | None = None
    records: int | None = None


def _renew(connection: Any, model: CompiledModel, changes: Changes) -> _Renewed | None:
    """Make again what something changed for, in the table of the version before; None where all of it is to be made."""
    if model.by_days is not None:
        return _renew_days(connection, model, model.by_days, changes)
    if model.by_records is not None:
        return _renew_records(connection, model, model.by_records, changes)
    return None


def _renew_days(connection: Any, model: CompiledModel, by_days: ByDays, changes: Changes) -> _Renewed | None:
    days = changes.days_of(model.relation, by_days)
    if days == EVERY_DAY:
        return None
    if days:
        these_days = by_days.days.within(days)
        query = narrowed(model.source, by_days, days)
        connection.execute(f"delete from {model.relation} where {these_days}")
        connection.execute(f"insert into {model.relation} by name select * from ({query}\n) where {these_days}")
    return _Renewed(days=days)


def _renew_records(connection: Any, model: CompiledModel, by_records: ByRecords, changes: Changes) -> _Renewed | None:
    touched = find_touched(connection, model.relation, by_records, changes)
    if touched is None:
        return None
    now, then = (quoted(f"{model.table} {side}") for side in ("now", "then"))
    query = narrowed_to_touched(connection, model.source, by_records)
    connection.execute(f"create or replace temp table {now} as {query}")
    connection.execute(
        f"create or replace temp table {then} as from {model.relation} semi join {TOUCHED} using ({KEY})"
    )
    connection.execute(
        f"delete from {model.relation} as known using {TOUCHED} as touched"
        " where known.source = touched.source and known.source_record_id = touched.source_record_id"
    )
    connection.execute(f"insert into {model.relation} by name from temp.main.{now}")
    changes.differ_among(model.relation, f"from temp.main.{now}", f"from temp.main.{then}")
    return _Renewed(records=touched)


def _count(connection: Any, model: CompiledModel) -> int:
    return _rows(connection.execute(f"select count(*) from {model.relation}"))


def _create(connection: Any, model: CompiledModel) -> int | None:
    """Make the table or view; its rows. What promises columns must have them, no more, of these types."""
    relation = model.relation
    query = _seed_query(model) if model.kind == "seed" else f"({model.source}\n)"
    if model.kind == "view":
        connection.execute(f"create or replace view {relation} as {query}")
        return None
    if not model.columns:
        return _rows(connection.execute(f"create or replace table {relation} as {query}"))
    columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in model.columns.items())
    connection.execute(f"create or replace table {relation} ({columns})")
    _require_promised(connection, query, relation)
    return _rows(connection.execute(f"insert into {relation} by name {query}"))


def _seed_query(model: CompiledModel) -> str:
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in model.columns.items())
    read = f"{literal(PROJECT / model.source)}, header = true, delim = ',', quote = '\"', types = {{{types}}}"
    return f"(select * from read_csv({read}))"


def _rows(cursor: Any) -> int:
    row = cursor.fetchone()
    return int(row[0])


def _require_promised(connection: Any, query: str, relation: str) -> None:
    given, promised = (_described(connection, what) for what in (query, relation))
    told = [
        f"{name} is {kind}, promised is {promised[name]}"
        for name, kind in given.items()
        if promised.get(name, kind) != kind
    ]
    told += [f"{name} is not promised" for name in given if name not in promised]
    told += [f"{name} is not there" for name in promised if name not in given]
    if told:
        raise WorkledgerError(f"The query does not give the columns of its contract: {'; '.join(told)}")


def _described(connection: Any, what: str) -> dict[str, str]:
    return {name: kind for name, kind, *_ in connection.execute(f"describe {what}").fetchall()}
