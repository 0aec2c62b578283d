"""What a BI tool asks of a published version: ten queries, each with its connection, the parameters changing; quiet, and while a
refresh runs that leaves one core free.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import duckdb
import yaml

from tests.benchmarks.scale.organisation import AS_OF

#: Milliseconds that nineteen readings of twenty may take, of marts and of the fact, and of marts while a refresh runs.
WITHIN = {"marts": 100, "fact": 2_000, "marts, while a refresh runs": 300}
WEEKS = f"date '{AS_OF}' - {{weeks}} * 7"
MARTS = {
    "utilisation of every team, by week": f"""
        select team_name, week_start_date, utilisation_ratio, effective_capacity_hours
        from marts.mart_utilisation__team_week left join core.dim_teams using (team_key)
        where week_start_date >= {WEEKS} order by all""",
    "utilisation of the company, by month": """
        select month_start_date, sum(counted_hours_with_capacity) / nullif(sum(effective_capacity_hours), 0)
        from marts.mart_utilisation__team_month group by all order by all""",
    "teams with the most hours without capacity": f"""
        select team_key, sum(hours_without_capacity) as hours from marts.mart_utilisation__team_week
        where week_start_date >= {WEEKS} group by all order by hours desc limit 20""",
    "weeks of a person": """
        select week_start_date, counted_hours, utilisation_ratio from marts.mart_utilisation__person_week
        where person_key = '{person}' order by all""",
    "completion of a client's projects": f"""
        select project_name, sum(on_time_tasks) / nullif(sum(due_tasks), 0)
        from marts.mart_completion__project_week inner join core.dim_projects using (project_key)
        where client_name = '{{client}}' and week_start_date >= {WEEKS} group by all order by all""",
    "late tasks, by week": """
        select week_start_date, sum(late_tasks), sum(due_tasks) from marts.mart_completion__project_week
        group by all order by all""",
    "capacity of the weeks to come": f"""
        select week_start_date, sum(effective_capacity_hours), sum(allocated_hours) from marts.mart_capacity__team_week
        where week_start_date > date '{AS_OF}' group by all order by all""",
}
FACT = {
    "hours of a client, by project and month": """
        select project_name, date_trunc('month', work_date) as month, sum(duration_us) / 3.6e9
        from core.fct_activities inner join core.dim_projects using (project_key)
        where client_name = '{client}' and is_counted group by all order by all""",
    "hours by kind of work, of some weeks": f"""
        select activity_type, source, sum(duration_us) / 3.6e9
        from core.fct_activities left join core.dim_activity_types using (activity_type_key)
        where is_counted and work_date >= {WEEKS} group by all order by all""",
    "entries of a person": """
        select * from core.fct_activities where person_key = '{person}' order by work_date desc limit 200""",
}


@dataclass(frozen=True)
class Answered:
    """One query, once."""

    kind: str
    query: str
    milliseconds: float


def read(published: Path, rounds: int, is_over: Callable[[], bool] = lambda: False) -> list[Answered]:
    """Ask all queries so many times, or until ``is_over``."""
    file, draw, found = published / "current" / "analyst.duckdb", Random(1), list[Answered]()
    with duckdb.connect(str(file), read_only=True) as con:
        people = [row[0] for row in con.execute("select person_key from core.dim_persons order by all").fetchall()]
        clients = [row[0] for row in con.execute("select client_name from core.dim_projects order by all").fetchall()]
    for _ in range(rounds):
        for kind, queries in (("marts", MARTS), ("fact", FACT)):
            for name, sql in queries.items():
                if is_over():
                    return found
                asked = sql.format(person=draw.choice(people), client=draw.choice(clients), weeks=draw.randint(1, 26))
                began = time.perf_counter()
                with duckdb.connect(str(file), read_only=True) as con:
                    con.execute(asked).fetchall()
                found.append(Answered(kind, name, (time.perf_counter() - began) * 1000))
    return found


@contextmanager
def refreshing(root: Path) -> Iterator[Callable[[], bool]]:
    """While a refresh of all cores but one runs in a process of its own; yields what says that it has ended."""
    config = root / "workledger.yaml"
    text = config.read_text()
    threads = max((os.cpu_count() or 2) - 1, 1)
    said = yaml.safe_load(text)
    config.write_text(yaml.safe_dump({**said, "machine": {**said.get("machine", {}), "threads": threads}}))
    command = [sys.executable, "-m", "tests.benchmarks.scale.run", "--case", "workledger", str(root)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield lambda: process.poll() is not None
        told, _ = process.communicate()
        if process.returncode:
            raise RuntimeError(f"the refresh beside ended with {process.returncode}: {told}")
    finally:
        process.kill()
        config.write_text(text)


def measure_reading(root: Path, rounds: int = 20) -> dict[str, list[Answered]]:
    """Quiet, and while a refresh runs: every answer by what it is told as."""
    published = root / "published"
    found: dict[str, list[Answered]] = {"": read(published, rounds)}
    with refreshing(root) as is_over:
        found[", while a refresh runs"] = read(published, 10**6, is_over)
    return {
        kind + when: [answer for answer in answers if answer.kind == kind]
        for when, answers in found.items()
        for kind in ("marts", "fact")
    }


def show(found: dict[str, list[Answered]]) -> None:
    """Median and 95th percentile of each kind, and the slowest query of it."""
    print(f"{'reading':<30}{'asked':>7}{'median ms':>11}{'p95 ms':>9}{'within':>9}  slowest by median")
    for kind, answers in found.items():
        times = [answer.milliseconds for answer in answers]
        p95 = statistics.quantiles(times, n=20)[-1]
        by_query: dict[str, list[float]] = {}
        for answer in answers:
            by_query.setdefault(answer.query, []).append(answer.milliseconds)
        slowest = max(by_query, key=lambda query: statistics.median(by_query[query]))
        within = f"{WITHIN[kind]:,}" if kind in WITHIN else ""
        print(f"{kind:<30}{len(times):>7}{statistics.median(times):>11.1f}{p95:>9.1f}{within:>9}  {slowest}")
