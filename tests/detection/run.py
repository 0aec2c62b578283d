"""``make detection N=30``: plant faults in made-up organisations; see which the gap rules find and what they raise for nothing.

Fourteen months, twenty sources each. Exports that are cut or doubled and days that nobody logged are looked for once, at the end;
silence is looked for at noon of each day of the last two months. A gap that meets no planted fault of its kind is a false alarm.
The last line is ``N organisations, N of N faults found, N false alarms a workspace-month``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from tests.detection.calendar_of import LAST, holidays_of
from tests.detection.organisations import COUNTRIES, JUDGED_FROM, WATCHED_FROM, Fault, simulate
from tests.warehouse.warehouse_build import Warehouse

EXPORTS = "+gap_short_exports +gap_unlogged_days +gap_silent_sources"
SILENCE = "int_calendar_days dim_dates dim_sources gap_silent_sources"
DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Alarm:
    """A gap as the warehouse tells it, by the kind of fault that it speaks of."""

    rule: str
    source: str
    person: str
    start: date
    end: date

    def meets(self, fault: Fault) -> bool:
        """Whether it speaks of the fault. A silence is told from the first day that is missing on."""
        whose = self.person == fault.person if fault.person else self.source == fault.source
        slack = timedelta(days=4 if fault.rule == "silent_sources" else 0)
        return self.rule == fault.rule and whose and self.start <= fault.end and self.end >= fault.start - slack


@dataclass(frozen=True)
class Outcome:
    """Faults with whether they were found, and what was raised for nothing."""

    organisations: int
    found: dict[Fault, bool]
    false_alarms: dict[str, list[Alarm]]

    @property
    def months(self) -> dict[str, float]:
        """Workspace-months that each kind of alarm was looked for in."""
        since = {"silent_sources": WATCHED_FROM}
        return {
            rule: self.organisations * ((LAST - since.get(rule, JUDGED_FROM)).days + 1) / DAYS_A_MONTH
            for rule in ("short", "long", "silent_sources")
        }

    @property
    def false_alarms_a_month(self) -> float:
        """Of all kinds together, in one workspace."""
        return sum(len(self.false_alarms[rule]) / months for rule, months in self.months.items())


def detect(folder: Path, organisations: int, seed: int, watched: int = 1, *, briefly: bool = False) -> Outcome:
    """Simulate, build, and compare; silence is looked for on every ``watched``-th day or, ``briefly``, as planted ones end."""
    warehouse = Warehouse(folder / "build", as_of=LAST)
    faults = _fill(warehouse, organisations, seed)
    warehouse.build(EXPORTS)
    alarms = set(_alarms(warehouse, "gap_short_exports")) | set(_alarms(warehouse, "gap_unlogged_days"))
    every = [WATCHED_FROM + timedelta(days=number) for number in range(0, (LAST - WATCHED_FROM).days + 1, watched)]
    ends = {fault.end - timedelta(days=1) for fault in faults if fault.rule == "silent_sources"}
    for day in sorted(ends) if briefly else every:
        _at_noon(warehouse, day)
        warehouse.build(SILENCE)
        alarms |= set(_alarms(warehouse, "gap_silent_sources"))
    warehouse.close()
    return judged(organisations, faults, alarms)


def judged(organisations: int, faults: Iterable[Fault], alarms: Iterable[Alarm]) -> Outcome:
    """Which faults an alarm meets, and which alarms meet none."""
    told: dict[str, list[Alarm]] = defaultdict(list)
    for alarm in alarms:
        told[alarm.person or alarm.source].append(alarm)
    meant: dict[str, list[Fault]] = defaultdict(list)
    for fault in faults:
        meant[fault.person or fault.source].append(fault)
    found = {
        fault: any(alarm.meets(fault) for alarm in told[whose]) for whose, all_of in meant.items() for fault in all_of
    }
    false: dict[str, list[Alarm]] = defaultdict(list)
    for whose, all_alarms in told.items():
        for alarm in all_alarms:
            if not any(alarm.meets(fault) for fault in meant[whose]) and alarm.end >= JUDGED_FROM:
                false[alarm.rule].append(alarm)
    return Outcome(organisations, found, false)


def _fill(warehouse: Warehouse, organisations: int, seed: int) -> list[Fault]:
    faults: list[Fault] = []
    with duckdb.connect(str(warehouse.folder / "private" / "state.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for number in range(organisations):
            made = simulate(number, seed)
            faults += made.faults
            for table, rows in made.tables.items():
                _insert(connection, table, rows)
            entries = {name: np.concatenate(parts) for name, parts in made.entries.items()}
            connection.register("entries", pa.table(entries))
            connection.execute(
                "insert into streams.time_entries by name select *, source || '-0' as delivery_id, row_number() over () as _row,"
                " person_email || work_date as source_record_id, false as is_deleted, 'day' as date_precision from entries"
            )
            connection.unregister("entries")
        holidays = [
            {"place": country, "holiday_date": day, "holiday_name": "Holiday"}
            for country in COUNTRIES
            for day in holidays_of(country)
        ]
        _insert(connection, "workspace.holidays", holidays)
        connection.execute("create table workspace.every_delivery as from workspace.delivery_streams")
    return faults


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    names = sorted({name for row in rows for name in row})
    connection.register("incoming", pa.table({name: [row.get(name) for row in rows] for name in names}))
    connection.execute(f"insert into {table} by name from incoming")
    connection.unregister("incoming")


def _at_noon(warehouse: Warehouse, day: date) -> None:
    """The inputs as they were on a day: what was not exported yet is not there."""
    warehouse.close()
    with duckdb.connect(str(warehouse.folder / "private" / "state.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("update workspace.as_of set as_of_date = ?", [day])
        connection.execute("delete from workspace.delivery_streams")
        connection.execute(
            "insert into workspace.delivery_streams from workspace.every_delivery where extracted_at < ?",
            [datetime.combine(day, time(12))],
        )


#: An unusual export says in words whether there is more or less than usual.
ALARMS = r"""
with people as (
    select person_key, any_value(person_email) as person_email
    from state.intermediate.int_people_identified
    group by person_key
)
select
    case
        when rule <> 'short_exports' then rule
        when regexp_extract(detail, 'with (\d+) hours', 1)::bigint > regexp_extract(detail, 'about (\d+) ', 1)::bigint then 'long'
        else 'short'
    end as rule,
    coalesce(source, '') as source,
    coalesce(split_part(person_email, '@', 1), '') as person,
    start_date as start,
    coalesce(end_date, start_date) as end
from state.gaps.{model} as gaps
left join people using (person_key)
"""


def _alarms(warehouse: Warehouse, model: str) -> list[Alarm]:
    """Gaps, the people in them by the address that they log with."""
    return [Alarm(**row) for row in warehouse.rows(ALARMS.replace("{model}", model))]


def _show(outcome: Outcome) -> None:
    table = Table("fault", "size", "planted", "found", "share", box=None)
    sizes: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for fault, is_found in outcome.found.items():
        sizes[fault.rule, fault.size].append(is_found)
    for (rule, size), found in sorted(sizes.items(), key=lambda item: (item[0][0], _number(item[0][1]))):
        table.add_row(rule.replace("_", " "), size, str(len(found)), str(sum(found)), f"{sum(found) / len(found):.0%}")
    console = Console(width=100, highlight=False)
    console.print(table)
    for rule, months in outcome.months.items():
        count = len(outcome.false_alarms[rule])
        console.print(f"{rule.replace('_', ' ')}: {count} false alarms in {months:.0f} workspace-months")


def _number(size: str) -> tuple[str, int]:
    digits = "".join(letter if letter.isdigit() else " " for letter in size).split()
    return size.partition(",")[0] if not size[0].isdigit() else "", int(digits[0]) if digits else 0


def main(arguments: list[str] | None = None) -> int:
    """Run and tell. Returns 1 where there is more than one false alarm a workspace-month."""
    parser = argparse.ArgumentParser(prog="make detection", description=__doc__)
    parser.add_argument("organisations", type=int)
    parser.add_argument("--seed", type=int, default=2026, help="another seed, other organisations")
    parser.add_argument("--watched", type=int, default=1, help="look for silence on every so many days")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="workledger-detection-") as scratch:
        outcome = detect(Path(scratch), options.organisations, options.seed, options.watched)
    _show(outcome)
    rate = outcome.false_alarms_a_month
    print(
        f"{options.organisations} organisations, {sum(outcome.found.values())} of {len(outcome.found)} faults found,"
        f" {rate:.2f} false alarms a workspace-month"
    )
    return int(rate > 1)


if __name__ == "__main__":
    sys.exit(main())
