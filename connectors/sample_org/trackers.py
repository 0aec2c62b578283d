"""Entries as each time tracker exports them: headers, date and clock spellings, zone of the export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from connectors.sample_org.spelling import Ints, Texts, clock12, clock24, comma_hundredths, decimals, elapsed, gather
from connectors.sample_org.teams import PLACES
from connectors.sample_org.time_entries import DAY_SECONDS, Entries

if TYPE_CHECKING:
    import polars as pl

PROFILE_PLACE = {
    "toggl_de": "DE-BY",
    "toggl_gb": "GB",
    "toggl_us": "US",
    "toggl_in": "IN",
    "clockify": "US",
    "jira": "DE-BY",
}
HOURLY_RATE = 110


def to_profile_zone(entries: Entries, place_on: Ints, offsets: Ints, source: str) -> Entries:
    """Move local starts into the zone of the export profile, day included. ``place_on``: place number of
    each entry's person.
    """
    profile = PLACES.index(PROFILE_PLACE[source])
    day = entries.day.clip(0, offsets.shape[1] - 1)
    shift = offsets[profile, day] - offsets[place_on, day]
    start = entries.start + shift
    moved = Entries(**vars(entries))
    moved.day, moved.start = entries.day + start // DAY_SECONDS, start % DAY_SECONDS
    return moved


def end_of(entries: Entries, clock_shift: Ints) -> tuple[Ints, Ints]:
    """Day and second of the end on the wall clock; ``clock_shift`` is what the clock was put forward in
    between.
    """
    end = entries.start + entries.seconds + clock_shift
    return entries.day + end // DAY_SECONDS, end % DAY_SECONDS


def _billed(entries: Entries) -> pl.Series:
    import polars as pl

    amount = np.where(entries.billable, entries.seconds * HOURLY_RATE / 3600, 0.0)
    return pl.select(pl.when(pl.Series(entries.billable)).then(decimals(amount)).otherwise(None)).to_series()


def toggl(texts: Texts, entries: Entries, clock_shift: Ints) -> pl.DataFrame:
    """Toggl Track, detailed report."""
    import polars as pl

    end_day, end = end_of(entries, clock_shift)
    tags = pl.Series([None, None, "remote", "client site", "remote, urgent"])
    return pl.DataFrame(
        {
            "User": gather(texts.names, entries.person),
            "Email": texts.emails(entries.person, entries.day),
            "Client": gather(texts.clients, entries.project),
            "Project": gather(texts.project_names, entries.project),
            "Task": gather(texts.activities, entries.activity),
            "Description": gather(texts.notes, entries.note),
            "Billable": texts.yes_no(entries.billable),
            "Start date": texts.days(entries.day),
            "Start time": clock24(entries.start),
            "End date": texts.days(end_day),
            "End time": clock24(end),
            "Duration": elapsed(entries.seconds),
            "Tags": gather(tags, (entries.note + entries.project) % len(tags)),
            "Amount (EUR)": _billed(entries),
        }
    )


def scripts(texts: Texts, entries: Entries, file_number: int) -> pl.DataFrame:
    """The canonical layout, as a team's own script writes it: contract columns, hours as decimals."""
    import polars as pl

    ids = "ts-" + pl.Series(file_number * 1_000_000 + np.arange(len(entries))).cast(pl.String).str.zfill(9)
    return pl.DataFrame(
        {
            "time_entries_record_id": ids,
            "person_email": texts.emails(entries.person, entries.day),
            "project_code": gather(texts.project_codes, entries.project),
            "project_name": gather(texts.project_names, entries.project),
            "activity_name": gather(texts.activities, entries.activity),
            "date_precision": pl.Series(["day"] * len(entries), dtype=pl.String),
            "work_date": texts.days(entries.day),
            "duration_hours": decimals(entries.seconds / 3600),
            "is_billable": gather(pl.Series(["false", "true"]), entries.billable.astype(np.int64)),
            "note": gather(texts.notes, entries.note),
        }
    )


def clockify(texts: Texts, entries: Entries, team_on: Ints) -> pl.DataFrame:
    """Clockify, detailed report of a workspace in US style. ``team_on``: team number of each entry's
    person, -1 unknown.
    """
    import polars as pl

    end_day, end = end_of(entries, np.zeros(len(entries), np.int64))
    rate = np.where(entries.billable, HOURLY_RATE, 0)
    return pl.DataFrame(
        {
            "Project": gather(texts.project_names, entries.project),
            "Client": gather(texts.clients, entries.project),
            "Description": gather(texts.notes, entries.note),
            "Task": gather(texts.activities, entries.activity),
            "User": gather(texts.names, entries.person),
            "Group": gather(texts.team_names, team_on + 1),
            "Email": texts.emails(entries.person, entries.day),
            "Tags": gather(pl.Series([None, None, "remote", "studio"]), (entries.note + entries.project) % 4),
            "Billable": texts.yes_no(entries.billable),
            "Start Date": texts.days(entries.day, "us"),
            "Start Time": clock12(entries.start),
            "End Date": texts.days(end_day, "us"),
            "End Time": clock12(end),
            "Duration (h)": elapsed(entries.seconds),
            "Duration (decimal)": decimals(entries.seconds / 3600),
            "Billable Rate (USD)": decimals(rate),
            "Billable Amount (USD)": decimals(rate * entries.seconds / 3600),
        }
    ).with_columns(pl.all().fill_null(""))


def harvest(texts: Texts, entries: Entries, *, approved: bool) -> pl.DataFrame:
    """Harvest, detailed time report of an account with decimal commas. Whole entries have no clock times."""
    import polars as pl

    hours = gather(comma_hundredths(), entries.seconds // 36)
    rate = gather(pl.Series(["0,0", f"{HOURLY_RATE},0"]), entries.billable.astype(np.int64))
    amount = gather(comma_hundredths(), np.where(entries.billable, entries.seconds * HOURLY_RATE // 36, 0))
    names = gather(texts.names, entries.person).str.splitn(" ", 2).struct
    nothing = pl.Series([None] * len(entries), dtype=pl.String)
    return pl.DataFrame(
        {
            "Date": texts.days(entries.day),
            "Client": gather(texts.clients, entries.project),
            "Project": gather(texts.project_names, entries.project),
            "Project Code": gather(texts.project_codes, entries.project),
            "Task": gather(texts.activities, entries.activity),
            "Notes": gather(texts.notes, entries.note),
            "Hours": hours,
            "Billable?": texts.yes_no(entries.billable),
            "Invoiced?": texts.yes_no(entries.billable & approved),
            "Approved?": texts.yes_no(np.full(len(entries), approved)),
            "First Name": names.field("field_0"),
            "Last Name": names.field("field_1"),
            "Employee Id": gather(texts.numbers, entries.person),
            "Email": texts.emails(entries.person, entries.day),
            "Roles": nothing,
            "Employee?": texts.yes_no(texts.is_employee[entries.person]),
            "Billable Rate": rate,
            "Billable Amount": amount,
            "Cost Rate": gather(pl.Series(["0,0"]), np.zeros(len(entries), np.int64)),
            "Cost Amount": gather(pl.Series(["0,0"]), np.zeros(len(entries), np.int64)),
            "Currency": gather(pl.Series(["Euro - EUR"]), np.zeros(len(entries), np.int64)),
            "External Reference URL": nothing,
        }
    )
