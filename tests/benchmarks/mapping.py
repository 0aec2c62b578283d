"""How fast a delivery becomes stream rows: a Toggl-like CSV against one hand-written statement and against a plain copy.

    python -m tests.benchmarks.mapping --megabytes 1000 --rounds 3

Every case runs in a process of its own, the cases in turn, the median of the rounds counts. `mapped, bad rows` has a duration
that cannot be read in one row of a thousand.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

BYTES_A_ROW = 150
BAD_EVERY = 1_000
ZONE = "Europe/Berlin"


@dataclass(frozen=True)
class Run:
    """One case, once: wall seconds, peak resident memory in MiB, rows written."""

    seconds: float
    peak_mib: int
    rows: int


def write_export(path: Path, rows: int, bad_every: int | None = None) -> None:
    """A detailed report of ``rows`` entries of 20,000 people over ten years, none like another."""
    import duckdb

    plain = "lpad((i % 7)::varchar, 2, '0') || ':' || lpad((i * 7 % 60)::varchar, 2, '0') || ':00'"
    duration = f"case when i % {bad_every} = 17 then 'about an hour' else {plain} end" if bad_every else plain
    clock = "(time '08:00:00' + to_minutes(cast(i * 13 % 480 + {} as integer)))::varchar"
    duckdb.connect().execute(
        f"""
        copy (
            select
                'Person ' || (i * 7919 % 20000) as "User",
                'person' || (i * 7919 % 20000) || '@example.org' as "Email",
                'Client ' || (i * 31 % 400) as "Client",
                'Project ' || (i * 31 % 4000) as "Project",
                'Task ' || (i * 131 % 90000) as "Task",
                'worked on item ' || i as "Description",
                if(i % 3 = 0, 'No', 'Yes') as "Billable",
                strftime(date '2016-01-01' + cast(i * 3650 // {rows} as integer), '%Y-%m-%d') as "Start date",
                {clock.format(0)} as "Start time",
                strftime(date '2016-01-01' + cast(i * 3650 // {rows} as integer), '%Y-%m-%d') as "End date",
                {clock.format(60)} as "End time",
                {duration} as "Duration",
                if(i % 4 = 0, 'focus', '') as "Tags"
            from range({rows}) as numbers(i)
        ) to '{path}' (header)
        """
    )


def copy_plainly(csv: Path, folder: Path) -> Path:
    """The floor: the text as it is, to Parquet."""
    import duckdb

    target = folder / "plain.parquet"
    duckdb.connect().execute(f"copy (from read_csv('{csv}')) to '{target}'")
    return target


def map_by_hand(csv: Path, folder: Path) -> Path:
    """What an analyst would write for this one export: the same columns, no quarantine, no account."""
    import duckdb

    target = folder / "by_hand.parquet"
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'; set memory_limit = '2GB'")
    con.execute(f"set temp_directory = '{folder}/spill'")
    instant = "timezone('{}', cast(\"{} date\" || ' ' || \"{} time\" as timestamp))"
    con.execute(
        f"""
        copy (
            with entries as (
                select
                    row_number() over () as _row, "Email" as person_email, "User" as person_name, "Project" as project_name,
                    "Client" as client_name, "Task" as task_name, "Task" as activity_name, "Tags" as tags,
                    "Description" as note, 'instant' as date_precision,
                    {instant.format(ZONE, "Start", "Start")} as started_at, {instant.format(ZONE, "End", "End")} as ended_at,
                    cast("Start date" as date) as work_date,
                    cast(split_part("Duration", ':', 1) as bigint) * 3600000000
                    + cast(split_part("Duration", ':', 2) as bigint) * 60000000
                    + cast(split_part("Duration", ':', 3) as bigint) * 1000000 as duration_us,
                    "Billable" = 'Yes' as is_billable
                from read_csv('{csv}', all_varchar = true)
            ),
            hashed as (
                select *, md5(concat_ws(
                    '|', person_email, person_name, project_name, client_name, task_name, tags, note, started_at, ended_at,
                    work_date, duration_us, is_billable
                )) as content
                from entries
            )
            select * exclude (content), content || '#' || row_number() over (partition by content order by _row) as record_id
            from hashed
        ) to '{target}' (compression zstd)
        """
    )
    return target


def map_by_format(csv: Path, folder: Path) -> Path:
    """The shipped format, from the file as it arrived to the Parquet that the ledger names."""
    from connectors.sources import Source, Store
    from connectors.streams import extract

    source = Source("toggl", "toggl_track__detailed", (csv.name,), csv.parent, zone=ZONE, mode="full")
    (outcome,) = extract([source], Store(folder / "data"), datetime.now(UTC))
    (stream,) = outcome.streams
    return folder / "data" / stream.path


CASES: dict[str, tuple[str, Callable[[Path, Path], Path]]] = {
    "plain copy": ("clean", copy_plainly),
    "written by hand": ("clean", map_by_hand),
    "mapped": ("clean", map_by_format),
    "mapped, bad rows": ("bad", map_by_format),
}


def run_case(name: str, folder: Path) -> Run:
    """One case in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.mapping", "--case", name, "--folder", str(folder)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return Run(**json.loads(done.stdout))


def _case(name: str, folder: Path) -> Run:
    import duckdb

    export, act = CASES[name]
    with tempfile.TemporaryDirectory(dir=folder) as work:
        started = perf_counter()
        written = act(folder / f"{export}.csv", Path(work))
        seconds = perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        (rows,) = duckdb.execute(f"select count(*) from '{written}'").fetchone() or (0,)
    return Run(seconds, peak, rows)


def compare(folder: Path, megabytes: int, rounds: int) -> dict[str, Run]:
    """Every case's median run over exports of about that size."""
    rows = megabytes * 1_000_000 // BYTES_A_ROW
    write_export(folder / "clean.csv", rows)
    write_export(folder / "bad.csv", rows, BAD_EVERY)
    runs: dict[str, list[Run]] = {name: [] for name in CASES}
    for _ in range(rounds):
        for name in CASES:
            runs[name].append(run_case(name, folder))
    return {
        name: Run(
            statistics.median(run.seconds for run in of_case), max(run.peak_mib for run in of_case), of_case[0].rows
        )
        for name, of_case in runs.items()
    }


def main() -> None:
    """Prints the table of a run."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--megabytes", type=int, default=1000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--case")
    given = arguments.parse_args()
    if given.case:
        print(json.dumps(_case(given.case, given.folder).__dict__))
        return
    folder = Path(tempfile.mkdtemp(prefix="workledger-bench-", dir=given.folder))
    try:
        medians = compare(folder, given.megabytes, given.rounds)
        size = (folder / "clean.csv").stat().st_size / 1e6
    finally:
        shutil.rmtree(folder)
    by_hand, plain = medians["written by hand"].seconds, medians["plain copy"].seconds
    print(f"{size:,.0f} MB of CSV, {os.cpu_count()} cores, median of {given.rounds}")
    print(f"{'case':<18} {'seconds':>8} {'MB/s':>7} {'peak MiB':>9} {'rows':>10} {'of by hand':>11} {'of plain':>9}")
    for name, run in medians.items():
        print(
            f"{name:<18} {run.seconds:>8.1f} {size / run.seconds:>7.0f} {run.peak_mib:>9,} {run.rows:>10,}"
            f" {by_hand / run.seconds:>10.2f}x {plain / run.seconds:>8.2f}x"
        )


if __name__ == "__main__":
    main()
