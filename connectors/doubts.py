"""What a person should look at in a file that was read without complaint: readings that the data allows but cannot prove.

Each function returns sentences. Nothing here changes how a file is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.format_spec import FormatSpec
from connectors.ledger import DeliveryStream
from connectors.mapping_sql import expressions_of
from connectors.readers.text_tables import TextTable
from connectors.sql_text import literal, quoted
from connectors.trial import Trial
from data_contracts.load import Column, load_stream

if TYPE_CHECKING:
    import duckdb

DAY_MONTH = r"^\s*(\d{1,2})([./-])(\d{1,2})[./-](\d{4}|\d{2})([ T,].*)?$"
DATE_FORMAT = re.compile(r"'([^']*%[^']*)'")
US_PER_DAY = 86_400_000_000
IDENTIFIES = ("person_email", "person_number", "person_source_id")


@dataclass(frozen=True)
class Swappable:
    """A text column whose every date could have day and month the other way round. Dates are ISO texts."""

    column: str
    values: int
    sample: str
    day_first: tuple[str, str]
    month_first: tuple[str, str]


def doubts(tried: Trial) -> list[str]:
    """Everything doubtful about a file, worst first."""
    found = swapped_dates(tried)
    for stream in tried.outcome.streams:
        found += [*_empty_stream(stream), *_unknown_people(tried, stream), *_long_entries(tried, stream)]
        found += _changed_clocks(stream)
        found += [*_out_of_contract(tried, stream), *_future_dates(tried, stream)]
    return found


def swapped_dates(tried: Trial) -> list[str]:
    """Columns of dates where the values cannot tell which number is the month."""
    tables = tried.text_tables()
    columns = [(table, name) for table in tables for name in table.columns if _is_used(name, tried.spec)]
    return [
        _say_swappable(found, tried.spec)
        for table, name in columns
        if (found := find_swappable(tried.con, table, name))
    ]


def find_swappable(con: duckdb.DuckDBPyConnection, table: TextTable, column: str) -> Swappable | None:
    """None where the column holds no such dates, or a value above 12 shows which number is the day."""
    row = con.execute(
        f"""with texts as (select {quoted(column)} as text from {quoted(table.raw)} where trim({quoted(column)}) <> ''),
        numbers as (
            select text, cast(regexp_extract(text, {literal(DAY_MONTH)}, 1) as integer) as one,
                cast(regexp_extract(text, {literal(DAY_MONTH)}, 3) as integer) as two,
                cast(regexp_extract(text, {literal(DAY_MONTH)}, 4) as integer) as year
            from texts where regexp_matches(text, {literal(DAY_MONTH)})
        ),
        dates as (
            select text, one, two, case when year < 100 then 2000 + year else year end as year from numbers
            where one between 1 and 12 and two between 1 and 12
        )
        select (select count(*) from texts), count(*), count(*) filter (where one <> two),
            (arg_min(regexp_extract(text, '[0-9./-]+'), text) filter (where one <> two)),
            cast(min(make_date(year, two, one)) as varchar), cast(max(make_date(year, two, one)) as varchar),
            cast(min(make_date(year, one, two)) as varchar), cast(max(make_date(year, one, two)) as varchar)
        from dates"""
    ).fetchone()
    if row is None or row[0] == 0 or row[0] != row[1] or not row[2]:
        return None
    return Swappable(column, row[0], row[3], (row[4], row[5]), (row[6], row[7]))


def _say_swappable(found: Swappable, spec: FormatSpec) -> str:
    formats = date_formats(spec, found.column)
    month_first = [text for text in formats if 0 <= text.find("%m") < text.find("%d")]
    day_first = [text for text in formats if 0 <= text.find("%d") < text.find("%m")]
    many = f"all {found.values:,} values" if found.values > 1 else "its one value"
    start = f"{found.column!r}: day and month could be swapped in {many}, such as {found.sample}. "
    if not month_first and not day_first:
        return start + "Check how the format reads it."
    first, other = ("month", "day") if month_first else ("day", "month")
    read, swapped = (found.month_first, found.day_first) if month_first else (found.day_first, found.month_first)
    return (
        start
        + f"They are read {first} first ({[*month_first, *day_first][0]}): {read[0]} to {read[1]}."
        + f" The other way round, {other} first, they are {swapped[0]} to {swapped[1]}. Make sure, and declare it."
    )


def date_formats(spec: FormatSpec, column: str) -> list[str]:
    """strptime formats that stand as texts in the expressions which use the column, options filled in."""
    texts = [
        sql for mapping in spec.streams.values() for sql in [*expressions_of(mapping).values(), mapping.source or ""]
    ]
    return list(dict.fromkeys(text for sql in texts if quoted(column) in sql for text in DATE_FORMAT.findall(sql)))


def _is_used(column: str, spec: FormatSpec) -> bool:
    return any(
        quoted(column) in sql or sql.strip() == column
        for mapping in spec.streams.values()
        for sql in [*expressions_of(mapping).values(), mapping.source or ""]
    )


def _empty_stream(stream: DeliveryStream) -> list[str]:
    return [] if stream.rows_loaded else [f"{stream.stream}: no row is loaded."]


def _changed_clocks(stream: DeliveryStream) -> list[str]:
    told = (
        (stream.repeated_time_rows, "came twice when the clocks went back; it is read as the earlier one"),
        (stream.skipped_time_rows, "never came, as the clocks went forward; it is moved forward"),
    )
    return [f"{stream.stream}: {rows:,} rows have a local time that {how}." for rows, how in told if rows]


def _unknown_people(tried: Trial, stream: DeliveryStream) -> list[str]:
    names = {column.name for column in load_stream(stream.stream).columns}
    identifiers = [name for name in IDENTIFIES if name in names]
    if not identifiers or "person_name" not in names or not stream.rows_loaded:
        return []
    rows = _count(
        tried, stream, " and ".join(f"{name} is null" for name in identifiers) + " and person_name is not null"
    )
    if not rows:
        return []
    return [
        f"{stream.stream}: {rows:,} of {stream.rows_loaded:,} rows name a person without e-mail, number or id. Nobody is matched"
        " by name alone; say who they are in reference/people_crosswalk.csv."
    ]


def _long_entries(tried: Trial, stream: DeliveryStream) -> list[str]:
    if stream.stream != "time_entries":
        return []
    rows = _count(tried, stream, f"duration_us > {US_PER_DAY} and date_precision <> 'period'")
    return [f"time_entries: {rows:,} rows have more than 24 hours. Is the unit right?"] if rows else []


def _future_dates(tried: Trial, stream: DeliveryStream) -> list[str]:
    if stream.stream not in ("time_entries", "interactions", "process_events"):
        return []
    names = {column.name for column in load_stream(stream.stream).columns}
    found = next((name for name in ("work_date", "started_at", "occurred_at") if name in names), None)
    rows = _count(tried, stream, f"cast({found} as date) > cast(now() as date) + 1") if found else 0
    return [f"{stream.stream}: {rows:,} rows lie after today ({found}). Is the date format right?"] if rows else []


def _out_of_contract(tried: Trial, stream: DeliveryStream) -> list[str]:
    """Values outside what the contract accepts: they load, and then a check stops the publication."""
    found = []
    for column in load_stream(stream.stream).own_columns:
        rule = _rule(column)
        rows = _count(tried, stream, f"{quoted(column.name)} is not null and not ({rule[0]})") if rule else 0
        if rule and rows:
            found.append(
                f"{stream.stream}.{column.name}: {rows:,} values are {rule[1]}; the contract's check would object."
            )
    return found


def _rule(column: Column) -> tuple[str, str] | None:
    name = quoted(column.name)
    if column.accepted:
        return f"{name} in ({', '.join(map(literal, column.accepted))})", f"none of {', '.join(column.accepted)}"
    bounds = [f"{name} >= {column.minimum}"] if column.minimum is not None else []
    bounds += [f"{name} <= {column.maximum}"] if column.maximum is not None else []
    return (" and ".join(bounds), f"outside {column.minimum} to {column.maximum}") if bounds else None


def _count(tried: Trial, stream: DeliveryStream, condition: str) -> int:
    row = tried.con.execute(f"select count(*) from {tried.relation(stream)} where {condition}").fetchone()
    return int(row[0]) if row else 0
