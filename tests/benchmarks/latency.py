"""``make latency``: from the arrival of an export to the version that holds it, over a simulated week with the sensor on.

First, some refreshes of the sample organisation run for real, each started as Dagster starts a run: a process of its own that
loads the definitions, reads the new export and publishes. Then a week passes on a clock of its own: exports arrive in bursts in
the morning, as single files over the day and at night; every minute the sensor itself looks at the inbox; what it asks for is
read into the ledger by the real intake, and takes as long as one of the measured refreshes. Runs queue, one at a time.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg

from connectors.sample_org.write import write_sample_organisation
from orchestration.dagster.definitions import refresh
from orchestration.dagster.triggers import new_exports
from orchestration.dagster.workspace_resource import WorkspaceResource
from orchestration.dagster_home import dagster_environment
from orchestration.intake import SETTLED_AFTER, take_in
from orchestration.workspace import Workspace

TICK = timedelta(seconds=60)
#: Dagster's daemon looks for queued runs so often.
QUEUE = timedelta(seconds=5)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
SOURCES = 20
UNTIL = date(2026, 11, 20)
SETTINGS = "sources:\n" + "".join(
    f"  s{number:02}: {{files: ['inbox/s{number:02}/*.csv'], format: workledger__time_entries}}\n"
    for number in range(SOURCES)
)
HEADER = "time_entries_record_id,person_email,date_precision,work_date,duration_hours\n"
RUN = (
    "import sys; from orchestration.dagster.run import run_refresh_job; sys.exit(not run_refresh_job(lambda *_: None))"
)


@dataclass
class Waiting:
    """An export on its way to readers."""

    arrived_at: datetime
    source: int
    number: int


def measured(folder: Path, count: int) -> list[timedelta]:
    """How long a refresh takes from the start of its process to its end, each with one new export."""
    write_sample_organisation(folder, people=150, months=14, seed=7, until=UNTIL)
    environment = {**os.environ, **dagster_environment(Workspace(folder))}
    found = []
    month = sorted((folder / "inbox" / "scripts").glob("time_entries_*.csv"))[3]
    for number in range(count + 1):
        if number:  # the same month, exported anew
            shutil.copyfile(
                month, month.with_name(month.name.partition("_exported")[0] + f"_exported_2026-11-1{number}.csv")
            )
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", RUN], env=environment, check=True)
        found.append(timedelta(seconds=time.perf_counter() - started))
        print(
            f"refresh {number}: {found[-1].total_seconds():.1f} s{'' if number else ', the first, not counted'}",
            flush=True,
        )
    return found[1:]


def arrivals(draw: random.Random) -> Iterator[Waiting]:
    """Of a week: every source between six and nine each morning, a third of them once more over the day, some at night."""
    number = 0
    for day in range(7):
        is_weekend = day > 4
        for source in range(SOURCES):
            for first, length, chance in ((6, 3, 1.0), (9, 10, 0.33), (0, 5, 0.1)):
                if draw.random() < (chance if not is_weekend else chance / 10):
                    moment = MONDAY + timedelta(days=day, hours=first + draw.random() * length)
                    yield Waiting(moment, source, number)
                    number += 1


def week(folder: Path, durations: Sequence[timedelta], seed: int) -> list[timedelta]:
    """Time from arrival to readable version of every export of the week."""
    draw = random.Random(seed)
    folder.mkdir()
    (folder / "workledger.yaml").write_text(SETTINGS)
    to_come = sorted(arrivals(draw), key=lambda export: export.arrived_at, reverse=True)
    lying: list[Waiting] = []
    latencies: list[timedelta] = []
    asked: list[datetime] = []
    cursor, is_free_at, now = None, MONDAY, MONDAY
    sensor, workspace = new_exports(refresh), WorkspaceResource(folder=str(folder))
    while to_come or lying:
        while to_come and to_come[-1].arrived_at + SETTLED_AFTER <= now:
            lying.append(to_come.pop())
            _put(folder, lying[-1])
        if asked and max(asked[0] + QUEUE, is_free_at) <= now:
            started = max(asked.pop(0) + QUEUE, is_free_at)
            problems = [event.problem for event in take_in(Workspace(folder), started, lambda *_: None)]
            assert not any(problems), problems
            is_free_at = started + draw.choice(durations)
            latencies += [is_free_at - export.arrived_at for export in lying]
            lying = []
        context = dg.build_sensor_context(cursor=cursor, resources={"workspace": workspace})
        answer = sensor(context)
        if isinstance(answer, dg.SensorResult) and answer.run_requests:
            cursor = answer.cursor
            asked.append(now)
        now += TICK
    return latencies


def _put(folder: Path, export: Waiting) -> None:
    path = folder / "inbox" / f"s{export.source:02}" / f"{export.number}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEADER}{export.number},ada@example.org,day,2026-11-{16 + export.number % 5},1\n")
    os.utime(path, (1, 1))  # long ago on the machine's own clock


def main(arguments: list[str] | None = None) -> int:
    """Measure, simulate, tell. Returns 1 where the 95th percentile is over 15 minutes."""
    parser = argparse.ArgumentParser(prog="make latency", description=__doc__)
    parser.add_argument("--refreshes", type=int, default=4, help="refreshes that are run for real")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="workledger-latency-") as scratch:
        durations = measured(Path(scratch) / "sample", options.refreshes)
        latencies = sorted(week(Path(scratch) / "week", durations, options.seed))
    middle, high, longest = (latencies[round((len(latencies) - 1) * part)] for part in (0.5, 0.95, 1))
    print(
        f"{len(latencies)} exports in a week, minutes from arrival to readable version: median"
        f" {_minutes(middle)}, 95th percentile {_minutes(high)}, longest {_minutes(longest)}"
    )
    return int(high > timedelta(minutes=15))


def _minutes(duration: timedelta) -> str:
    return f"{duration.total_seconds() / 60:.1f}"


if __name__ == "__main__":
    sys.exit(main())
