"""Attacks on files: joins over audiences, modes, names that are code, secrets in what is said."""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Iterator
from typing import Any

from tests.attacks.organisation import BIG, EVERYBODY, SECRETS, SMALL, TEAMS, Attacked, address
from tests.attacks.registry import Found, attack


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
