"""The attacks. Each says how many things it tried and what got through; the truth is what analysts read under keys."""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from tests.attacks.organisation import BIG, EVERYBODY, SECRETS, SMALL, TEAMS, Attacked, address

ENOUGH = 5  # People of whom a figure may tell, whatever the attacked workspace's policy says.
HOUR = 3_600_000_000
WEEKS, MONTHS = "mart_released_utilisation__team_week", "mart_released_utilisation__team_month"
COMPLETION = "mart_released_completion__team_week"
Span = tuple[str, date, date]
#: Team, day, person and amount of whatever a figure is the sum of.
CONTRIBUTED = {
    "effective_capacity_hours": f"select team_key, capacity_date, person_key, effective_us / {HOUR}"
    " from analyst.core.fct_capacity_days",
    "counted_hours_with_capacity": f"select team_key, work_date, person_key, duration_us / {HOUR}"
    " from analyst.core.fct_activities where is_counted",
    "billable_hours_with_capacity": f"select team_key, work_date, person_key, duration_us / {HOUR}"
    " from analyst.core.fct_activities where is_counted and is_billable",
    "due_tasks": "select due_team_key, baseline_due_date, person_key, 1 from analyst.core.fct_tasks",
    "completed_by_week_end_tasks": "select due_team_key, baseline_due_date, person_key, 1 from analyst.core.fct_tasks"
    " inner join analyst.core.dim_dates on baseline_due_date = calendar_date where completed_date <= week_end_date",
    "on_time_tasks": "select due_team_key, baseline_due_date, person_key, 1 from analyst.core.fct_tasks"
    " where completed_date <= baseline_due_date",
    "throughput_tasks": "select team_key, completed_date, person_key, 1 from analyst.core.fct_tasks",
}
TASKS = ("due_tasks", "completed_by_week_end_tasks", "on_time_tasks", "throughput_tasks")
HOURS = tuple(figure for figure in CONTRIBUTED if figure not in TASKS)
Contributed = dict[tuple[str, date], dict[str, float]]


@dataclass(frozen=True)
class Outcome:
    """What one attack tried and what got through, which should be nothing."""

    attack: str
    tried: int
    got_through: tuple[str, ...]


Found = tuple[int, list[str]]
ATTACKS: dict[str, Callable[[Attacked], Found]] = {}


def attack(function: Callable[[Attacked], Found]) -> Callable[[Attacked], Found]:
    """Register an attack under its name in words."""
    ATTACKS[function.__name__.replace("_", " ")] = function
    return function


def run_all(attacked: Attacked) -> list[Outcome]:
    """Every attack in order."""
    return [Outcome(name, tried, tuple(found)) for name, run in ATTACKS.items() for tried, found in [run(attacked)]]


def shown(attacked: Attacked, version: int, column: str = "counted_hours_with_capacity") -> dict[Span, float]:
    """What managers read of a measure: by team and span of days."""
    with attacked.open("manager", version=version) as connection:
        rows = connection.execute(
            f"select team_key, week_start_date, week_end_date, {column} from manager.marts.{WEEKS}"
            f" union all select team_key, month_start_date, month_end_date, {column} from manager.marts.{MONTHS}"
        ).fetchall()
    return {(team, start, end): hours for team, start, end, hours in rows if hours is not None}


def truth(attacked: Attacked, version: int = -1) -> dict[tuple[str, date], dict[str, float]]:
    """Hours of each person by team and day, as the service knows them."""
    with attacked.open("analyst", version=version) as connection:
        rows = connection.execute(
            "select team_key, work_date, person_key, sum(duration_us) from analyst.core.fct_activities"
            " where is_counted group by all"
        ).fetchall()
    told: dict[tuple[str, date], dict[str, float]] = {}
    for team, day, person, duration in rows:
        told.setdefault((team, day), {})[person] = duration / HOUR
    return told


def people_behind(told: dict[tuple[str, date], dict[str, float]], span: Span) -> set[str]:
    """Who logged in a team on the days of a span."""
    team, start, end = span
    return {person for (of, day), persons in told.items() if of == team and start <= day <= end for person in persons}


@attack
def figures_of_small_teams(attacked: Attacked) -> Found:
    """Any number in a row of the managers' file behind which fewer people stand than the smallest group."""
    told, found, tried = truth(attacked), [], 0
    for column in (
        "counted_hours_with_capacity",
        "effective_capacity_hours",
        "utilisation_ratio",
        "contributing_persons",
    ):
        for span in shown(attacked, -1, column):
            tried += 1
            if len(people := people_behind(told, span)) < ENOUGH:
                found.append(f"{column} of {span[1]} to {span[2]} tells of {len(people)} people")
    return tried, found


@attack
def differencing_weeks_and_months(attacked: Attacked) -> Found:
    """Solve for the days that neither a week nor a month shows alone: which sums of few people follow from what is shown?"""
    told, found, tried = truth(attacked), [], 0
    for team in sorted({team for team, _ in told}):
        spans = [
            span for version in range(len(attacked.versions)) for span in shown(attacked, version) if span[0] == team
        ]
        cuts = sorted({cut for _, start, end in spans for cut in (start, end + timedelta(days=1))})
        atoms = [(team, start, after - timedelta(days=1)) for start, after in pairwise(cuts)]
        rows = [[float(span[1] <= atom[1] and atom[2] <= span[2]) for atom in atoms] for span in sorted(set(spans))]
        for number, atom in enumerate(atoms):
            tried += 1
            people = people_behind(told, atom)
            if 0 < len(people) < ENOUGH and _follows(rows, number):
                found.append(f"{atom[1]} to {atom[2]} follows, and tells of {len(people)} people")
    return tried, found


def _follows(rows: list[list[float]], unknown: int) -> bool:
    """Whether linear combinations of what is shown give one unknown alone."""
    if not rows:
        return False
    alone = [float(number == unknown) for number in range(len(rows[0]))]
    return bool(np.linalg.matrix_rank(np.array(rows)) == np.linalg.matrix_rank(np.array([*rows, alone])))


@attack
def differencing_versions(attacked: Attacked) -> Found:
    """Figures that differ between two versions, where fewer people changed than the smallest group."""
    found, tried = [], 0
    for column in ("counted_hours_with_capacity", "effective_capacity_hours", "billable_hours_with_capacity"):
        for before, after in pairwise(range(len(attacked.versions))):
            old, new = shown(attacked, before, column), shown(attacked, after, column)
            for span in old.keys() & new.keys():
                tried += 1
                changed = _changed(attacked, span)
                if old[span] != new[span] and len(changed) < ENOUGH:
                    found.append(
                        f"{column} of {span[1]} went from {old[span]} to {new[span]}: {len(changed)} people changed"
                    )
    return tried, found


def _changed(attacked: Attacked, span: Span) -> set[str]:
    """Whose hours in a span differ between the first version and the last."""
    first, last = truth(attacked, 0), truth(attacked)
    days = {key for key in first.keys() | last.keys() if key[0] == span[0] and span[1] <= key[1] <= span[2]}
    return {
        person
        for key in days
        for person in first.get(key, {}).keys() | last.get(key, {}).keys()
        if first.get(key, {}).get(person) != last.get(key, {}).get(person)
    }


@attack
def differencing_single_figures_of_versions(attacked: Attacked) -> Found:
    """Figures, or differences of two of one unit, that differ between two versions: did enough people change that very one?"""
    found, tried = [], 0
    told = [told_by_day(attacked, version) for version in range(len(attacked.versions))]
    singles = [(figure, None) for figure in CONTRIBUTED]
    for plus, minus in [*singles, *combinations(HOURS, 2), *combinations(TASKS, 2)]:
        contributed = [_amounts(attacked, version, plus, minus) for version in range(len(attacked.versions))]
        figures = [_figures(attacked, version, plus, minus) for version in range(len(attacked.versions))]
        for before, after in combinations(range(len(attacked.versions)), 2):
            for span in figures[before].keys() & figures[after].keys():
                tried += 1
                if abs(figures[before][span] - figures[after][span]) < 1e-6:
                    continue
                old = _sums(contributed, told[before], span)
                new = _sums(contributed, told[after], span)
                people = {one for one in old.keys() | new.keys() if abs(old.get(one, 0.0) - new.get(one, 0.0)) > 1e-6}
                if len(people) < ENOUGH:
                    of = plus if minus is None else f"{plus} less {minus}"
                    found.append(f"{of} of {span[1]} to {span[2]} differs by what {len(people)} people changed")
    return tried, found


def told_by_day(attacked: Attacked, version: int) -> dict[tuple[str, date], int]:
    """Of which version's knowledge a version tells managers of a team and day: that of the day on which the week was told."""
    with attacked.open("manager", version=version) as connection:
        rows = connection.execute(
            f"select team_key, week_start_date, week_end_date, restated_date from manager.marts.{WEEKS}"
        ).fetchall()
    days_of = {_as_of(attacked, number): number for number in reversed(range(len(attacked.versions)))}
    return {
        (team, start + timedelta(days=day)): days_of[restated]
        for team, start, end, restated in rows
        for day in range((end - start).days + 1)
    }


def _as_of(attacked: Attacked, version: int) -> date:
    with attacked.open("manager", version=version) as connection:
        (as_of,) = connection.execute("select as_of_date from manager.audit.version").fetchone() or (None,)
    assert isinstance(as_of, date)
    return as_of


def _figures(attacked: Attacked, version: int, plus: str, minus: str | None) -> dict[Span, float]:
    one, other = (
        {} if column is None else (_shown_tasks if column in TASKS else shown)(attacked, version, column)
        for column in (plus, minus)
    )
    return one if minus is None else {span: one[span] - other[span] for span in one.keys() & other.keys()}


def _shown_tasks(attacked: Attacked, version: int, column: str) -> dict[Span, float]:
    with attacked.open("manager", version=version) as connection:
        rows = connection.execute(
            f"select team_key, week_start_date, week_end_date, {column} from manager.marts.{COMPLETION}"
        ).fetchall()
    return {(team, start, end): float(tasks) for team, start, end, tasks in rows if tasks is not None}


def _amounts(attacked: Attacked, version: int, plus: str, minus: str | None) -> Contributed:
    amounts: Contributed = {}
    with attacked.open("analyst", version=version) as connection:
        for sign, figure in ((1.0, plus), (-1.0, minus)):
            for team, day, person, amount in connection.execute(CONTRIBUTED[figure]).fetchall() if figure else ():
                of_day = amounts.setdefault((team, day), {})
                of_day[person] = of_day.get(person, 0.0) + sign * (amount or 0.0)
    return amounts


def _sums(contributed: list[Contributed], told: dict[tuple[str, date], int], span: Span) -> dict[str, float]:
    team, start, end = span
    sums: dict[str, float] = {}
    for day in (start + timedelta(days=number) for number in range((end - start).days + 1)):
        if (team, day) in told:
            for person, amount in contributed[told[team, day]].get((team, day), {}).items():
                sums[person] = sums.get(person, 0.0) + amount
    return sums


@attack
def late_entries_between_a_month_and_its_weeks(attacked: Attacked) -> Found:
    """A month that was told after its weeks must not differ from them by what one person entered in between."""
    found, tried = [], 0
    every: dict[Span, set[float]] = {}
    for version in range(len(attacked.versions)):
        for span, hours in shown(attacked, version).items():
            every.setdefault(span, set()).add(round(hours, 6))
    for month in [span for span in every if (span[2] - span[1]).days > 6]:
        weeks = [
            span
            for span in every
            if span[0] == month[0] and month[1] <= span[1] and span[2] <= month[2] and span != month
        ]
        tried += 1
        # Four whole weeks make the month: what is left over is somebody's.
        if sum((span[2] - span[1]).days + 1 for span in weeks) == (month[2] - month[1]).days + 1:
            rest = min(every[month]) - sum(min(every[week]) for week in weeks)
            if abs(rest) > 1e-6 and len(_changed(attacked, month)) < ENOUGH:
                found.append(f"{month[1]}: {rest} hours are left over between the month and its weeks")
    return tried, found


@attack
def what_is_shown_before_its_contributors_saw_it(attacked: Attacked) -> Found:
    """Periods in the managers' file that ended fewer than five working days before the version's day."""
    found, tried = [], 0
    for version in range(len(attacked.versions)):
        with attacked.open("manager", version=version) as connection:
            (as_of,) = connection.execute("select as_of_date from manager.audit.version").fetchone() or (None,)
        for span in shown(attacked, version):
            tried += 1
            working = [span[2] + timedelta(days=day) for day in range(1, (as_of - span[2]).days)]
            if sum(day.isoweekday() <= 5 for day in working) < 5:
                found.append(f"{span[1]} to {span[2]} on {as_of}")
    return tried, found


@attack
def joining_files_of_other_audiences(attacked: Attacked) -> Found:
    """Text of one file that names a person, or leads to one, in another: managers' and finance's with the directory."""
    names = {value for name in EVERYBODY for value in (name, address(name))}
    with attacked.open("analyst", "directory", "manager", "finance") as connection:
        keys = {
            key for (key,) in connection.execute("select person_key from directory.core.dim_person_names").fetchall()
        }
    found, tried = [], 0
    for audience, telling in (("manager", names | keys), ("finance", names), ("analyst", names)):
        for place, values in _texts(attacked, audience):
            tried += len(values)
            found += [
                f"{audience}: {place} says {value!r}" for value in values if any(told in value for told in telling)
            ]
    return tried, found


def _texts(attacked: Attacked, audience: str) -> Iterator[tuple[str, set[str]]]:
    with attacked.open(audience) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() where not internal and database_name = ?"
            " and data_type like '%VARCHAR%'",
            [audience],
        ).fetchall()
        for schema, table, column in columns:
            rows = connection.execute(
                f'select distinct "{column}"::varchar from {audience}."{schema}"."{table}"'
            ).fetchall()
            yield f"{schema}.{table}.{column}", {value for (value,) in rows if value}


@attack
def opening_files_as_somebody_else(attacked: Attacked) -> Found:
    """Modes: nobody else may write anything published, enter the private folder or ``data``, or read names, rates or teams."""
    found, tried = [], 0
    for version in attacked.versions:
        closed = [attacked.workspace / "data", attacked.workspace / "data" / "releases", version / "private"]
        for folder in closed:
            tried += 1
            if stat.S_IMODE(folder.stat().st_mode) & 0o077:
                found.append(f"{folder.name}/ can be entered")
        for file in version.rglob("*"):
            mode = stat.S_IMODE(file.stat().st_mode)
            tried += 1
            if file.is_file() and mode & 0o222:
                found.append(f"{file.name} can be written to")
            if file.name in ("directory.duckdb", "finance.duckdb", "manager.duckdb") and mode & 0o007:
                found.append(f"{file.name} can be read by everybody")
            if file.name == "state.duckdb" and mode & 0o077:
                found.append("state.duckdb can be read by others than the service")
    for file in (attacked.workspace / "data" / "releases").rglob("*.*"):
        tried += 1
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            found.append(f"{file.name} of a release can be read by others than the service")
    return tried, found


@attack
def names_as_sql_and_as_paths(attacked: Attacked) -> Found:
    """Names that are SQL or lead out of a folder: as data, and as what a command is asked for."""
    found = []
    with attacked.open("analyst", "directory", "manager") as connection:
        names = {
            name for (name,) in connection.execute("select person_name from directory.core.dim_person_names").fetchall()
        }
        teams = {
            name for (name,) in connection.execute("select team_name from manager.marts.dim_released_teams").fetchall()
        }
        if connection.execute("select count(*) from analyst.core.dim_persons").fetchone() == (0,):
            found.append("people are gone")
    found += [f"{name!r} did not stay as it is written" for name in set(EVERYBODY) - names | TEAMS.keys() - teams]
    asked = ["'; drop table core.dim_persons; --", "../../x"]
    commands = [
        ["my", "--to", "stolen", "--person"],
        ["rollback"],
        ["pin"],
        ["verify"],
        ["diff"],
        ["close"],
        ["gaps", "--rule"],
    ]
    for command in commands:
        for value in asked:
            done = attacked.run(*command, "--", value) if len(command) == 1 else attacked.run(*command, value)
            if "Traceback" in done.stderr:
                found.append(f"{command[0]} {value!r} fell over")
            if command[0] == "my" and done.returncode == 0:
                found.append(f"my gave somebody's rows to {value!r}")
    outside = {path.name for path in attacked.root.iterdir()} - {"workspace"}
    found += [f"{name} was written outside the workspace" for name in outside]
    return len(names) + len(teams) + len(commands) * len(asked), found


@attack
def formulas_in_csv(attacked: Attacked) -> Found:
    """Cells of CSV that a spreadsheet would run."""
    found, tried = [], 0
    folder = attacked.workspace / "data" / "extract"
    attacked.run("my", "--person", address(BIG[2]), "--to", str(folder))
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.csv")]
    projects = attacked.run(
        "query", "--format", "csv", "select project_name, project_code, '\t=1' as x from core.dim_projects"
    )
    for text in (*texts, projects.stdout):
        for row in csv.reader(io.StringIO(text, newline="")):
            tried += len(row)
            found += [
                repr(cell) for cell in row if cell.lstrip(" ").startswith(tuple("=+-@\t\r")) and not _is_number(cell)
            ]
    return tried, found if len(texts) > 3 else ["no extract was written"]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


@attack
def somebody_elses_rows_in_an_extract(attacked: Attacked) -> Found:
    """One person's extract must not know of another, by key, name or address, nor of the team's totals."""
    folder = attacked.workspace / "data" / "own"
    attacked.run("my", "--person", address(SMALL[0]), "--to", str(folder))
    text = "\n".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    with attacked.open("directory") as connection:
        rows = connection.execute(
            "select person_key, person_name, person_email from directory.core.dim_person_names"
        ).fetchall()
    others = [value for row in rows if row[2] != address(SMALL[0]) for value in row if value]
    return len(others), [value for value in others if value in text and value not in ("+1+1", "-2+3")]


@attack
def secrets_in_what_is_said(attacked: Attacked) -> Found:
    """Private notes, secrets of the environment and the salt of keys: in published text, manifests, logs and output."""
    salt = (attacked.workspace / "data" / "person_key_salt").read_text().strip()
    secrets = (*SECRETS, salt)
    said: dict[str, Any] = {"what commands printed": attacked.said}
    for path in [
        *attacked.workspace.glob("data/runs/**/*"),
        *(version / "manifest.json" for version in attacked.versions),
    ]:
        if path.is_file():
            said[path.name] = path.read_text(encoding="utf-8", errors="replace")
    for audience in ("analyst", "directory", "finance", "manager"):
        for place, values in _texts(attacked, audience):
            said[f"{audience} {place}"] = "\n".join(values)
    return len(said), [
        f"{place} tells a secret" for place, text in said.items() if any(secret in text for secret in secrets)
    ]
