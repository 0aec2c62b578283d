"""What managers are shown, and who stands behind it: the truth is what analysts read under keys."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path

from tests.attacks.organisation import Attacked

ENOUGH = 5  # People of whom a figure may tell, whatever the attacked workspace's policy says.
CLOSE = 1e-6
HOUR = 3_600_000_000
WEEKS, MONTHS = "mart_released_utilisation__team_week", "mart_released_utilisation__team_month"
CAPACITY, COMPLETION = "mart_released_capacity__team_week", "mart_released_completion__team_week"
Span = tuple[str, date, date]
#: Amounts of persons by team and day.
Contributed = dict[tuple[str, date], dict[str, float]]
#: Team, day, person and amount of whatever a figure is the sum of.
CONTRIBUTED = {
    "effective_capacity_hours": f"select team_key, capacity_date, person_key, effective_us / {HOUR}"
    " from analyst.core.fct_capacity_days",
    "counted_hours_with_capacity": f"select team_key, work_date, person_key, duration_us / {HOUR}"
    " from analyst.core.fct_activities where is_counted",
    "billable_hours_with_capacity": f"select team_key, work_date, person_key, duration_us / {HOUR}"
    " from analyst.core.fct_activities where is_counted and is_billable",
    "allocated_hours_with_capacity": "select bookings.team_key, allocation_date, bookings.person_key,"
    f" allocated_us / {HOUR} from analyst.core.fct_allocation_days as bookings"
    " inner join analyst.core.fct_capacity_days as days on bookings.person_key = days.person_key"
    " and allocation_date = capacity_date where booking_status = 'confirmed' and effective_us is not null",
    "due_tasks": "select due_team_key, baseline_due_date, person_key, 1 from analyst.core.fct_tasks",
    "completed_by_week_end_tasks": "select due_team_key, baseline_due_date, person_key, 1 from analyst.core.fct_tasks"
    " inner join analyst.core.dim_dates on baseline_due_date = calendar_date where completed_date <= week_end_date",
    "on_time_tasks": "select due_team_key, baseline_due_date, person_key, 1 from analyst.core.fct_tasks"
    " where completed_date <= baseline_due_date",
    "throughput_tasks": "select team_key, completed_date, person_key, 1 from analyst.core.fct_tasks",
}
TASKS = ("due_tasks", "completed_by_week_end_tasks", "on_time_tasks", "throughput_tasks")
HOURS = tuple(figure for figure in CONTRIBUTED if figure not in TASKS)
#: A figure, or what one less another says.
Quantity = tuple[str, str | None]
QUANTITIES: list[Quantity] = [
    *((figure, None) for figure in CONTRIBUTED),
    *combinations(HOURS, 2),
    *combinations(TASKS, 2),
]


def in_words(quantity: Quantity) -> str:
    """How a finding names a quantity."""
    return " less ".join(figure for figure in quantity if figure)


def shown(attacked: Attacked, version: int, column: str = "counted_hours_with_capacity") -> dict[Span, float]:
    """What managers read of a measure: by team and span of days."""
    tables = [COMPLETION] if column in TASKS else [CAPACITY] if column.startswith("alloc") else [WEEKS, MONTHS]
    spans = {table: "month" if table == MONTHS else "week" for table in tables}
    with attacked.open("manager", version=version) as connection:
        rows = connection.execute(
            " union all ".join(
                f"select team_key, {kind}_start_date, {kind}_end_date, {column}::double from manager.marts.{table}"
                for table, kind in spans.items()
            )
        ).fetchall()
    return {(team, start, end): amount for team, start, end, amount in rows if amount is not None}


def figures(attacked: Attacked, version: int, quantity: Quantity) -> dict[Span, float]:
    """What managers read, or have by subtraction, of a quantity."""
    plus, minus = quantity
    one = shown(attacked, version, plus)
    if minus is None:
        return one
    other = shown(attacked, version, minus)
    return {span: one[span] - other[span] for span in one.keys() & other.keys()}


def contributed(attacked: Attacked, version: int, quantity: Quantity) -> Contributed:
    """What each person adds to a quantity, as a version knows it."""
    plus, minus = quantity
    told = {key: dict(of_day) for key, of_day in _read(attacked.versions[version], plus).items()}
    for key, of_day in (_read(attacked.versions[version], minus) if minus else {}).items():
        mine = told.setdefault(key, {})
        for person, amount in of_day.items():
            mine[person] = mine.get(person, 0.0) - amount
    return told


@cache  # A version never changes, and reading it takes longer than any attack.
def _read(version: Path, figure: str) -> Contributed:
    amounts: Contributed = {}
    with Attacked(version, [version]).open("analyst") as connection:
        for team, day, person, amount in connection.execute(CONTRIBUTED[figure]).fetchall():
            of_day = amounts.setdefault((team, day), {})
            of_day[person] = of_day.get(person, 0.0) + float(amount or 0)
    return amounts


def told(attacked: Attacked, version: int, quantity: Quantity) -> Contributed:
    """What each person adds to a quantity, as a version tells managers: each week as known on the day on which it was told."""
    days = reversed([_told_days(path)[0] for path in attacked.versions])
    by_day = dict(
        zip(days, reversed([contributed(attacked, n, quantity) for n in range(len(attacked.versions))]), strict=True)
    )
    return {key: by_day[day].get(key, {}) for key, day in _told_days(attacked.versions[version])[1].items()}


@cache
def _told_days(version: Path) -> tuple[date, dict[tuple[str, date], date]]:
    """The day of a version, and for each team and day that it tells of, the day on which managers were told that week."""
    with Attacked(version, [version]).open("manager") as connection:
        (as_of,) = connection.execute("select as_of_date from manager.audit.version").fetchone() or (None,)
        rows = connection.execute(
            f"select team_key, week_start_date, week_end_date, restated_date from manager.marts.{WEEKS}"
        ).fetchall()
    assert isinstance(as_of, date)
    return as_of, {
        (team, start + timedelta(days=day)): restated
        for team, start, end, restated in rows
        for day in range((end - start).days + 1)
    }


def sums(amounts: Contributed, span: Span) -> dict[str, float]:
    """What each person adds in a team on the days of a span; who adds nothing is not in it."""
    team, start, end = span
    people: dict[str, float] = {}
    for day in (start + timedelta(days=number) for number in range((end - start).days + 1)):
        for person, amount in amounts.get((team, day), {}).items():
            people[person] = people.get(person, 0.0) + amount
    return combined((1, people))


def combined(*terms: tuple[int, dict[str, float]]) -> dict[str, float]:
    """What is left of each person's amounts when sums are added and taken from each other; who is not left is not in it."""
    left: dict[str, float] = {}
    for sign, people in terms:
        for person, amount in people.items():
            left[person] = left.get(person, 0.0) + sign * amount
    return {person: amount for person, amount in left.items() if abs(amount) > CLOSE}
