"""Make an empty workspace."""

from __future__ import annotations

from pathlib import Path

from data_contracts.errors import WorkledgerError
from orchestration.reference import TABLES
from orchestration.workspace import CONFIG

TEMPLATE = """\
# A Workledger workspace. `workledger check` reads this file and says what it understood.
organisation: My organisation
zone: UTC                       # IANA zone of local times and working hours, where a source names none

# One entry a source: where its exports arrive. Example:
#
# sources:
#   toggl:
#     files: ["inbox/toggl/*.csv"]      # or `database: ERP_DATABASE`, the environment variable with the address of one
#     format: toggl_track__detailed     # leave out to recognise it by its headers
#     zone: Europe/Berlin               # zone of the local times in the export
#     mode: window                      # changes | window | full: what it means that a row is absent
#     file_name: 'toggl_(?P<coverage_from>\\d{4}-\\d{2}-\\d{2})_(?P<coverage_to>\\d{4}-\\d{2}-\\d{2})'
#     rhythm: monthly                   # hourly | daily | weekly | monthly: when to call it overdue
#     owner: ops@example.org
sources: {}

policy:
  week_starts_on: monday
  working_weekdays: [mon, tue, wed, thu, fri]
  unlogged_grace_days: 3        # days people have to log their work before it is called missing
  smallest_group_size: 5        # no team figure of fewer people, in the file that managers see
  manager_lead_working_days: 5  # working days after a period in which only its contributors see it
  manager_restatement: monthly  # monthly | quarterly | never: when released figures may change, if enough people changed
  # gaps: [{rule: short_exports, source: toggl, severity: blocks}]  # what gaps of a rule mean here; `workledger gaps --limits`
  # audiences: {mart_utilisation__person_week: service}  # published tables for fewer people: finance | directory | service
  keep_versions: 30             # published versions that stay whatever their age; `workledger pin` keeps more
  # keep_days: 90               # versions younger than this stay whatever their number
  # keep_deliveries_days: 730   # exports as they arrived go after this; the rows that were made of them stay

# machine: {threads: 6, memory: 12GB}  # what a refresh may use; chosen from the machine if left out

schedule:                       # local hours of working days in which Dagster refreshes, once an hour
  from_hour: 6
  to_hour: 20
"""
IGNORE = "data/\npublished/\n"


def initialise(folder: Path) -> Path:
    """Make ``folder`` a workspace and return its path. Raises WorkledgerError if it already is one."""
    root = folder.expanduser().resolve()
    config = root / CONFIG
    if config.exists():
        raise WorkledgerError("This folder already is a workspace", where=str(config))
    for name in ("inbox", "reference", "formats"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        (root / "reference" / table.file_name).write_text(",".join(table.columns) + "\n", encoding="utf-8")
    config.write_text(TEMPLATE, encoding="utf-8")
    ignore = root / ".gitignore"
    if not ignore.exists():
        ignore.write_text(IGNORE, encoding="utf-8")
    return root
