"""Time tracker files, month by month and source by source, with the faults planted on the way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from connectors.sample_org import calendars, trackers
from connectors.sample_org.faults import FaultPlan
from connectors.sample_org.plan import Month
from connectors.sample_org.planning import Bookings
from connectors.sample_org.record import US_PER_SECOND, FileTruth, Record
from connectors.sample_org.spelling import Ints, Texts
from connectors.sample_org.time_entries import Entries, Scene, draw_month

if TYPE_CHECKING:
    import polars as pl


class TrackerFiles:
    """Writes the time entries of each source and records what each file holds."""

    sources = ("toggl_de", "toggl_gb", "toggl_us", "toggl_in", "clockify", "harvest", "scripts")

    def __init__(self, target: Path, scene: Scene, texts: Texts, record: Record, bookings: Bookings) -> None:
        self.target, self.scene, self.texts, self.record = target, scene, texts, record
        self.bookings = bookings
        self.offsets = calendars.offsets(scene.plan)
        self.faults = FaultPlan(scene, texts, record)

    def write(self, source: str) -> None:
        folder = self.target / "inbox" / source
        folder.mkdir(parents=True, exist_ok=True)
        for number, month in enumerate(self.scene.plan.month_list()):
            entries = self.faults.plant(source, number, self._month(source, month))
            self.bookings.add(number, entries)
            self._write_file(source, number, month, entries)

    def _month(self, source: str, month: Month) -> Entries:
        """Entries as the export of the month holds them: in the profile's zone and inside its window."""
        entries = draw_month(self.scene, source, month)
        if source in trackers.PROFILE_PLACE:
            place = self.scene.days.place[entries.person, entries.day].astype(np.int64)
            entries = trackers.to_profile_zone(entries, place, self.offsets, source)
            entries = entries.take((entries.day >= month.first_index) & (entries.day <= month.last_index))
        return entries

    def _write_file(self, source: str, number: int, month: Month, entries: Entries) -> None:
        plan = self.scene.plan
        stem = "time_entries" if source == "scripts" else source
        versions = self.faults.versions(source, number, entries)
        for step, version in enumerate(versions):
            version = version.sorted_by_start()
            exported = plan.exported_on(month) if step == 0 else plan.until
            path = self.target / "inbox" / source / f"{stem}_{month.label}_exported_{exported.isoformat()}.csv"
            self._render(source, number, version).write_csv(
                path,
                include_bom=source.startswith("toggl"),
                quote_style="always" if source == "clockify" else "necessary",
            )
            file = path.relative_to(self.target).as_posix()
            us = int(version.seconds.sum()) * US_PER_SECOND
            truth = FileTruth(source, "time_entries", file, len(version), us, step == len(versions) - 1)
            self.faults.note(source, number, file, version, step)
            self.faults.damage(source, number, path, truth, version)
            self.record.files.append(truth)

    def _render(self, source: str, number: int, entries: Entries) -> pl.DataFrame:
        if source == "scripts":
            return trackers.scripts(self.texts, entries, number)
        if source == "harvest":
            return trackers.harvest(self.texts, entries, approved=number < len(self.scene.plan.month_list()) - 1)
        if source == "clockify":
            known = entries.person < len(self.scene.org.people)
            team = np.full(len(entries), -1, np.int64)
            team[known] = self.scene.days.team[entries.person[known], entries.day[known]]
            return trackers.clockify(self.texts, entries, team)
        return trackers.toggl(self.texts, entries, self._clock_shift(entries))

    def _clock_shift(self, entries: Entries) -> Ints:
        return self.faults.clock_shift(entries)
