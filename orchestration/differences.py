"""What changed from one published version to another: totals and rows by table, period and source, and the deliveries behind it.

Read from the two analyst files, so it says nothing that an analyst may not see: no names, no rates, and people only in sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from connectors.sql_text import literal
from data_contracts.errors import WorkledgerError
from orchestration.changed_rows import ChangedRows
from orchestration.publication.layout import AUDIENCE_FILES, MANIFEST
from orchestration.publication.manifest import read_manifest
from orchestration.publication.versions import version_folder

PERIODS = {"week_start_date": "week", "month_start_date": "month", "activity_date": "month"}
NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DOUBLE", "FLOAT", "DECIMAL")
# Sums of these say nothing.
NOT_ADDITIVE = ("_ratio", "median_", "longest_")
ACTIVITIES = "core.fct_activities"
COUNTED = "counted_hours"
# Sums of doubles may end differently when they are added in another order.
NOISE = 1e-6


@dataclass(frozen=True)
class Delivery:
    """A delivery that went into a version. ``file_name`` is None where the ledger cannot be asked or knows it no more."""

    delivery_id: str
    source: str
    file_name: str | None
    rows_loaded: int


@dataclass(frozen=True)
class Changed:
    """One table, period and source in which anything changed.

    ``period`` is the first day of the week or month (``grain``) as ISO text, None where there is none; likewise ``source``.
    ``totals`` are sums before and after by column, and the number of rows, where they changed; None is a sum of nothing.
    ``deliveries`` are the ids of those that stand behind it (changed_rows).
    """

    table: str
    grain: str | None
    period: str | None
    source: str | None
    rows_gone: int
    rows_new: int
    totals: Mapping[str, tuple[float | None, float | None]]
    deliveries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """From version ``before`` to version ``after``.

    ``causes`` is what else differs: as-of date, code, and by their hashes the files that people write in the
    workspace. ``columns`` are those that only one of the two has, by table.
    """

    before: str
    after: str
    causes: Mapping[str, tuple[str, str]]
    deliveries_gone: tuple[Delivery, ...]
    deliveries_new: tuple[Delivery, ...]
    deliveries_read_again: tuple[Delivery, ...]
    changed: tuple[Changed, ...]
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_same(self) -> bool:
        """Whether readers see the same in both."""
        return not self.changed and not self.columns

    def as_json(self, table: str | None = None) -> dict[str, Any]:
        """The object that ``diff --json`` prints; of one table only if named."""
        changed = [asdict(row) for row in self.changed if table in (None, row.table)]
        return {**asdict(self), "changed": changed, "is_same": self.is_same}


def diff_versions(published: Path, before: str, after: str, files: Mapping[str, str]) -> Difference:
    """What changed from version ``before`` to ``after``. ``files`` are names by delivery, as the ledger has them.

    Raises WorkledgerError where a version is not there or not readable.
    """
    import duckdb

    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        for side, version in (("before", before), ("after", after)):
            path = version_folder(published, version) / AUDIENCE_FILES["analyst"]
            try:
                con.execute(f"attach {literal(path)} as {side} (read_only)")
            except duckdb.Error as error:
                raise WorkledgerError(
                    f"A version cannot be read: {str(error).strip().splitlines()[0]}",
                    where=str(path),
                    remedy=f"See what is wrong with: workledger verify {version}",
                ) from error
        inputs = _changed_inputs(published, before, after)
        return _diff(con, before, after, files, inputs)


def _changed_inputs(published: Path, before: str, after: str) -> dict[str, tuple[str, str]]:
    """Settings, formats and reference files that are not the same; nothing where a version is older than their record."""
    was, now = (read_manifest(version_folder(published, version) / MANIFEST).inputs for version in (before, after))
    if not was or not now:
        return {}
    absent = "not there"
    return {
        name: (was.get(name, absent), now.get(name, absent))
        for name in sorted({*was, *now})
        if was.get(name) != now.get(name)
    }


def _diff(
    con: Any, before: str, after: str, files: Mapping[str, str], inputs: Mapping[str, tuple[str, str]]
) -> Difference:
    columns = {side: _columns(con, side) for side in ("before", "after")}
    tables = sorted({*columns["before"], *columns["after"]})
    gone, new = _deliveries(con, "before", "after", files), _deliveries(con, "after", "before", files)
    read_again = _read_again(con, files)
    behind = [(entry.source, entry.delivery_id) for entry in (*gone, *new, *read_again)]
    rows = ChangedRows(con, columns["before"], columns["after"], behind)
    changed: list[Changed] = []
    only_in_one: dict[str, tuple[str, ...]] = {}
    for table in tables:
        was, now = columns["before"].get(table, {}), columns["after"].get(table, {})
        if differing := sorted(name for name in {*was, *now} if was.get(name) != now.get(name)):
            only_in_one[table] = tuple(differing)
        for period in _periods(table, {**was, **now}):
            changed += [
                replace(row, deliveries=rows.deliveries(row.grain, row.period, row.source))
                for row in _changed(con, table, period, was, now)
            ]
    return Difference(
        before,
        after,
        {**_causes(con), **inputs},
        gone,
        new,
        read_again,
        tuple(changed),
        only_in_one,
    )


def _columns(con: Any, side: str) -> dict[str, dict[str, str]]:
    """Columns with types of every table but those of the audit schema, by ``<schema>.<table>``."""
    found: dict[str, dict[str, str]] = {}
    rows = con.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()"
        f" where database_name = '{side}' and schema_name <> 'audit' and not internal order by 1, column_index"
    ).fetchall()
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def _periods(table: str, columns: Mapping[str, str]) -> tuple[str | None, ...]:
    """Columns to group by, one after the other; activities are told by month and by week."""
    if table == ACTIVITIES:
        return ("month_start_date", "week_start_date")
    return (next((name for name in PERIODS if name in columns and table.startswith("marts.")), None),)


def _changed(
    con: Any, table: str, period: str | None, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterable[Changed]:
    """Every period and source in which rows or totals changed, in order."""
    sides = [(side, columns) for side, columns in (("before", old), ("after", new)) if columns]
    own = {name for _, columns in sides for name, kind in columns.items() if _is_measure(table, name, kind)}
    measures = ["rows", *sorted(own | ({COUNTED} if table == ACTIVITIES else set()))]
    # A row that came with another delivery, unchanged, is the same row to readers.
    common = [name for name in old if old[name] == new.get(name) and name != "delivery_id"]
    parts = [_totals(table, period, side, columns, measures) for side, columns in sides]
    if len(sides) == 2:
        parts.append(_only_in_one(*(_rows(table, period, side, columns, common) for side, columns in sides)))
    else:
        (side, columns) = sides[0]
        name = "rows_gone" if side == "before" else "rows_new"
        rows_of_one = _rows(table, period, side, columns, list(columns))
        parts.append(f"select period, source, count(*) as {name} from ({rows_of_one}) group by period, source")
    sums = [f'sum("{side}: {measure}")' for measure in measures for side in ("before", "after")]
    nothing = ", ".join(
        ["null::bigint as rows_gone", "null::bigint as rows_new"]
        + [f'null::double as "{side}: {measure}"' for measure in measures for side in ("before", "after")]
    )
    united = " union all by name ".join(
        [f"select null::date as period, null::varchar as source, {nothing} where false", *parts]
    )
    rows_of_both = ["coalesce(sum(rows_gone), 0)::bigint", "coalesce(sum(rows_new), 0)::bigint"]
    found = con.execute(
        f"select period::varchar, source, {', '.join([*rows_of_both, *sums])}"
        f" from ({united}) group by period, source order by period nulls first, source nulls first"
    ).fetchall()
    grain = PERIODS[period] if period else None
    for period_date, source, gone, came, *values in found:
        pairs = zip(measures, values[::2], values[1::2], strict=True)
        totals = {measure: (was, now) for measure, was, now in pairs if not _is_close(was, now)}
        if gone or came or totals:
            yield Changed(table, grain, period_date, source, gone, came, totals)


def _is_measure(table: str, name: str, kind: str) -> bool:
    is_number = kind.split("(")[0] in NUMBERS
    told = table.startswith("marts.") or (table == ACTIVITIES and name == "logged_hours")
    return told and is_number and not any(part in name for part in NOT_ADDITIVE)


def _is_close(was: float | None, now: float | None) -> bool:
    if was is None or now is None:
        return was is now
    return abs(now - was) <= NOISE * max(1.0, abs(was), abs(now))


def _totals(table: str, period: str | None, side: str, columns: Mapping[str, str], measures: Iterable[str]) -> str:
    sums = [f'sum("{name}")::double as "{side}: {name}"' for name in measures if name in columns]
    if COUNTED in measures and table == ACTIVITIES:
        sums.append(f'sum(logged_hours) filter (where is_counted)::double as "{side}: {COUNTED}"')
    listed = ", ".join(["period", "source", f'count(*)::double as "{side}: rows"', *sums])
    return f"select {listed} from ({_rows(table, period, side, columns, list(columns))}) group by period, source"


def _rows(table: str, period: str | None, side: str, columns: Mapping[str, str], wanted: Iterable[str]) -> str:
    """The table's columns ``wanted``, with ``period`` and ``source`` in front."""
    by_source = "source" in columns and (table.startswith("marts.") or table == ACTIVITIES)
    source = "t.source" if by_source else "null::varchar"
    own = "".join(f', t."{name}"' for name in wanted if not (by_source and name == "source"))
    if table == ACTIVITIES:
        dates = f"{side}.core.dim_dates as d on d.calendar_date = coalesce(t.work_date, t.period_start_date)"
        return f"select d.{period} as period, {source} as source{own} from {side}.{table} as t left join {dates}"
    when = f't."{period}"' if period and period in columns else "null::date"
    if period == "activity_date":
        when = f"date_trunc('month', {when})::date"
    return f"select {when} as period, {source} as source{own} from {side}.{table} as t"


def _only_in_one(before: str, after: str) -> str:
    """Rows that one side has more often than the other.

    Known by their hash, which takes a seventh of the time of ``except all``; of forty million rows two different ones are taken
    for the same once in some 20,000 comparisons.
    """
    known = "select period, source, hash(known) as row_hash, {} as side from ({}) as known"
    return (
        "select period, source, sum(greatest(-balance, 0)) as rows_gone, sum(greatest(balance, 0)) as rows_new from"
        " (select period, source, row_hash, sum(side) as balance"
        f" from ({known.format(-1, before)} union all {known.format(1, after)}) group by all having sum(side) <> 0)"
        " group by period, source"
    )


def _causes(con: Any) -> dict[str, tuple[str, str]]:
    facts = {}
    for name in ("as_of_date", "code_version"):
        row = con.execute(
            f"select b.{name}::varchar, a.{name}::varchar from before.audit.version as b, after.audit.version as a"
        ).fetchone()
        if row and row[0] != row[1]:
            facts[name] = (str(row[0]), str(row[1]))
    return facts


def _deliveries(con: Any, side: str, other: str, files: Mapping[str, str]) -> tuple[Delivery, ...]:
    """Deliveries of one side that the other does not have."""
    rows = con.execute(
        f"select delivery_id, source, rows_loaded from {side}.audit.deliveries"
        f" where delivery_id not in (select delivery_id from {other}.audit.deliveries) order by source, delivery_id"
    ).fetchall()
    return _named(rows, files)


def _read_again(con: Any, files: Mapping[str, str]) -> tuple[Delivery, ...]:
    """Deliveries of both that brought another number of rows: a format or setting was mended."""
    rows = con.execute(
        "select a.delivery_id, a.source, a.rows_loaded from after.audit.deliveries as a"
        " join before.audit.deliveries as b using (delivery_id) where a.rows_loaded <> b.rows_loaded order by 2, 1"
    ).fetchall()
    return _named(rows, files)


def _named(rows: Iterable[tuple[str, str, int]], files: Mapping[str, str]) -> tuple[Delivery, ...]:
    found = [Delivery(delivery_id, source, files.get(delivery_id), loaded) for delivery_id, source, loaded in rows]
    return tuple(sorted(found, key=lambda entry: (entry.source, entry.file_name or "", entry.delivery_id)))
