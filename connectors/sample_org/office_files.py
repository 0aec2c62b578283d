"""Files of everything but time trackers and issue tools: HR, planning, CRM and desk, finance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from connectors.sample_org import finance, hr, planning
from connectors.sample_org.calendars import Absence
from connectors.sample_org.crm import Crm
from connectors.sample_org.plan import Month
from connectors.sample_org.record import US_PER_SECOND, FileTruth, Record
from connectors.sample_org.spelling import Ints, Texts
from connectors.sample_org.time_entries import DAY_SECONDS, Scene
from connectors.sample_org.workbook import Cell, typed, write_workbook

if TYPE_CHECKING:
    import polars as pl


class OfficeFiles:
    """Writes the files and records rows and time of each."""

    def __init__(self, target: Path, scene: Scene, texts: Texts, record: Record) -> None:
        self.target, self.scene, self.texts, self.record = target, scene, texts, record
        self.plan = scene.plan

    def _save(
        self,
        source: str,
        stream: str,
        folder: str,
        name: str,
        frame: pl.DataFrame,
        *,
        us: int = 0,
        current: bool = True,
    ) -> None:
        path = self.target / "inbox" / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_csv(path)
        file = path.relative_to(self.target).as_posix()
        self.record.files.append(FileTruth(source, stream, file, frame.height, us, current))

    def write_hr(self, absences: list[Absence]) -> None:
        """Roster and absences as of half-way and as of the last month: the later export replaces the
        earlier.
        """
        months = self.plan.month_list()
        for month, current in ((months[len(months) // 2], False), (months[-1], True)):
            day = month.first.isoformat()
            frame = hr.roster(self.plan, self.scene.org, month.first_index)
            self._save("hr", "people", "hr", f"roster_{day}.csv", frame, current=current)
            known_on = self.plan.days if current else month.first_index
            away = hr.absences_frame(self.plan, self.scene.org, absences, known_on)
            on = self.plan.until.isoformat() if current else day
            self._save("absences", "absences", "hr", f"absences_{on}.csv", away, current=current)
        self._write_workbook(months[-1].first.isoformat(), frame)

    def _write_workbook(self, day: str, frame: pl.DataFrame) -> None:
        """The same roster as HR might send it by hand: a workbook with real dates. Beside the inbox, so
        that people count once.
        """
        folder = self.target / "alternatives"
        folder.mkdir(exist_ok=True)
        rows: list[list[Cell]] = [list(frame.columns)]
        rows += [[typed(value) for value in row] for row in frame.iter_rows()]
        write_workbook(folder / f"roster_{day}.xlsx", "Roster", rows)

    def write_plans(self, bookings: planning.Bookings) -> None:
        plan, org, portfolio = self.plan, self.scene.org, self.scene.portfolio
        day = plan.until.isoformat()
        for name, frame in (
            ("projects", planning.projects_frame(plan, org, portfolio)),
            ("milestones", planning.milestones_frame(plan, portfolio)),
            ("allocations", bookings.frame()),
            ("rates", planning.rates_frame(plan, org, portfolio)),
        ):
            self._save(name, name, "planning", f"{name}_{day}.csv", frame)

    def write_crm(self) -> None:
        """A file a month with what was last updated in it, so that no export knows of things after its day."""
        import polars as pl

        crm = Crm(self.scene, self.texts)
        months = self.plan.month_list()
        for source, stem, draw, column, unit in (
            ("salesforce", "salesforce_tasks", crm.salesforce_tasks, "CallDurationInSeconds", 1),
            ("salesforce", "salesforce_events", crm.salesforce_events, "DurationInMinutes", 60),
            ("zendesk", "zendesk", crm.zendesk, "Total time spent (sec) [int]", 1),
        ):
            drawn = [draw(month) for month in months]
            everything = pl.concat([frame for frame, _ in drawn])
            number = month_numbers(months, np.concatenate([updated for _, updated in drawn]))
            for n, month in enumerate(months):
                frame = everything.filter(pl.Series(number == n))
                us = int(frame[column].cast(pl.Int64).sum()) * unit * US_PER_SECOND
                end = f"{month.label}_exported_{self.plan.exported_on(month).isoformat()}.csv"
                self._save(source, "interactions", source, f"{stem}_{end}", frame, us=us)

    def write_finance(self) -> None:
        """Invoices as XES, the other processes as CSV: a file a month with its events, so that a case spans
        files.
        """
        clock = finance.Clock(self.plan)
        months = self.plan.month_list()
        events = [event for month in months for event in finance.draw_events(self.scene, month)]
        events.sort(key=finance.in_order)
        number = month_numbers(months, np.array([event.at for event in events], np.int64))
        for n, month in enumerate(months):
            end = f"{month.label}_exported_{self.plan.exported_on(month).isoformat()}"
            mine = [events[i] for i in np.flatnonzero(number == n)]
            in_csv = [event for event in mine if event.process in finance.IN_CSV]
            in_log = [event for event in mine if event.process not in finance.IN_CSV]
            frame = hr.text_frame(finance.EVENT_HEADERS, finance.csv_rows(in_csv, clock))
            self._save("finance", "process_events", "finance", f"finance_events_{end}.csv", frame)
            path = self.target / "inbox" / "finance" / f"finance_invoices_{end}.xes"
            path.write_text(finance.xes(in_log, clock), encoding="utf-8")
            file = path.relative_to(self.target).as_posix()
            self.record.files.append(FileTruth("finance", "process_events", file, len(in_log), 0))


def month_numbers(months: list[Month], seconds: Ints) -> Ints:
    """Number of the month that each second of the plan falls in; what lies outside goes to the first or
    last.
    """
    ends = np.array([(month.last_index + 1) * DAY_SECONDS for month in months])
    return np.searchsorted(ends, seconds, side="right").clip(0, len(ends) - 1)
