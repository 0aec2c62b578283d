"""The workledger.yaml of the sample workspace."""

from __future__ import annotations

from dataclasses import dataclass

DAY = r"\d{4}-\d{2}-\d{2}"


@dataclass(frozen=True)
class SourceEntry:
    """One source as workledger.yaml names it. ``stem`` is how its file names begin; ``mode`` window, full
    or changes.
    """

    name: str
    format: str
    folder: str
    stem: str
    zone: str | None
    mode: str
    rhythm: str
    owner: str
    suffix: str = "csv"

    def file_name(self) -> str:
        """Pattern that reads coverage and day of extraction from the name of a file."""
        exported = rf"_exported_(?P<extracted_at>{DAY})"
        if self.mode == "full":
            return rf"{self.stem}_(?P<extracted_at>{DAY})"
        return rf"{self.stem}_(?P<coverage_from>{DAY})_(?P<coverage_to>{DAY}){exported}"


def source_entries() -> list[SourceEntry]:
    """Every source the sample writes."""
    ops, hr = "ops@example.org", "people.office@example.org"

    def window(name: str, fmt: str, zone: str, stem: str = "") -> SourceEntry:
        return SourceEntry(name, fmt, name, stem or name, zone, "window", "monthly", ops)

    def planned(name: str, fmt: str) -> SourceEntry:
        return SourceEntry(name, fmt, "planning", name, None, "full", "monthly", ops)

    def upserts(name: str, fmt: str, folder: str, zone: str, suffix: str = "csv") -> SourceEntry:
        return SourceEntry(name, fmt, folder, name, zone, "changes", "monthly", ops, suffix)

    return [
        SourceEntry("hr", "hr_roster__csv", "hr", "roster", "Europe/Berlin", "full", "monthly", hr),
        window("toggl_de", "toggl_track__detailed", "Europe/Berlin"),
        window("toggl_gb", "toggl_track__detailed", "Europe/London"),
        window("toggl_us", "toggl_track__detailed", "America/New_York"),
        window("toggl_in", "toggl_track__detailed", "Asia/Kolkata"),
        window("clockify", "clockify__detailed", "America/New_York"),
        window("harvest", "harvest__detailed", "Europe/Berlin"),
        SourceEntry("jira", "jira__search", "jira", "jira", "Europe/Berlin", "changes", "monthly", ops, "json"),
        window("redmine", "redmine__time_entries", "Asia/Kolkata", "redmine_time"),
        SourceEntry(
            "redmine_issues", "redmine__issues", "redmine", "redmine_issues", "Asia/Kolkata", "full", "monthly", ops
        ),
        window("scripts", "workledger__time_entries", "Europe/Berlin", "time_entries"),
        SourceEntry("absences", "hr_absences__csv", "hr", "absences", None, "full", "monthly", hr),
        planned("projects", "projects__csv"),
        planned("milestones", "workledger__milestones"),
        planned("allocations", "allocations__csv"),
        planned("rates", "rates__csv"),
        upserts("salesforce_tasks", "salesforce__tasks", "salesforce", "UTC"),
        upserts("salesforce_events", "salesforce__events", "salesforce", "UTC"),
        upserts("zendesk", "zendesk__tickets", "zendesk", "Europe/London"),
        upserts("finance_events", "event_log__csv", "finance", "Europe/Berlin"),
        upserts("finance_invoices", "event_log__xes", "finance", "Europe/Berlin", "xes"),
    ]


def workspace_yaml() -> str:
    """Text of workledger.yaml. Block YAML by hand: it is read by people first."""
    lines = ["organisation: Example & Partners", "zone: Europe/Berlin", "sources:"]
    for entry in source_entries():
        lines += [
            f"  {entry.name}:",
            f"    format: {entry.format}",
            f'    files: ["inbox/{entry.folder}/{entry.stem}_*.{entry.suffix}"]',
        ]
        if entry.zone:
            lines.append(f"    zone: {entry.zone}")
        lines += [
            f"    mode: {entry.mode}",
            f"    file_name: '{entry.file_name()}'",
            f"    rhythm: {entry.rhythm}",
            f"    owner: {entry.owner}",
        ]
    lines += [
        "policy:",
        "  week_starts_on: monday",
        "  working_weekdays: [mon, tue, wed, thu, fri]",
        "  smallest_group_size: 5",
        "  unlogged_grace_days: 3",
    ]
    return "\n".join(lines) + "\n"
