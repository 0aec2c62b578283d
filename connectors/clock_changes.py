"""Count the local times of a delivery that a change of the clocks leaves in doubt.

Reading settles them by one rule (``local_to_utc`` in macros.sql): a time that came twice is the earlier one, a time that never
came moves forward. Here the expressions run under the other readings, over the few rows near a change; what differs is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors import mapping_sql as sql
from connectors.expressions import local_zones, referred_columns
from connectors.mapping_job import Base, Doubtful, Job
from connectors.readers.text_tables import literal, quoted
from connectors.workbench import Desk

INSTANTS = (sql.INSTANT, "TIMESTAMPTZ")
NEVER_CHANGES = frozenset(["UTC", "Etc/UTC"])
EPOCH = date(1970, 1, 1)
US_PER_DAY = 86_400_000_000
READINGS = {"earlier": "instant_of_earlier", "later": "instant_of_later", "existing": "instant_of_existing"}


def doubtful_times(desk: Desk, job: Job, base: Base, staged: Path) -> Doubtful:
    """Rows of ``staged`` with a time that came twice, and with one that never came."""
    columns = (*sql.mapped_columns(job.contract, job.mapping), *sql.envelope_columns(job.mapping))
    zones = {column: local_zones(column.expression) for column in columns if column.type.upper() in INSTANTS}
    doubtful = [column for column in zones if zones[column] - NEVER_CHANGES]
    if not doubtful:
        return Doubtful()
    near = "true"
    if not any(None in zones[column] for column in doubtful):
        numbers = [f"epoch_us({quoted(column.name)}) // {US_PER_DAY}" for column in doubtful]
        rows = f"from read_parquet({literal(str(staged))})"
        days = desk.con.execute(" union ".join(f"select {number} {rows}" for number in numbers)).fetchall()
        named = {zone for column in doubtful for zone in zones[column] if zone}
        changing = sorted(day for (day,) in days if day is not None and any(_changes(zone, day) for zone in named))
        if not changing:
            return Doubtful()
        near = " or ".join(f"{number} in ({', '.join(map(str, changing))})" for number in numbers)
    return _count(desk, base, staged, near, doubtful)


def _count(desk: Desk, base: Base, staged: Path, near: str, doubtful: Sequence[sql.Mapped]) -> Doubtful:
    used = dict.fromkeys(quoted(name) for column in doubtful for name in referred_columns(column.expression))
    desk.make(
        "table",
        "_near",
        f"select {', '.join([f'{base.number} as _row_number', *({'_row': None} | used)])} from {quoted(base.relation)}"
        f" where _row in (select _row from read_parquet({literal(str(staged))}) where {near})",
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


@cache
def _changes(zone: str, day: int) -> bool:
    """Whether the clocks of a zone change within a day of the UTC day with that number since 1970."""
    try:
        middle = datetime.combine(EPOCH + timedelta(days=day), datetime.min.time())
        offsets = {(middle + timedelta(days=far)).replace(tzinfo=ZoneInfo(zone)).utcoffset() for far in (-1, 0, 1, 2)}
    except (OverflowError, ZoneInfoNotFoundError, ValueError):  # DuckDB knows zones that Python does not: look at them
        return True
    return len(offsets) > 1
