"""``make bench SIZE=1m``: a whole refresh of 20,000 people's time against one script written by hand over the same stream files.

Sizes are 1m, 20m and 100m time entries. The cases run in turn, each in a process of its own; the median of the rounds counts.
Start-up, from the process to the first row, stands apart. Beside the seconds stand processor seconds, peak memory and bytes
written. The sums of both must be the same. The table goes to standard output, all figures to ``--json``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from tests.benchmarks.scale.organisation import AS_OF, write

SIZES = {"100k": 100_000, "1m": 1_000_000, "20m": 20_000_000, "100m": 100_000_000}
FLOOR = Path(__file__).with_name("floor.sql")
SUMS = {
    "workledger": (
        "published/current/analyst.duckdb",
        "with entries as (from core.fct_activities where activity_kind = 'time_entry' and day_part = 1)"
        " select (select count(*) from entries), (select sum(duration_us)::hugeint from entries),"
        " (select round(sum(effective_capacity_hours)) from marts.mart_utilisation__team_week),"
        " (select round(sum(counted_hours)) from marts.mart_utilisation__person_week),"
        " (select sum(on_time_tasks) from marts.mart_completion__project_week)",
    ),
    "by hand": (
        "floor.duckdb",
        "select (select count(*) from activities), (select sum(duration_us)::hugeint from activities),"
        " (select round(sum(effective_us) / 3.6e9) from utilisation_team_week),"
        " (select round(sum(counted_us) / 3.6e9) from utilisation_person_week),"
        " (select sum(on_time_tasks) from completion_project_week)",
    ),
}


@dataclass(frozen=True)
class Run:
    """One case, once: seconds by phase, processor seconds, peak resident memory in MiB, MiB written."""

    phases: dict[str, float]
    cpu: float
    peak_mib: int
    written_mib: int
    seconds: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "seconds", sum(value for name, value in self.phases.items() if name != "start-up"))


def refresh(root: Path) -> dict[str, float]:
    """A whole refresh, forced, in this process; seconds by phase."""
    began = time.perf_counter()
    from orchestration.events import RefreshReport
    from orchestration.models import load_manifest_json
    from orchestration.refresh import refresh as run
    from orchestration.warm_up import warm_up
    from orchestration.workspace import Workspace

    load_manifest_json()
    warm_up().join()
    started = time.perf_counter()
    *_, report = run(Workspace(root), as_of=AS_OF, force=True)
    assert isinstance(report, RefreshReport)
    assert report.published, report.blocked_by[:3]
    return {"start-up": started - began, **report.seconds}


def by_hand(root: Path) -> dict[str, float]:
    """The script over the stream files that the ledger counts; one phase."""
    began = time.perf_counter()
    target = root / "floor.duckdb"
    target.unlink(missing_ok=True)
    streams = root / "data" / "streams"
    files = {
        name: sorted((streams / name).glob("*.parquet")) for name in ("people", "absences", "tasks", "time_entries")
    }
    text = FLOOR.read_text(encoding="utf-8").replace("$as_of", str(AS_OF))
    for name, paths in files.items():
        text = text.replace(f"'${name}'", f"'{paths[0]}'").replace(f"${name}", str([str(path) for path in paths]))
    with duckdb.connect(str(target)) as con:
        con.execute("set timezone = 'UTC'")
        con.execute(f"attach '{root / 'holidays.duckdb'}' as known (read_only)")
        con.execute("create table holidays as from known.holidays")
        started = time.perf_counter()
        con.execute(text)
        con.execute("checkpoint")
    return {"start-up": started - began, "script": time.perf_counter() - started}


CASES = {"workledger": refresh, "by hand": by_hand}


def measure(case: str, root: Path) -> Run:
    """Run a case in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.scale.run", "--case", case, str(root)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return Run(told["phases"], told["cpu"], told["peak_mib"], told["written_mib"])


def _tell(case: str, root: Path) -> None:
    phases = CASES[case](root)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "phases": phases,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss // 1024,
        "written_mib": usage.ru_oublock * 512 // 2**20,
    }
    print(json.dumps(told))


def sums(case: str, root: Path) -> tuple[Any, ...]:
    """What both must agree on: entries, time, capacity, counted hours, tasks on time."""
    file, sql = SUMS[case]
    with duckdb.connect(str(root / file), read_only=True) as con:
        return con.execute(sql).fetchone() or ()


def bench(root: Path, size: int, rounds: int, people: int) -> dict[str, list[Run]]:
    """Write the organisation, measure the cases in turn, compare what they say."""
    workspace = write(root, size, people)
    runs: dict[str, list[Run]] = {case: [] for case in CASES}
    for number in range(rounds):
        for case in CASES:
            if case == "by hand" and not number:
                _keep_holidays(root)
            runs[case].append(measure(case, workspace.root))
            print(f"{case}: {runs[case][-1].seconds:.1f} s", file=sys.stderr, flush=True)
    ours, theirs = (sums(case, root) for case in CASES)
    if [round(float(value)) for value in ours] != [round(float(value)) for value in theirs]:
        raise SystemExit(f"the two do not agree: {ours} and {theirs}")
    return runs


def _keep_holidays(root: Path) -> None:
    """The holidays that the refresh knew, for the script: it would have a table of them."""
    state = root / "published" / "current" / "private" / "state.duckdb"
    with duckdb.connect(str(root / "holidays.duckdb")) as con:
        con.execute(f"attach '{state}' as state (read_only)")
        con.execute("create table holidays as select distinct place, holiday_date from state.workspace.holidays")


def _show(size: str, runs: dict[str, list[Run]]) -> None:
    cores = os.cpu_count()
    print(
        f"{size} time entries, {cores} cores, DuckDB {duckdb.__version__}, Python {platform.python_version()}, median of"
        f" {len(runs['workledger'])}"
    )
    print(
        f"{'case':<12}{'seconds':>9}{'start-up':>10}{'cpu s':>8}{'peak MiB':>10}{'written MiB':>13}{'of by hand':>12}"
    )
    middle = {case: statistics.median_low(run.seconds for run in found) for case, found in runs.items()}
    for case, found in runs.items():
        run = next(run for run in found if run.seconds == middle[case])
        ratio = middle[case] / middle["by hand"]
        print(
            f"{case:<12}{run.seconds:>9.1f}{run.phases['start-up']:>10.1f}{run.cpu:>8.1f}{run.peak_mib:>10,}"
            f"{run.written_mib:>13,}{ratio:>11.2f}x"
        )
    run = next(run for run in runs["workledger"] if run.seconds == middle["workledger"])
    print("phases: " + ", ".join(f"{name} {value:.1f} s" for name, value in run.phases.items()))


def main(arguments: list[str] | None = None) -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("size", nargs="?", default="1m", help="1m, 20m or 100m; with --case, the workspace")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument(
        "--folder", type=Path, help="where it is written, kept afterwards; a temporary folder if left out"
    )
    parser.add_argument("--json", type=Path, help="where all figures go")
    parser.add_argument("--case", choices=CASES, help="one case over a workspace that is there")
    options = parser.parse_args(arguments)
    if options.case:
        _tell(options.case, Path(options.size))
        return 0
    folder = options.folder or Path(tempfile.mkdtemp(prefix="workledger-bench-"))
    try:
        runs = bench(folder / options.size, SIZES[options.size], options.rounds, options.people)
    finally:
        if options.folder is None:
            shutil.rmtree(folder)
    _show(options.size, runs)
    if options.json:
        options.json.write_text(
            json.dumps({case: [asdict(run) for run in found] for case, found in runs.items()}, indent=1)
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
