"""Published tables as rows that speak of people, teams and projects by the names the oracle gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

#: As the oracle calls people: by the number that a roster gives them, else by what the directory shows. Whom rosters
#: know by an id alone is called by the name there, whatever an account shows.
PERSON = """with numbers as (
        select person_key, max(told_number) as person_number, count(told_email) + count(told_number) = 0 as is_known_by_id_alone
        from state.intermediate.int_people_identified
        group by person_key
    )
    select
        names.person_key,
        lower(case
            when numbers.is_known_by_id_alone then names.person_name
            else coalesce(numbers.person_number, names.person_email, names.person_number, names.person_name)
        end) as person
    from directory.core.dim_person_names as names
    left join numbers on names.person_key = numbers.person_key"""
TEAM = "select team_key, lower(trim(team_name)) as team from analyst.core.dim_teams"
ROLE = "select role_key, lower(trim(role_name)) as role from analyst.core.dim_roles"


PROJECT = """select project_key, coalesce(
        lower(trim(project_code)), lower(source) || '/' || coalesce(lower(trim(project_name)), '?')
    ) as project
    from analyst.core.dim_projects"""
TASK = "select task_key, source_record_id as task from analyst.core.fct_tasks"
NAMES = {
    "project_key": ("project", PROJECT),
    "person_key": ("person", PERSON),
    "team_key": ("team", TEAM),
    "role_key": ("role", ROLE),
    "task_key": ("task", TASK),
}


#: An amount names its activity by a key only.
AMOUNTS = """(
        select amounts.*, activities.source, activities.source_record_id, activities.day_part
        from finance.core.fct_activity_amounts as amounts
        inner join analyst.core.fct_activities as activities on amounts.activity_key = activities.activity_key
    )"""


def published(connection: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    """Rows of a table, each key of a person, team, role or project with its name beside. One of no audience is the analysts'."""
    sql = f"select * from {AMOUNTS if table == 'finance.core.fct_activity_amounts' else f'analyst.{table}'} as facts"
    columns = [name for name, *_ in connection.execute(f"describe {sql}").fetchall()]
    for key, (name, query) in NAMES.items():
        if key in columns:
            sql += f" left join ({query}) as {name}s using ({key})"
    return fetch(connection, sql)


def fetch(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    """Rows of a query as dictionaries."""
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
