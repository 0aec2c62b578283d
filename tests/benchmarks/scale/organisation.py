"""20,000 people with two entries each working day, as stream files and a ledger: as many days back as the entries need.

Half of the people log in toggl, a third in jira, the others in sap, exported by month. A fifth changed teams once; everybody is
away on every tenth working day. For every hundred activities there is a task with three changes and a pair of process events. The
same number makes the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from connectors.arrivals import mapping_hash
from connectors.format_spec import load_formats
from connectors.ledger import Delivery, DeliveryStream, Ledger, open_ledger
from connectors.sources import Source
from orchestration.initialise import initialise
from orchestration.intake import sources_of, store_of
from orchestration.workspace import Workspace

PEOPLE, A_DAY = 20_000, 2
AS_OF = date(2026, 10, 30)
#: The next working day, of which one entry in a thousand is new, and as many of the last days before are changed.
NEXT_DAY, SHARE, DAYS_CHANGED = date(2026, 11, 2), 0.001, 60
TRACKERS = {"toggl": "p % 6 in (0, 1, 2)", "jira": "p % 6 in (3, 4)", "sap": "p % 6 = 5"}
STREAMS = {
    "people": "hr",
    "absences": "hr",
    "projects": "crm",
    "tasks": "jira",
    "task_changes": "jira",
    "process_events": "erp",
}
SOURCES = {"hr": "full", "crm": "full", "erp": "changes", **dict.fromkeys(TRACKERS, "window")}
HOUR = 3_600_000_000

PERSON = "'p' || p || '@example.org'"
SELECTS = {
    "people": f"""
        select 'f' || p as source_record_id, {PERSON} as person_email, 'N' || p as person_number,
            date '2010-01-01' as valid_from_date,
            'reported' as valid_from_basis, 'employee' as employment_type, 'Role ' || p % 12 as role_name,
            'Team ' || p % 500 as team_name,
            ['DE-BY', 'US', 'GB', 'IN'][p % 4 + 1] as place, 'UTC' as zone, if(p % 7 = 0, 24, 40) * {HOUR} as contracted_week_us
        from range({{people}}) as people(p)
        union all by name
        select 'g' || p as source_record_id, {PERSON} as person_email, 'N' || p as person_number,
            date '2026-10-12' as valid_from_date,
            'reported' as valid_from_basis, 'employee' as employment_type, 'Role ' || p % 12 as role_name,
            'Team ' || (p + 1) % 500 as team_name,
            ['DE-BY', 'US', 'GB', 'IN'][p % 4 + 1] as place, 'UTC' as zone, if(p % 7 = 0, 24, 40) * {HOUR} as contracted_week_us
        from range({{people}}) as people(p) where p % 5 = 0""",
    "absences": f"""
        select p || ' ' || day as source_record_id, {PERSON} as person_email, day as start_date, day as end_date,
            1.0 as day_ratio,
            'approved' as status
        from range({{people}}) as people(p), days where (p + number) % 10 = 0""",
    "projects": """
        select 'j' || j as source_record_id, 'P-' || j as project_code, 'Project ' || j as project_name,
            'Client ' || j % 400 as client_name,
            j % 3 > 0 as is_billable
        from range(4000) as projects(j)""",
    "tasks": f"""
        select 't' || t as source_record_id, 'P-' || t % 4000 as project_code,
            'p' || t % {{people}} || '@example.org' as assignee_email,
            'Done' as status, 'done' as status_category, epoch_ms(start) at time zone 'UTC' as created_at,
            (epoch_ms(start) at time zone 'UTC') + to_days(cast(3 + t % 9 as integer)) as completed_at,
            cast(epoch_ms(start) as date) + cast(7 as integer) as first_due_date, cast(epoch_ms(start) as date) + 7 as due_date,
            8 * {HOUR} as estimate_us
        from (select t,
            epoch_ms(timestamp '{{first}} 09:00:00') + t * {{span_ms}} // {{tasks}} as start
            from range({{tasks}}) as tasks(t))""",
    "task_changes": """
        select t || '-' || c as source_record_id, 't' || t as task_source_id, 'status' as field, c as change_sequence,
            (epoch_ms(epoch_ms(timestamp '{first} 09:00:00') + t * {span_ms} // {tasks}) at time zone 'UTC')
                + to_days(cast([0, 1, 3 + t % 9][c] as integer)) as changed_at,
            ['Open', 'Open', 'Doing'][c] as from_value, ['Open', 'Doing', 'Done'][c] as to_value,
            ['todo', 'todo', 'active'][c] as from_category, ['todo', 'active', 'done'][c] as to_category
        from range({tasks}) as tasks(t), range(1, 4) as changes(c)""",
    "process_events": """
        select e || lifecycle as source_record_id, 'c' || e // 4 as case_id, 'Step ' || e % 4 as activity_name, lifecycle,
            'i' || e as instance_id,
            (epoch_ms(epoch_ms(timestamp '{first} 09:00:00') + e * {span_ms} // {tasks}) at time zone 'UTC')
                + to_hours(if(lifecycle = 'start', 0, 2)) as occurred_at,
            'p' || e % {people} || '@example.org' as person_email, false as is_automated
        from range({tasks}) as events(e), (values ('start'), ('complete')) as lifecycles(lifecycle)""",
}
ENTRIES = f"""
    select p || '-' || day || '-' || k as source_record_id, {PERSON} as person_email,
        'P-' || (p * 7 + number * 3 + k) % 4000 as project_code,
        'Kind ' || (p + number) % 20 as activity_name, 'day' as date_precision, day as work_date,
        cast((3 + (p + number + k) % 3) * {HOUR} as bigint) as duration_us, (p + k) % 3 > 0 as is_billable,
            'approved' as approval_status
    from range({{people}}) as people(p), days, range({A_DAY}) as parts(k)
    where {{whose}} and (p + number) % 10 <> 0 and day between date '{{first}}' and date '{{last}}'"""


def write(folder: Path, activities: int, people: int = PEOPLE, memory: str | None = None) -> Workspace:
    """A workspace with so many time entries, some more or less, in its streams; nothing is published yet.

    ``memory`` is what refreshes may use, as DuckDB writes it; None leaves it to the machine.
    """
    workspace = Workspace(initialise(folder))
    declared = "\n".join(
        f"  {name}: {{files: ['inbox/{name}/*.csv'], mode: {mode}{_named(mode)}}}" for name, mode in SOURCES.items()
    )
    machine = f"machine: {{memory: {memory}}}\n" if memory else ""
    workspace.config.write_text(f"zone: UTC\n{machine}sources:\n{declared}\n")
    days = _working_days(max(activities // (people * A_DAY * 9 // 10), 1))
    span_ms = round((AS_OF - days[0]).total_seconds() * 1000) or 86_400_000
    known = {"people": people, "tasks": max(activities // 100, 10), "first": days[0], "span_ms": span_ms}
    with duckdb.connect() as con, open_ledger(store_of(workspace).ledger) as ledger:
        con.execute("set timezone = 'UTC'")
        con.execute(
            "create table days as select unnest(?::date[]) as day, unnest(range(?)) as number", [days, len(days)]
        )
        delivered = _Deliveries(workspace, con, ledger)
        for stream, source in STREAMS.items():
            delivered.add(
                source,
                stream,
                SELECTS[stream].format(**known),
                days[0],
                AS_OF,
                "full" if source != "erp" else "changes",
            )
        for source, whose in TRACKERS.items():
            for first, last in _months(days):
                sql = ENTRIES.format(people=people, whose=whose, first=first, last=last)
                delivered.add(source, "time_entries", sql, first, last, "window")
    return workspace


def write_next_day(workspace: Workspace, activities: int, people: int = PEOPLE) -> int:
    """Add an export of new entries of NEXT_DAY and changed hours of the DAYS_CHANGED before it, SHARE of all each; its rows."""
    days = [day for day in _working_days(DAYS_CHANGED) if day > AS_OF - timedelta(days=DAYS_CHANGED)]
    count = round(activities * SHARE)
    with duckdb.connect() as con, open_ledger(store_of(workspace).ledger) as ledger:
        con.execute("set timezone = 'UTC'")
        con.execute(
            "create table days as select unnest(?::date[]) as day, unnest(range(?)) as number", [days, len(days)]
        )
        whose = TRACKERS["toggl"]
        entries = ENTRIES.format(people=people, whose=whose, first=days[0], last=AS_OF)
        known = f"select source_record_id from '{store_of(workspace).data}/streams/time_entries/toggl-*.parquet'"
        select = f"""
            (select * replace (duration_us + {HOUR} // 2 as duration_us)
            from ({entries}) semi join ({known}) using (source_record_id)
            order by hash(source_record_id) limit {count})
            union all by name
            (select * replace ('new-' || source_record_id as source_record_id, date '{NEXT_DAY}' as work_date) from ({entries})
            order by hash(source_record_id), 1 limit {count})"""
        (rows,) = con.execute(f"select count(*) from ({select})").fetchone() or (0,)
        _Deliveries(workspace, con, ledger).add("toggl", "time_entries", select, NEXT_DAY, NEXT_DAY, "changes")
    return int(rows)


def _named(mode: str) -> str:
    pattern = "(?P<coverage_from>\\d{4}-\\d{2}-\\d{2})_(?P<coverage_to>\\d{4}-\\d{2}-\\d{2})"
    return f", file_name: '{pattern}'" if mode == "window" else ""


def _working_days(count: int) -> list[date]:
    found, day = list[date](), AS_OF
    while len(found) < count:
        if day.isoweekday() <= 5:
            found.append(day)
        day -= timedelta(days=1)
    return found[::-1]


def _months(days: list[date]) -> Iterator[tuple[date, date]]:
    firsts = sorted({day.replace(day=1) for day in days})
    for first in firsts:
        yield first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


class _Deliveries:
    """Writes stream files and their rows of the ledger, as if each had been an export."""

    def __init__(self, workspace: Workspace, con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
        self._store, self._con, self._ledger = store_of(workspace), con, ledger
        self._formats = load_formats(workspace.formats)
        self._sources: dict[str, Source] = {source.name: source for source in sources_of(workspace)}

    def add(self, source: str, stream: str, select: str, first: date, last: date, mode: str) -> None:
        delivery_id = f"{source}-{stream}-{first}"
        target = self._store.stream_file(stream, delivery_id, 1)
        target.parent.mkdir(parents=True, exist_ok=True)
        envelope = (
            f"'{source}' as source, '{delivery_id}' as delivery_id, row_number() over () as _row, false as is_deleted"
        )
        (rows,) = self._con.execute(
            f"copy (select *, {envelope} from ({select})) to '{target}' (format parquet, compression zstd)"
        ).fetchone() or (0,)
        us = None
        if stream == "time_entries":
            (us,) = self._con.execute(f"select sum(duration_us)::bigint from '{target}'").fetchone() or (None,)
        moment = datetime(last.year, last.month, last.day, 20, tzinfo=UTC).isoformat()
        spec = self._formats[f"workledger__{stream}"]
        delivery = Delivery(
            delivery_id,
            source,
            f"{delivery_id}.csv",
            f"inbox/{source}/{delivery_id}.csv",
            spec.name,
            spec.version,
            mapping_hash(spec, self._sources[source], self._formats),
            mode,
            str(first),
            str(last),
            moment,
            "file_name",
            moment,
            delivery_id,
            0,
            "mapped",
        )
        path = target.relative_to(self._store.data).as_posix()
        account = DeliveryStream(stream, path, mode != "changes", rows, rows, 0, 0, 0, us, us)
        self._ledger.record(delivery, streams=[account])
