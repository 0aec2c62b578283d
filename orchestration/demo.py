"""The demo: a made-up organisation's exports, refreshed through Dagster, and a summary of what came out."""

from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.cli import render
from orchestration.dagster_home import dagster_environment
from orchestration.status import read_status
from orchestration.workspace import CONFIG, Workspace, find_workspace

# Per mart: what to show, and the newest full weeks first.
FIRST_ROWS = {
    "mart_utilisation__team_week": """
        select team_name, week_start_date, counted_hours, effective_capacity_hours, utilisation_ratio, coverage_ratio, is_complete
        from marts.mart_utilisation__team_week left join core.dim_teams using (team_key)
        where is_complete order by week_start_date desc, team_name limit 5""",
    "mart_completion__project_week": """
        select project_name, week_start_date, due_tasks, completed_by_week_end_tasks, on_time_tasks, on_time_ratio
        from marts.mart_completion__project_week left join core.dim_projects using (project_key)
        where due_tasks > 0 and week_end_date < (select as_of_date from audit.version)
        order by week_start_date desc, project_name limit 5""",
    "mart_capacity__team_week": """
        select team_name, week_start_date, effective_capacity_hours, allocated_hours, counted_hours, capacity_variance_hours
        from marts.mart_capacity__team_week left join core.dim_teams using (team_key)
        where counted_hours > 0 order by week_start_date desc, team_name limit 5""",
}


def run_demo(folder: Path, *, people: int, months: int, seed: int) -> bool:
    """Write the sample if the folder has none, refresh it through Dagster, print the summary; False if blocked."""
    seconds: dict[str, float] = {}
    began = time.perf_counter()
    if not (folder / CONFIG).exists():
        _write_sample(folder, people=people, months=months, seed=seed)
    seconds["write the sample"] = time.perf_counter() - began
    workspace = find_workspace(folder)
    began = time.perf_counter()
    succeeded = _refresh_through_dagster(workspace)
    seconds["refresh through Dagster"] = time.perf_counter() - began
    _summary(workspace, folder, seconds)
    return succeeded


def _write_sample(folder: Path, *, people: int, months: int, seed: int) -> None:
    from connectors.sample_org.write import write_sample_organisation

    render.out.print(
        f"Writing the exports of a made-up organisation: {people} people, {months} months, seed {seed} ..."
    )
    with render.progress_line().running() as progress:
        write_sample_organisation(
            folder,
            people=people,
            months=months,
            seed=seed,
            until=date.today(),
            progress=lambda what: progress(what, 0, None),
        )


def _refresh_through_dagster(workspace: Workspace) -> bool:
    os.environ.update(dagster_environment(workspace))
    from orchestration.dagster.run import run_refresh_job

    render.out.print("Refreshing through Dagster ...")
    with render.progress_line().running() as progress:
        return run_refresh_job(progress)


def _summary(workspace: Workspace, folder: Path, seconds: dict[str, float]) -> None:
    state = read_status(workspace)
    out = render.out
    out.print()
    out.print(f"[bold]Version {state.version}[/] is published in {workspace.published / 'current'}")
    out.print("Time: " + ", ".join(f"{phase} {value:.1f} s" for phase, value in seconds.items()))
    out.print()
    columns = [
        "source",
        "format",
        "files",
        "rows read",
        "rows loaded",
        "quarantined",
        "filtered",
        "hours read",
        "hours loaded",
    ]
    out.print(render.table("Rows and hours by source", columns, _by_source(state.deliveries)))
    out.print()
    gaps = [(gap["rule"], gap["severity"], gap["gaps"], gap["hours_at_stake"]) for gap in state.gaps]
    out.print(render.table("Gaps found", ["rule", "severity", "gaps", "hours at stake"], gaps))
    for mart, sql in FIRST_ROWS.items():
        _first_rows(workspace, mart, sql)
    _copy_lines(workspace, folder)


def _by_source(deliveries: Any) -> list[tuple[Any, ...]]:
    rows: dict[tuple[str, str], list[Any]] = {}
    for delivery in deliveries:
        row = rows.setdefault((delivery.source, delivery.format or "—"), [0, 0, 0, 0, 0, None, None])
        counts = (1, delivery.rows_read, delivery.rows_loaded, delivery.rows_quarantined, delivery.rows_filtered)
        row[:5] = [total + count for total, count in zip(row[:5], counts, strict=True)]
        for index, hours in ((5, delivery.hours_read), (6, delivery.hours_loaded)):
            if hours is not None:
                row[index] = (row[index] or 0.0) + hours
    return [(*key, *values) for key, values in sorted(rows.items())]


def _first_rows(workspace: Workspace, mart: str, sql: str) -> None:
    from orchestration.cli.read import run_query

    columns, rows = run_query(workspace, sql)
    render.out.print()
    render.out.print(render.table(f"marts.{mart}", columns, rows))


def _copy_lines(workspace: Workspace, folder: Path) -> None:
    file = folder / "published" / "current" / "analyst.duckdb"
    tool = ".venv/bin/workledger"
    read = f"duckdb.connect('{file}', read_only=True)"
    python = f"import duckdb; print({read}.sql('from marts.mart_capacity__team_week limit 5'))"
    render.out.print(
        f"""
Look further (copy a line):
  {tool} query -w {folder} "select * from marts.mart_utilisation__team_week limit 5"
  .venv/bin/python -c "{python}"
  BI tools: a DuckDB connection to {workspace.analyst_file}, read only, schemas core and marts
  {tool} gaps -w {folder}
  {tool} status -w {folder}
  {tool} ui -w {folder}      # Dagster at http://127.0.0.1:3000
""",
        markup=False,
    )
