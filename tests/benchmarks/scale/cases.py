"""The cases that are measured: a refresh, and what somebody would have or write instead. Each runs in a process of its own."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from tests.benchmarks.scale.organisation import AS_OF, NEXT_DAY

Phases = dict[str, float]
FLOOR = Path(__file__).with_name("floor.sql")
READ = ("people", "absences", "tasks", "time_entries")
HOLIDAYS = "holidays.parquet"

OF_WAREHOUSE = """
    with entries as (from core.fct_activities where activity_kind = 'time_entry' and day_part = 1)
    select (select count(*) from entries), (select sum(duration_us)::hugeint from entries),
        (select round(sum(effective_capacity_hours)) from marts.mart_utilisation__team_week),
        (select round(sum(counted_hours)) from marts.mart_utilisation__person_week),
        (select sum(on_time_tasks) from marts.mart_completion__project_week)"""
OF_SCRIPT = """
    select (select count(*) from {activities}), (select sum(duration_us)::hugeint from {activities}),
        (select round(sum(effective_us) / 3.6e9) from {utilisation_team_week}),
        (select round(sum(counted_us) / 3.6e9) from {utilisation_person_week}),
        (select sum(on_time_tasks) from {completion_project_week})"""
SCRIPTED = ("activities", "utilisation_team_week", "utilisation_person_week", "completion_project_week")


@dataclass(frozen=True)
class Case:
    """``run`` gives seconds by phase, start-up among them; ``sums`` what all have to agree on. At most so many entries."""

    run: Callable[[Path], Phases]
    sums: Callable[[Path], tuple[Any, ...]]
    largest: int = 10**12


def refresh(root: Path, as_of: date = AS_OF, force: bool = True) -> Phases:
    """A whole refresh in this process; not forced, it builds only the days that something changed for of the largest tables."""
    began = time.perf_counter()
    from orchestration.events import RefreshReport
    from orchestration.models import load_manifest_json
    from orchestration.refresh import refresh as run
    from orchestration.warm_up import warm_up
    from orchestration.workspace import Workspace

    load_manifest_json()
    warm_up().join()
    started = time.perf_counter()
    *_, report = run(Workspace(root), as_of=as_of, force=force)
    assert isinstance(report, RefreshReport)
    assert report.published, report.blocked_by[:3]
    return {"start-up": started - began, **report.seconds}


def by_hand(root: Path) -> Phases:
    """The script over the stream files that the ledger counts."""
    began = time.perf_counter()
    target = root / "floor.duckdb"
    target.unlink(missing_ok=True)
    text = FLOOR.read_text(encoding="utf-8").replace("$as_of", str(AS_OF))
    for name, paths in _stream_files(root).items():
        text = text.replace(f"'${name}'", f"'{paths[0]}'").replace(f"${name}", str([str(path) for path in paths]))
    with duckdb.connect(str(target)) as con:
        con.execute("set timezone = 'UTC'")
        con.execute(f"create table holidays as from '{root / HOLIDAYS}'")
        started = time.perf_counter()
        con.execute(text)
        con.execute("checkpoint")
    return {"start-up": started - began, "script": time.perf_counter() - started}


def in_polars(root: Path) -> Phases:
    """The same in Polars."""
    began = time.perf_counter()
    from tests.benchmarks.scale.in_polars import write

    return _scripted(root, "polars", began, write)


def in_pandas(root: Path) -> Phases:
    """The same in pandas."""
    began = time.perf_counter()
    import pandas as pd  # noqa: F401

    from tests.benchmarks.scale.in_pandas import write

    return _scripted(root, "pandas", began, write)


def _scripted(root: Path, name: str, began: float, write: Callable[..., None]) -> Phases:
    target = root / name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    started = time.perf_counter()
    write(_stream_files(root), root / HOLIDAYS, AS_OF, target)
    return {"start-up": started - began, "script": time.perf_counter() - started}


def plain_dbt(root: Path) -> Phases:
    """The project's models as dbt alone builds them: every one a table, made beside and swapped, each test a node."""
    began = time.perf_counter()
    from dbt.cli.main import dbtRunner

    from orchestration.intake import what_counts
    from orchestration.models import PROJECT, load_manifest
    from orchestration.publication.clone import open_build
    from orchestration.publication.layout import STATE
    from orchestration.warehouse import prepare_warehouse
    from orchestration.workspace import Workspace

    shutil.rmtree(root / "plain", ignore_errors=True)
    folder, _ = open_build(root / "plain", "plain", root / "nothing published", fresh=True)
    manifest = load_manifest()
    for node in manifest.nodes.values():
        if node.resource_type == "model":
            node.config.materialized = "table"
    workspace = Workspace(root)
    counting = what_counts(workspace)
    os.environ["WORKLEDGER_BUILD"] = str(folder)
    started = time.perf_counter()
    prepare_warehouse(
        folder / STATE,
        workspace,
        as_of=AS_OF,
        stream_files=counting.stream_files,
        delivery_streams=counting.delivery_streams,
        problems=counting.problems,
    )
    flags = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(folder / "target")]
    quiet = ["--log-path", str(folder / "logs"), "--log-level", "none", "--exclude-resource-type", "unit_test"]
    done = dbtRunner(manifest=manifest).invoke(["build", *flags, *quiet])
    assert done.success, done.exception or [one.message for one in done.result if one.status in ("error", "fail")][:3]
    return {"start-up": started - began, "build": time.perf_counter() - started}


def copy(root: Path) -> Phases:
    """The published files, copied and synced: what publication is measured against."""
    began = time.perf_counter()
    target = root / "copied"
    shutil.rmtree(target, ignore_errors=True)
    started = time.perf_counter()
    shutil.copytree((root / "published" / "current").resolve(), target)
    for path in target.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
    return {"start-up": started - began, "copy": time.perf_counter() - started}


def _stream_files(root: Path) -> dict[str, list[Path]]:
    return {name: sorted((root / "data" / "streams" / name).glob("*.parquet")) for name in READ}


def _asked(file: str, sql: str) -> Callable[[Path], tuple[Any, ...]]:
    def ask(root: Path) -> tuple[Any, ...]:
        with duckdb.connect(str(root / file), read_only=True) as con:
            return con.execute(sql).fetchone() or ()

    return ask


def _read(folder: str) -> Callable[[Path], tuple[Any, ...]]:
    def ask(root: Path) -> tuple[Any, ...]:
        files = {name: f"'{root / folder / name}.parquet'" for name in SCRIPTED}
        return duckdb.sql(OF_SCRIPT.format(**files)).fetchone() or ()

    return ask


CASES = {
    "workledger": Case(refresh, _asked("published/current/analyst.duckdb", OF_WAREHOUSE)),
    "by hand": Case(by_hand, _asked("floor.duckdb", OF_SCRIPT.format(**{name: name for name in SCRIPTED}))),
    "in polars": Case(in_polars, _read("polars")),
    "in pandas": Case(in_pandas, _read("pandas"), largest=2_000_000),
    "plain dbt": Case(plain_dbt, _asked("plain/plain/analyst.duckdb", OF_WAREHOUSE), largest=20_000_000),
    "a copy": Case(copy, _asked("copied/analyst.duckdb", OF_WAREHOUSE)),
}

#: The next day's export on the version that is there, and all of it anew.
NEXT = {
    "the next day": Case(partial(refresh, as_of=NEXT_DAY, force=False), CASES["workledger"].sums),
    "all anew": Case(partial(refresh, as_of=NEXT_DAY), CASES["workledger"].sums),
}
