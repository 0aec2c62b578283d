"""Attacks on the figures of one version: of few people, by themselves or with the row's, the week's and the month's others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise, product

import numpy as np

from tests.attacks.organisation import Attacked
from tests.attacks.registry import Found, attack
from tests.attacks.truth import (
    CAPACITY,
    CLOSE,
    COMPLETION,
    ENOUGH,
    WEEKS,
    Contributed,
    Quantity,
    Span,
    figures,
    in_words,
    shown,
    sums,
    told,
)

#: Of what a number is made, where its name does not say; a share of tasks tells of everybody whose tasks were due.
MADE_OF = {
    "utilisation_ratio": "counted_hours_with_capacity",
    "billable_utilisation_ratio": "billable_hours_with_capacity",
    "allocation_ratio": "allocated_hours_with_capacity",
    "completed_by_week_end_tasks": "due_tasks",
    "on_time_tasks": "due_tasks",
    "completion_ratio": "due_tasks",
    "on_time_ratio": "due_tasks",
    "annotating_persons": "effective_capacity_hours",
}
#: What is promised to be hidden where a subtraction within one row, or of rows of one week, would leave few people.
SUBTRACTED: tuple[Quantity, ...] = (
    ("counted_hours_with_capacity", "billable_hours_with_capacity"),
    ("effective_capacity_hours", "allocated_hours_with_capacity"),
    ("counted_hours_with_capacity", "allocated_hours_with_capacity"),
    ("billable_hours_with_capacity", "allocated_hours_with_capacity"),
)
IN_MONTHS: tuple[Quantity, ...] = (
    ("effective_capacity_hours", None),
    ("counted_hours_with_capacity", None),
    ("billable_hours_with_capacity", None),
    ("counted_hours_with_capacity", "billable_hours_with_capacity"),
)


@attack
def figures_of_small_teams(attacked: Attacked) -> Found:
    """Any number in a row of any released table behind which fewer people stand than the smallest group."""
    found, tried = [], 0
    for version in range(len(attacked.versions)):
        for table, column, rows in _numbers(attacked, version):
            counted = "due_tasks" if table == COMPLETION else "effective_capacity_hours"
            figure = counted if column == "contributing_persons" else MADE_OF.get(column, column)
            amounts = told(attacked, version, (figure, None))
            for span, number in rows:
                tried += 1
                people = sums(amounts, span)
                # That nobody of a team was booked tells of nobody's bookings.
                if (number or people) and len(people) < ENOUGH:
                    found.append(f"{table}: {column} of {span[1]} to {span[2]} tells of {len(people)} people")
                if column == figure and abs(number - sum(people.values())) > CLOSE:
                    found.append(f"{table}: {column} of {span[1]} to {span[2]} is not the sum of the team's own people")
    return tried, found


def _numbers(attacked: Attacked, version: int) -> Iterator[tuple[str, str, list[tuple[Span, float]]]]:
    """Every column of numbers in the managers' tables by team and period: none is forgotten here when it is added there."""
    with attacked.open("manager", version=version) as connection:
        columns = connection.execute(
            "select table_name, column_name from duckdb_columns() where database_name = 'manager' and schema_name = 'marts'"
            " and starts_with(table_name, 'mart_') and numeric_precision is not null"
        ).fetchall()
        for table, column in columns:
            kind = "month" if table.endswith("month") else "week"
            rows = connection.execute(
                f"select team_key, {kind}_start_date, {kind}_end_date, {column} from manager.marts.{table}"
                f" where {column} is not null"
            ).fetchall()
            yield table, column, [((team, start, end), float(number)) for team, start, end, number in rows]


@attack
def differencing_figures_of_a_row(attacked: Attacked) -> Found:
    """A team's hours less others of the same period, also over tables: free capacity, not billable, not booked."""
    found, tried = [], 0
    for version, quantity in product(range(len(attacked.versions)), SUBTRACTED):
        amounts = told(attacked, version, quantity)
        for span, difference in figures(attacked, version, quantity).items():
            tried += 1
            if abs(difference) > CLOSE and len(people := sums(amounts, span)) < ENOUGH:
                found.append(f"{in_words(quantity)} of {span[1]} to {span[2]} tells of {len(people)} people")
    return tried, found


@attack
def differencing_tables_of_a_week(attacked: Attacked) -> Found:
    """Columns that two tables tell of the same team and week: one may not show what the other hides, nor be of another day."""
    found, tried = [], 0
    columns = "released_date, restated_date, is_suppressed, contributing_persons, effective_capacity_hours, is_complete"
    for version in range(len(attacked.versions)):
        with attacked.open("manager", version=version) as connection:
            for column in columns.split(", "):
                rows = connection.execute(
                    f"select week_start_date, one.{column}, other.{column} from manager.marts.{WEEKS} as one"
                    f" full outer join manager.marts.{CAPACITY} as other using (team_key, week_start_date)"
                ).fetchall()
                tried += len(rows)
                found += [
                    f"{column} of {week} is {one} here, {other} there" for week, one, other in rows if one != other
                ]
    return tried, found


@attack
def differencing_weeks_and_months(attacked: Attacked) -> Found:
    """Solve for the days that neither a week nor a month shows alone: which sums of few people follow from what is shown?"""
    found, tried = [], 0
    for quantity in IN_MONTHS:
        amounts = told(attacked, -1, quantity)
        spans = set(_told_alike(attacked, quantity, amounts))
        for team in sorted({team for team, _, _ in spans}):
            shown_spans = sorted(span for span in spans if span[0] == team)
            cuts = sorted({cut for _, start, end in shown_spans for cut in (start, end + timedelta(days=1))})
            atoms = [(team, start, after - timedelta(days=1)) for start, after in pairwise(cuts)]
            rows = [[float(span[1] <= atom[1] and atom[2] <= span[2]) for atom in atoms] for span in shown_spans]
            for number, atom in enumerate(atoms):
                tried += 1
                if 0 < len(people := sums(amounts, atom)) < ENOUGH and _follows(rows, number):
                    found.append(f"{in_words(quantity)} of {atom[1]} to {atom[2]} follows: {len(people)} people")
    return tried, found


def _told_alike(attacked: Attacked, quantity: Quantity, amounts: Contributed) -> Iterator[Span]:
    """Periods that any version shows, and that are still made of what they were made of then."""
    for version in range(len(attacked.versions)):
        then = told(attacked, version, quantity)
        yield from (span for span in figures(attacked, version, quantity) if sums(then, span) == sums(amounts, span))


def _follows(rows: list[list[float]], unknown: int) -> bool:
    """Whether linear combinations of what is shown give one unknown alone."""
    alone = [float(number == unknown) for number in range(len(rows[0]))]
    return bool(np.linalg.matrix_rank(np.array(rows)) == np.linalg.matrix_rank(np.array([*rows, alone])))


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
