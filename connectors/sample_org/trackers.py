"""Entries as each time tracker exports them: headers, date and clock spellings, zone of the export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from connectors.sample_org.spelling import Ints, Texts, clock24, decimals, elapsed, gather
from connectors.sample_org.teams import PLACES
from connectors.sample_org.time_entries import DAY_SECONDS, Entries

if TYPE_CHECKING:
    import polars as pl

PROFILE_PLACE = {"toggl_de": "DE-BY", "toggl_gb": "GB", "toggl_us": "US", "toggl_in": "IN", "clockify": "US"}
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
            "source_record_id": ids,
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
