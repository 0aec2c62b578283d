"""Faults planted in the time trackers, and the note of each. Rows keep a tag until they are written, so
lines are exact.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from connectors.sample_org.calendars import clock_changes, offsets
from connectors.sample_org.organisation import weekday_of
from connectors.sample_org.record import US_PER_SECOND, Fault, FileTruth, Record
from connectors.sample_org.spelling import Ints, Texts
from connectors.sample_org.teams import ZONE_OF_PLACE
from connectors.sample_org.time_entries import Entries, Scene, draw_month, join
from connectors.sample_org.trackers import PROFILE_PLACE, to_profile_zone

STRANGER, OVERLAP, LONG_DAY, CLOCK, EDITED, ADDED, PILOT, AFTER = 1, 2, 3, 4, 5, 6, 7, 8
SILENT_SOURCE, STRANGER_SOURCE, OVERLAP_SOURCE, REEXPORT_SOURCE, CUT_SOURCE = (
    "toggl_us", "clockify", "toggl_de", "toggl_gb", "scripts",
)  # fmt: skip
CLOCK_SOURCE = "toggl_de"
LONG_DAY_SOURCE = "harvest"
PILOT_SOURCE, PILOT_FROM = "clockify", "harvest"


class FaultPlan:
    """Decides from the plan alone where each fault goes: a source and a month number."""

    def __init__(self, scene: Scene, texts: Texts, record: Record) -> None:
        self.scene, self.texts, self.record = scene, texts, record
        self.months = scene.plan.month_list()
        full = (
            len(self.months) - 1 if self.months[-1].last_index - self.months[-1].first_index < 27 else len(self.months)
        )
        self.where = {
            "silent_week": (SILENT_SOURCE, full // 2),
            "unknown_email": (STRANGER_SOURCE, full - 1),
            "overlap": (OVERLAP_SOURCE, full // 3),
            "day_over_24_hours": (LONG_DAY_SOURCE, full // 2),
            "re_exported_month": (REEXPORT_SOURCE, max(0, full - 3)),
            "truncated_file": (CUT_SOURCE, full // 2),
            "double_claim": (PILOT_SOURCE, full - 2),
        }
        self.offsets = offsets(scene.plan)
        self.leaver = self._find_leaver()
        if self.leaver is not None:
            self.where["hours_after_leaving"] = self.leaver[:2]
        self._pending: dict[str, dict[str, Any]] = {}

    def plant(self, source: str, number: int, entries: Entries) -> Entries:
        """Change a month's entries as planned; rows added or touched carry a tag."""
        here = {name for name, place in self.where.items() if place == (source, number)}
        if source == CLOCK_SOURCE:
            entries = self._clock_night(number, entries)
        if "silent_week" in here:
            entries = self._silence(source, number, entries)
        if "unknown_email" in here:
            entries = self._stranger(number, entries)
        if "overlap" in here:
            entries = self._overlap(entries)
        if "day_over_24_hours" in here:
            entries = self._long_day(entries)
        if "double_claim" in here:
            entries = join([entries, self._pilot(number)])
        if "hours_after_leaving" in here and self.leaver is not None:
            person = self.leaver[2]
            last = self.scene.org.people[person].left or 0
            entries = join([entries, self._rows(person, np.array([last + 1, last + 2]), 9 * 3600, 4 * 3600, AFTER)])
        return entries

    def _find_leaver(self) -> tuple[str, int, int] | None:
        """Source, month and person of the first who left at least three days before a month's end; None
        where nobody did.
        """
        org = self.scene.org
        for index, person in enumerate(org.people):
            family = org.teams[person.spans[-1].team].family
            if person.left is None or family is None or not family.source.startswith("toggl"):
                continue
            for number, month in enumerate(self.months):
                if month.first_index <= person.left <= month.last_index - 3:
                    return family.source, number, index
        return None

    def _pilot(self, number: int) -> Entries:
        """Three people try another tracker for a month and log their hours there too."""
        entries = draw_month(self.scene, PILOT_FROM, self.months[number])
        people = [i for i in np.unique(entries.person).tolist() if self.scene.org.people[i].earlier_email is None]
        entries = entries.take(np.isin(entries.person, people[:3]))
        entries.tag = np.full(len(entries), PILOT)
        place = self.scene.days.place[entries.person, entries.day].astype(np.int64)
        return to_profile_zone(entries, place, self.offsets, PILOT_SOURCE)

    def _silence(self, source: str, number: int, entries: Entries) -> Entries:
        monday = self._monday(number)
        gone = (entries.day >= monday) & (entries.day <= monday + 6)
        self.record.faults.append(
            Fault(
                "silent_week", "unlogged_days", source, "", [],
                {
                    "from": self.scene.plan.day(monday).isoformat(),
                    "to": self.scene.plan.day(monday + 6).isoformat(),
                    "entries_missing": int(gone.sum()),
                    "us_missing": int(entries.seconds[gone].sum()) * US_PER_SECOND,
                    "people": len(np.unique(entries.person[gone])),
                },
            )
        )  # fmt: skip
        return entries.take(~gone)

    def _monday(self, number: int) -> int:
        """First Monday of the month that is at least its second day."""
        month = self.months[number]
        weekday = weekday_of(self.scene.plan)
        return next(d for d in range(month.first_index + 1, month.last_index) if weekday[d] == 0)

    def _stranger(self, number: int, entries: Entries) -> Entries:
        monday = self._monday(number)
        day = np.arange(monday, monday + 5)
        return join([entries, self._rows(len(self.scene.org.people), day, 9 * 3600, 7 * 3600, STRANGER)])

    def _rows(self, person: int, day: Ints, start: int, seconds: int, tag: int, project: int = 0) -> Entries:
        def full(value: int) -> Ints:
            return np.full(len(day), value, np.int64)

        return Entries(
            full(person), day.astype(np.int64), full(start), full(seconds), full(project), full(0), full(0),
            np.zeros(len(day), bool), full(tag),
        )  # fmt: skip

    def _overlap(self, entries: Entries) -> Entries:
        """A second entry that begins in the middle of an hour-long one and outlasts it by half an hour."""
        candidates = np.flatnonzero((entries.seconds >= 3600) & (entries.start < 14 * 3600))
        at = int(candidates[len(candidates) // 2])
        half = int(entries.seconds[at]) // 2 // 60 * 60
        extra = entries.take(np.array([at]))
        extra.start = extra.start + half
        extra.seconds = extra.seconds - half + 1800
        extra.tag = np.array([OVERLAP])
        entries.tag[at] = OVERLAP
        self._pending["overlap"] = {"overlap_us": (int(entries.seconds[at]) - half) * US_PER_SECOND}
        return join([entries, extra])

    def _long_day(self, entries: Entries) -> Entries:
        """An entry that brings one person's day to 26 hours."""
        at = len(entries) // 2
        same = (entries.person == entries.person[at]) & (entries.day == entries.day[at])
        extra = entries.take(np.array([at]))
        extra.seconds = np.array([26 * 3600 - int(entries.seconds[same].sum())])
        extra.tag = np.array([LONG_DAY])
        entries.tag[same] = LONG_DAY
        return join([entries, extra])

    def _clock_night(self, number: int, entries: Entries) -> Entries:
        """An on-call night across each change of clocks: 22:00 to 06:00 is seven hours in spring and nine
        in autumn.
        """
        month = self.months[number]
        for day, change in clock_changes(self.scene.plan, ZONE_OF_PLACE[PROFILE_PLACE[CLOCK_SOURCE]]):
            if month.first_index < day <= month.last_index and len(entries):
                person = int(entries.person[0])
                # project 0 (administration) keeps the row out of client work
                row = self._rows(person, np.array([day - 1]), 22 * 3600, 8 * 3600 - change, CLOCK)
                entries = join([entries, row])
        return entries

    def clock_shift(self, entries: Entries) -> Ints:
        """Seconds the wall clock jumped during each entry."""
        shift = np.zeros(len(entries), np.int64)
        night = entries.tag == CLOCK
        shift[night] = 8 * 3600 - entries.seconds[night]
        return shift

    def versions(self, source: str, number: int, entries: Entries) -> list[Entries]:
        """Each export of the month, oldest first. The re-exported month comes back with edits, deletions
        and one new row.
        """
        if self.where["re_exported_month"] != (source, number):
            return [entries]
        rng = self.scene.plan.rng("re_exported_month")
        touched = rng.choice(np.flatnonzero(entries.tag == 0), 9, replace=False)
        before = Entries(**vars(entries))
        before.tag = entries.tag.copy()
        after = Entries(**{name: value.copy() for name, value in vars(entries).items()})
        edited, deleted, extended = touched[:5], touched[5:8], touched[8]
        before.tag[touched] = EDITED
        after.seconds[edited] = np.maximum(300, after.seconds[edited] // 2 // 60 * 60)
        after.tag[edited] = EDITED
        added = after.take(np.array([extended]))
        added.start, added.seconds = np.array([20 * 3600]), np.array([1800])
        added.tag = np.array([ADDED])
        keep = np.ones(len(after), bool)
        keep[deleted] = False
        self._pending["re_exported_month"] = {"edited": 5, "deleted": 3, "added": 1}
        return [before, join([after.take(keep), added])]

    def note(self, source: str, number: int, file: str, entries: Entries, step: int) -> None:
        """Record the planted rows of a file under the lines they ended on."""

        def lines(*tags: int) -> list[int]:
            return [int(i) + 2 for i in np.flatnonzero(np.isin(entries.tag, tags))]

        def add(name: str, rule: str, at: list[int], **detail: Any) -> None:
            self.record.faults.append(Fault(name, rule, source, file, at, detail | self._pending.get(name, {})))

        here = {name for name, place in self.where.items() if place == (source, number)}
        if "silent_week" in here:
            self.record.faults[-1].file = file
        if "unknown_email" in here:
            rows = entries.tag == STRANGER
            add("unknown_email", "unmatched_people", lines(STRANGER), email=self.texts.strangers[0][1],
                us=int(entries.seconds[rows].sum()) * US_PER_SECOND)  # fmt: skip
        if "overlap" in here:
            add("overlap", "overlapping_entries", lines(OVERLAP), **self._who(entries, OVERLAP))
        if "day_over_24_hours" in here:
            add(
                "day_over_24_hours",
                "over_24_hours",
                lines(LONG_DAY),
                hours=26,
                **self._who(entries, LONG_DAY),
            )
        if CLOCK in entries.tag:
            us = int(entries.seconds[entries.tag == CLOCK].sum()) * US_PER_SECOND
            add(
                "clock_change",
                "none: elapsed time must stand",
                lines(CLOCK),
                us=us,
                **self._who(entries, CLOCK),
            )
        if "double_claim" in here:
            us = int(entries.seconds[entries.tag == PILOT].sum()) * US_PER_SECOND
            add("double_claim", "not counted: other_source_has_authority", lines(PILOT), us=us, authority=PILOT_FROM)
        if "hours_after_leaving" in here:
            us = int(entries.seconds[entries.tag == AFTER].sum()) * US_PER_SECOND
            add("hours_after_leaving", "activity_outside_employment", lines(AFTER), us=us, **self._who(entries, AFTER))
        if "re_exported_month" in here:
            add(
                "re_exported_month",
                "superseded rows",
                lines(EDITED, ADDED),
                export="first" if step == 0 else "second",
            )

    def _who(self, entries: Entries, tag: int) -> dict[str, str]:
        at = int(np.flatnonzero(entries.tag == tag)[0])
        emails = self.texts.emails(entries.person[at : at + 1], entries.day[at : at + 1])
        return {"email": str(emails[0]), "date": self.scene.plan.day(int(entries.day[at])).isoformat()}

    def damage(self, source: str, number: int, path: Path, truth: FileTruth, entries: Entries) -> None:
        """Cut the planned file in the middle of a row, about four fifths down; ``truth`` then counts whole
        rows only.
        """
        if self.where["truncated_file"] != (source, number):
            return
        lines = path.read_bytes().split(b"\n")
        whole = len(entries) * 4 // 5
        path.write_bytes(b"\n".join(lines[: whole + 1]) + b"\n" + lines[whole + 1][:20])
        lost = entries.seconds[whole:]
        truth.rows, truth.us = whole, int(entries.seconds[:whole].sum()) * US_PER_SECOND
        self.record.faults.append(
            Fault("truncated_file", "quarantined_rows", source, truth.file, [whole + 2],
                  {"whole_rows": whole, "rows_lost": len(lost), "us_lost": int(lost.sum()) * US_PER_SECOND})
        )  # fmt: skip
