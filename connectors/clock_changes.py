"""Count the local times of a delivery that a change of the clocks leaves in doubt.

Reading settles them by one rule (``local_to_utc`` in macros.sql): a time that came twice is the earlier one, a time that never
came moves forward. Here the expressions run under the other readings, over the few rows near a change; what differs is counted.
Times that are made in a format's ``from`` are not among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors import mapping_sql as sql
from connectors.expressions import local_zones, referred_columns
from connectors.mapping_job import Base, Doubtful, Job
from connectors.sql_text import literal, quoted
from connectors.workbench import Desk

NEVER_CHANGES = frozenset(["UTC", "Etc/UTC"])
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR, DAY = 3_600_000_000, 86_400_000_000
READINGS = {"earlier": "instant_of_earlier", "later": "instant_of_later", "existing": "instant_of_existing"}


def doubtful_times(desk: Desk, job: Job, base: Base, staged: Path) -> Doubtful:
    """Rows of ``staged`` with a time that came twice, and with one that never came."""
    columns = (*sql.mapped_columns(job.contract, job.mapping), *sql.envelope_columns(job.mapping))
    zones = {column: local_zones(column.expression) for column in columns if column.type == sql.INSTANT}
    doubtful = [column for column in zones if zones[column] - NEVER_CHANGES]
    if not doubtful:
        return Doubtful()
    near = "true"
    if not any(None in zones[column] for column in doubtful):
        names = [quoted(column.name) for column in doubtful]
        rows = f"from read_parquet({literal(staged)})"
        days = desk.con.execute(" union ".join(f"select {_number(name, DAY)} {rows}" for name in names)).fetchall()
        named = {zone for column in doubtful for zone in zones[column] if zone}
        changing = {day for (day,) in days if day is not None and any(_changes(zone, day) for zone in named)}
        hours = sorted({hour for zone in named for day in changing for hour in _hours_in_doubt(zone, day)})
        if not hours:
            return Doubtful()
        # Few days are near a change, and few hours of those.
        within = [
            f"{_number(name, DAY)} in {_in(changing)} and {_number(name, HOUR)} in {_in(hours)}" for name in names
        ]
        near = " or ".join(within)
    return _count(desk, base, staged, near, doubtful)


def _count(desk: Desk, base: Base, staged: Path, near: str, doubtful: Sequence[sql.Mapped]) -> Doubtful:
    used = dict.fromkeys(quoted(name) for column in doubtful for name in referred_columns(column.expression))
    desk.make(
        "table",
        "_near",
        f"select {', '.join([f'{base.number} as _row_number', *({'_row': None} | used)])} from {quoted(base.relation)}"
        f" where _row in (select _row from read_parquet({literal(staged)}) where {near})",
    )
    read = (
        f"select _row_number, _row, [{', '.join(f'try({column.cast})' for column in doubtful)}] as instants from _near"
    )
    try:
        for name, macro in READINGS.items():
            desk.con.execute(f"create or replace macro instant_of(ts, zone) as {macro}(ts, zone)")
            desk.make("table", f"_read_{name}", read)
    finally:
        desk.con.execute(f"create or replace macro instant_of(ts, zone) as {READINGS['earlier']}(ts, zone)")
    row = desk.con.execute(
        "select count(distinct earlier._row) filter (where earlier.instants is distinct from later.instants),"
        " count(distinct earlier._row) filter (where earlier.instants is distinct from existing.instants)"
        " from _read_earlier as earlier join _read_later as later using (_row_number)"
        " join _read_existing as existing using (_row_number)"
    ).fetchone()
    desk.drop("_near", *(f"_read_{name}" for name in READINGS))
    return Doubtful(*(row or (0, 0)))


def _number(name: str, unit: int) -> str:
    return f"epoch_us({name}) // {unit}"


def _in(numbers: Iterable[int]) -> str:
    return f"({', '.join(map(str, sorted(numbers)))})"


def _offset(zone: str, hour: int) -> timedelta:
    """How far the clocks are ahead of UTC at the hour with that number since 1970."""
    return (EPOCH + timedelta(hours=hour)).astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


@cache
def _changes(zone: str, day: int) -> bool:
    """Whether the clocks of a zone change on the UTC day with that number since 1970, or on one beside it."""
    try:
        return len({_offset(zone, 24 * (day + far)) for far in (-1, 0, 1, 2)}) > 1
    except (OverflowError, ZoneInfoNotFoundError, ValueError):  # DuckDB knows zones that Python does not: look at them
        return True


@cache
def _hours_in_doubt(zone: str, day: int) -> tuple[int, ...]:
    """UTC hours of a day, by their number since 1970, in which a local time may be read that came twice or never."""
    hours = range(24 * day, 24 * day + 24)
    try:
        # A time in doubt is read no further from the change than the clocks were moved, a day at most.
        around = {hour: _offset(zone, hour) for hour in range(24 * (day - 1), 24 * (day + 2) + 1)}
    except (OverflowError, ZoneInfoNotFoundError, ValueError):
        return tuple(hours)
    moved = [
        (hour, -(-abs(around[hour + 1] - around[hour]) // timedelta(hours=1)))
        for hour in range(24 * (day - 1), 24 * (day + 2))
        if around[hour] != around[hour + 1]
    ]
    return tuple(hour for hour in hours if any(abs(hour - change) <= far for change, far in moved))
