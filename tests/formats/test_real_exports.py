"""Real exports of other people's systems, where they are at hand: totals are those the systems themselves state."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.formats.conftest import Extract

HOUR = 3_600_000_000
TRACKERS = "time_trackers/toggl_clockify_harvest"


@pytest.mark.parametrize(
    ("file", "format_name", "read", "loaded", "us_loaded"),
    [
        (f"{TRACKERS}/toggl_time_entries_import_test_1.csv", "toggl_track__detailed", 2, 2, 3_601_000_000),
        (f"{TRACKERS}/toggl_time_entries_import_test_2.csv", "toggl_track__detailed", 1, 1, 2_000_000),
        (f"{TRACKERS}/clockify_time_entries_import_test_1.csv", "clockify__detailed", 2, 2, 3_601_000_000),
        (f"{TRACKERS}/clockify_time_entries_import_test_2.csv", "clockify__detailed", 1, 1, 1_800_000_000),
        (f"{TRACKERS}/clockify_time_entries_import_test_3.csv", "clockify__detailed", 1, 0, 0),
        (f"{TRACKERS}/clockify_time_entries_import_test_4.csv", "clockify__detailed", 2, 2, 3_601_000_000),
        (f"{TRACKERS}/clockify_time_entries_import_test_5.csv", "clockify__detailed", 2, 2, 3_601_000_000),
        (f"{TRACKERS}/clockify_time_entries_import_test_6.csv", "clockify__detailed", 2, 2, 3_601_000_000),
        (f"{TRACKERS}/clockify_time_entries_import_test_7.csv", "clockify__detailed", 1, 0, 0),
        (f"{TRACKERS}/harvest_time_entries_import_test_1.csv", "harvest__detailed", 2, 2, 20 * HOUR + HOUR // 100),
        ("real_systems/redmine_time_entries.csv", "redmine__time_entries", 293, 293, 722 * HOUR + HOUR // 2),
        ("real_systems/redmine_issues.csv", "redmine__issues", 59, 59, 722 * HOUR + HOUR // 2),
        (
            "real_systems/tryton_timesheet_line_data_route.csv",
            "tryton__timesheet_lines_csv",
            50,
            50,
            117 * HOUR + HOUR // 30,
        ),
    ],
)
def test_a_real_export_is_recognised_and_adds_up(
    examples: Path, extracted: Extract, file: str, format_name: str, read: int, loaded: int, us_loaded: int
) -> None:
    outcome = extracted(("export.csv", (examples / file).read_bytes()), zone="Europe/Vienna").only
    assert (outcome.status, outcome.format, outcome.drift) == ("mapped", format_name, ())
    (stream,) = outcome.streams
    assert (stream.rows_read, stream.rows_loaded, stream.us_loaded) == (read, loaded, us_loaded)
    assert stream.rows_quarantined == read - loaded


@pytest.mark.parametrize(
    "file", [f"{TRACKERS}/generic_time_entries_import_test_1.csv", f"{TRACKERS}/clockify_projects_import_test_1.csv"]
)
def test_what_no_format_knows_is_rejected_with_a_remedy(examples: Path, extracted: Extract, file: str) -> None:
    outcome = extracted(("export.csv", (examples / file).read_bytes())).only
    assert (outcome.status, outcome.streams) == ("rejected", ())
    assert outcome.remedy
