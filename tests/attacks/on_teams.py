"""Attacks over teams: people who moved from one to another, and totals that a hidden team could be had from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations, product

from tests.attacks.organisation import Attacked
from tests.attacks.registry import Found, attack
from tests.attacks.truth import CLOSE, CONTRIBUTED, ENOUGH, HOURS, Span, combined, shown, sums, told

#: What a team was told to have in a period, by person.
Telling = tuple[str, dict[str, float]]


@attack
def differencing_teams_over_movers(attacked: Attacked) -> Found:
    """Figures of a period added and taken from each other over teams and versions: who stays behind when the others moved?"""
    found, tried = [], 0
    for figure in CONTRIBUTED:
        for (start, end), tellings in _tellings(attacked, figure).items():
            for terms in (*combinations(tellings, 2), *combinations(tellings, 3)):
                if len({team for team, _ in terms}) == 1:
                    continue
                for signs in product((1, -1), repeat=len(terms) - 1):
                    tried += 1
                    people = combined(*zip((1, *signs), (amounts for _, amounts in terms), strict=True))
                    if 0 < len(people) < ENOUGH:
                        found.append(f"{figure} of {start} to {end}: teams less each other leave {len(people)} people")
    return tried, found


def _tellings(attacked: Attacked, figure: str) -> dict[tuple[date, date], list[Telling]]:
    """Everything that was ever shown of a period: of every team, in every version that told it otherwise."""
    tellings: dict[tuple[date, date], list[Telling]] = {}
    for version in range(len(attacked.versions)):
        amounts = told(attacked, version, (figure, None))
        for span in shown(attacked, version, figure):
            telling = (span[0], sums(amounts, span))
            others = tellings.setdefault(span[1:], [])
            if telling not in others:
                others.append(telling)
    return tellings


@attack
def totals_less_the_shown_teams(attacked: Attacked) -> Found:
    """Numbers that are no team's, or several teams': less the teams that are shown they may not give the hidden ones."""
    found, tried = [], 0
    numbers = list(_numbers_of_no_team(attacked))
    for figure in HOURS:
        amounts = told(attacked, -1, (figure, None))
        figures = shown(attacked, -1, figure)
        for start, end in {span[1:] for span in figures}:
            spans: set[Span] = {(team, start, end) for team, _ in amounts}
            hidden = combined(*((1, sums(amounts, span)) for span in spans - figures.keys()))
            rest = sum(figures.get(span, 0.0) for span in spans)
            for place, number in numbers:
                tried += 1
                if 0 < len(hidden) < ENOUGH and abs(number - rest - sum(hidden.values())) < CLOSE:
                    found.append(
                        f"{place} less the shown teams is {figure} of {len(hidden)} people from {start} to {end}"
                    )
    return tried, found


def _numbers_of_no_team(attacked: Attacked) -> Iterator[tuple[str, float]]:
    """Each number in the managers' file that does not stand in a row of one released team."""
    with attacked.open("manager") as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name, bool_or(column_name = 'team_key') over (partition by table_oid)"
            " from duckdb_columns() where database_name = 'manager' and not internal"
            " qualify numeric_precision is not null"
        ).fetchall()
        for schema, table, column, has_team in columns:
            of_no_team = "team_key not in (select team_key from manager.marts.dim_released_teams) or team_key is null"
            rows = connection.execute(
                f'select "{column}" from manager."{schema}"."{table}"'
                f' where "{column}" is not null and ({of_no_team if has_team else "true"})'
            ).fetchall()
            for (number,) in rows:
                yield f"{schema}.{table}.{column}", float(number)
