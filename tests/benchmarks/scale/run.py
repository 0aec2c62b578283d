"""``make bench SIZE=1m``: a whole refresh of 20,000 people's time against what somebody would write over the same stream files.

Sizes are 1m, 20m and 100m time entries. The cases run in turn, each in a process of its own; the median of the rounds counts.
Start-up, from the process to the first row, stands apart. Beside the seconds stand processor seconds, peak memory and bytes
written. The sums of all must be the same. Then a BI tool's queries are asked of the last version, and a day's export is added.
The tables go to standard output, all figures to ``--json``.
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
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb

from orchestration.workspace import Workspace
from tests.benchmarks.scale.cases import CASES, HOLIDAYS, NEXT
from tests.benchmarks.scale.organisation import write, write_next_day
from tests.benchmarks.scale.reading import Answered, measure_reading, show

#: Phases that look at what was built.
CHECKS = ("stream checks", "checks")
READING = "reading"
SIZES = {"100k": 100_000, "1m": 1_000_000, "20m": 20_000_000, "100m": 100_000_000}


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


def measure(case: str, root: Path) -> Run:
    """Run a case in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.scale.run", "--case", case, str(root)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return Run(told["phases"], told["cpu"], told["peak_mib"], told["written_mib"])


def _tell(case: str, root: Path) -> None:
    phases = {**CASES, **NEXT}[case].run(root)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "phases": phases,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss // 1024,
        "written_mib": usage.ru_oublock * 512 // 2**20,
    }
    print(json.dumps(told))


def bench(
    root: Path, size: int, rounds: int, people: int, wanted: list[str], memory: str | None = None
) -> dict[str, list[Run]]:
    """Write the organisation, measure the cases in turn, compare what they say."""
    workspace = write(root, size, people, memory)
    cases = {name: case for name, case in CASES.items() if size <= case.largest and name in wanted}
    runs: dict[str, list[Run]] = {case: [] for case in cases}
    for number in range(rounds):
        for case in cases:
            if case == "by hand" and not number:
                _keep_holidays(root)
            runs[case].append(measure(case, workspace.root))
            print(f"{case}: {runs[case][-1].seconds:.1f} s", file=sys.stderr, flush=True)
    told = {name: [round(float(value)) for value in case.sums(root)] for name, case in cases.items()}
    if any(sums != told["workledger"] for sums in told.values()):
        raise SystemExit(f"not all agree: {told}")
    return runs


def bench_next_day(root: Path, size: int, people: int) -> dict[str, list[Run]]:
    """Add the next day's export and measure a refresh of it, then one that builds everything; both must say the same."""
    rows = write_next_day(Workspace(root), size, people)
    runs, told = dict[str, list[Run]](), list[tuple[object, ...]]()
    for name, case in NEXT.items():
        runs[name] = [measure(name, root)]
        told.append(case.sums(root))
    if told[0] != told[1]:
        raise SystemExit(f"not all agree: {told}")
    (some,), (whole,) = runs.values()
    for what, one, all_of_it in (("seconds", some.seconds, whole.seconds), ("processor seconds", some.cpu, whole.cpu)):
        print(f"{rows:,} new and changed entries: {one:.1f} {what}, all anew {all_of_it:.1f}, {one / all_of_it:.0%}")
    for name, (run,) in runs.items():
        print(f"{name}: " + ", ".join(f"{phase} {value:.1f} s" for phase, value in run.phases.items()))
    return runs


def _keep_holidays(root: Path) -> None:
    """The holidays that the refresh knew, for the script: it would have a table of them."""
    state = root / "published" / "current" / "private" / "state.duckdb"
    with duckdb.connect(str(state), read_only=True) as con:
        con.execute(
            "copy (select place, holiday_date from workspace.holidays group by all order by all)"
            f" to '{root / HOLIDAYS}' (format parquet)"
        )


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
    checks = sum(seconds for name, seconds in run.phases.items() if name in CHECKS)
    print(f"checks: {checks / run.seconds:.0%} of the refresh")
    if "a copy" in middle:
        print(f"publication: {run.phases['publish'] / middle['a copy']:.2f}x a copy of what it publishes")


def main(arguments: list[str] | None = None) -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("size", nargs="?", default="1m", help="1m, 20m or 100m; with --case, the workspace")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument(
        "--memory", help="what DuckDB may use in a refresh, as in 3GiB; left to the machine if left out"
    )
    parser.add_argument(
        "--folder", type=Path, help="where it is written, kept afterwards; a temporary folder if left out"
    )
    parser.add_argument("--json", type=Path, help="where all figures go")
    parser.add_argument(
        "--cases", nargs="+", choices=CASES, default=list(CASES), help="these alone, workledger among them"
    )
    parser.add_argument("--no-reading", action="store_true", help="leave out the queries of a BI tool")
    parser.add_argument("--no-next-day", action="store_true", help="leave out the next day's export")
    parser.add_argument("--case", choices=[*CASES, *NEXT, READING], help="one case over a workspace that is there")
    options = parser.parse_args(arguments)
    if options.case == READING:
        show(measure_reading(Path(options.size)))
        return 0
    if options.case:
        _tell(options.case, Path(options.size))
        return 0
    folder = options.folder or Path(tempfile.mkdtemp(prefix="workledger-bench-"))
    root, answers = folder / options.size, dict[str, list[Answered]]()
    try:
        runs = bench(root, SIZES[options.size], options.rounds, options.people, options.cases, options.memory)
        _show(options.size, runs)
        if not options.no_reading:
            answers = measure_reading(root)
            show(answers)
        if not options.no_next_day:
            runs |= bench_next_day(root, SIZES[options.size], options.people)
    finally:
        if options.folder is None:
            shutil.rmtree(folder)
    if options.json:
        told = {case: [asdict(run) for run in found] for case, found in runs.items()}
        told |= {kind: [asdict(answer) for answer in found] for kind, found in answers.items()}
        options.json.write_text(json.dumps(told, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
