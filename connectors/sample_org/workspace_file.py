"""The workledger.yaml of the sample workspace."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.sources import ExportMode

DAY = r"\d{4}-\d{2}-\d{2}"
COVERAGE = rf"(?P<coverage_from>{DAY})_(?P<coverage_to>{DAY})"
EXPORTED = rf"(?P<extracted_at>{DAY})"
WINDOW = rf"{COVERAGE}_exported_{EXPORTED}"
OPS, HR = "ops@example.org", "people.office@example.org"


@dataclass(frozen=True)
class SourceEntry:
    """One source as workledger.yaml names it.

    With several ``formats`` the file says which by its headers. ``file_name`` reads coverage and day of
    extraction from a name.
    """

    name: str
    formats: tuple[str, ...]
    files: str
    file_name: str
    mode: ExportMode
    zone: str | None = None
    owner: str = OPS
    options: dict[str, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        return [
            f"  {self.name}:",
            *([f"    format: {self.formats[0]}"] if len(self.formats) == 1 else []),
            f'    files: ["inbox/{self.files}"]',
            *([f"    zone: {self.zone}"] if self.zone else []),
            f"    mode: {self.mode}",
            f"    file_name: '{self.file_name}'",
            "    rhythm: monthly",
            f"    owner: {self.owner}",
            *(["    options:"] if self.options else []),
            *(f'      {key}: "{value}"' for key, value in self.options.items()),
        ]


def _tracker(name: str, fmt: str, zone: str, stem: str = "", **options: str) -> SourceEntry:
    stem = stem or name
    return SourceEntry(name, (fmt,), f"{name}/{stem}_*.csv", f"{stem}_{WINDOW}", "window", zone, options=options)


def _plan(name: str, fmt: str) -> SourceEntry:
    return SourceEntry(name, (fmt,), f"planning/{name}_*.csv", f"{name}_{EXPORTED}", "full")


def source_entries() -> list[SourceEntry]:
    """Every source the sample writes."""
    berlin = "Europe/Berlin"
    # one source for both exports of Redmine: issues have no window, so they are taken as changes
    redmine_name = rf"redmine_(?:time_{COVERAGE}_exported|issues)_{EXPORTED}"
    return [
        SourceEntry("hr", ("hr_roster__csv",), "hr/roster_*.csv", f"roster_{EXPORTED}", "full", berlin, HR),
        SourceEntry("absences", ("hr_absences__csv",), "hr/absences_*.csv", f"absences_{EXPORTED}", "full", None, HR),
        _tracker("toggl_de", "toggl_track__detailed", berlin),
        _tracker("toggl_gb", "toggl_track__detailed", "Europe/London"),
        _tracker("toggl_us", "toggl_track__detailed", "America/New_York"),
        _tracker("toggl_in", "toggl_track__detailed", "Asia/Kolkata"),
        _tracker("clockify", "clockify__detailed", "America/New_York"),
        _tracker("harvest", "harvest__detailed", berlin, decimal_sign=","),
        _tracker("scripts", "workledger__time_entries", berlin, "time_entries"),
        SourceEntry("jira", ("jira__rest",), "jira/jira_*.json", f"jira_{WINDOW}", "changes", berlin),
        SourceEntry(
            "redmine",
            ("redmine__time_entries", "redmine__issues"),
            "redmine/redmine_*.csv",
            redmine_name,
            "window",
            "Asia/Kolkata",
        ),
        _plan("projects", "project_list__csv"),
        _plan("milestones", "workledger__milestones"),
        _plan("allocations", "resource_plan__csv"),
        _plan("rates", "rate_card__csv"),
        SourceEntry(
            "salesforce",
            ("salesforce__tasks", "salesforce__events"),
            "salesforce/salesforce_*.csv",
            rf"salesforce_(?:tasks|events)_{WINDOW}",
            "changes",
            "UTC",
        ),
        SourceEntry(
            "zendesk", ("zendesk__tickets",), "zendesk/zendesk_*.csv", f"zendesk_{WINDOW}", "changes", "Europe/London"
        ),
        SourceEntry(
            "finance",
            ("finance_workflow__csv", "event_log__xes"),
            "finance/finance_*",
            rf"finance_(?:events|invoices)_{WINDOW}",
            "changes",
            berlin,
        ),
    ]


def workspace_yaml() -> str:
    """Text of workledger.yaml. Block YAML by hand: it is read by people first."""
    lines = ["organisation: Example & Partners", "zone: Europe/Berlin", "sources:"]
    for entry in source_entries():
        lines += entry.lines()
    lines += [
        "policy:",
        "  week_starts_on: monday",
        "  working_weekdays: [mon, tue, wed, thu, fri]",
        "  smallest_group_size: 5",
        "  unlogged_grace_days: 3",
        "  authority:",
        "    - {source: harvest, priority: 1}",
        "    - {source: clockify, priority: 2}",
    ]
    return "\n".join(lines) + "\n"
