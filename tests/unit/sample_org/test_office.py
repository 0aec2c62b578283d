"""Everything that is no time tracker: it is consistent, dated before its export, and leads to people that
are known.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from connectors.sample_org.workspace_file import source_entries
from orchestration.reference import check_reference
from orchestration.settings import load_settings

from .conftest import Sample
from .reading import rows_of

TEXT = "{http://www.xes-standard.org/}"


def reference(sample: Sample, name: str) -> list[dict[str, str]]:
    with (sample.root / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def latest(sample: Sample, pattern: str) -> list[dict[str, str]]:
    return rows_of(sorted(sample.root.glob(pattern))[-1])


def test_only_the_planted_stranger_is_unknown(sample: Sample) -> None:
    known = {row["E-mail"] for row in latest(sample, "inbox/hr/roster_*.csv")}
    told = {(row["source"], row["person_email"]) for row in reference(sample, "people_crosswalk")}
    columns = {"Email", "E-mail", "person_email", "Owner.Email", "Resource"}
    unknown = set()
    for one in sample.planted["files"]:
        if one["file"].endswith(".csv") and one["source"] != "redmine":
            for row in rows_of(sample.root / one["file"]):
                for column in columns & row.keys():
                    if row[column] and row[column] not in known and (one["source"], row[column]) not in told:
                        unknown.add(row[column])
    assert unknown == {sample.faults("unknown_email")[0]["detail"]["email"]}


@pytest.mark.parametrize(
    ("source", "pattern", "column"),
    [("redmine", "redmine/redmine_time_*.csv", "User"), ("zendesk", "zendesk/zendesk_*.csv", "Assignee")],
)
def test_tools_without_addresses_are_covered_by_the_crosswalk(
    sample: Sample, source: str, pattern: str, column: str
) -> None:
    told = Counter(row["person_name"] for row in reference(sample, "people_crosswalk") if row["source"] == source)
    shown: set[str] = set()
    for path in (sample.root / "inbox").glob(pattern):
        shown |= {row[column] for row in rows_of(path, "latin-1" if source == "redmine" else "utf-8")}
    assert shown <= told.keys()
    assert set(told.values()) == {1}


def test_crosswalk_lines_lead_to_people_and_projects(sample: Sample) -> None:
    numbers = {row["Employee Number"] for row in latest(sample, "inbox/hr/roster_*.csv")}
    people = reference(sample, "people_crosswalk")
    assert people and all(row["maps_to_number"] in numbers for row in people)
    assert {"jira", "redmine", "zendesk"} <= {row["source"] for row in people}
    codes = {row["Project Code"] for row in latest(sample, "inbox/planning/projects_*.csv")}
    projects = reference(sample, "projects_crosswalk")
    assert projects and all(row["maps_to_code"] in codes for row in projects)


def test_roster_spans_do_not_overlap_and_cover_joiners_leavers_and_changes(sample: Sample) -> None:
    spans: dict[str, list[dict[str, str]]] = {}
    for row in latest(sample, "inbox/hr/roster_*.csv"):
        spans.setdefault(row["Employee Number"], []).append(row)
    for rows in spans.values():
        rows.sort(key=lambda row: row["Valid From"])
        assert rows[0]["Valid From"] == rows[0]["Hired"]
        for before, after in pairwise(rows):
            assert "" < before["Valid To"] < after["Valid From"]
        assert rows[-1]["Valid To"] == rows[-1]["Left"]
    everyone = [row for rows in spans.values() for row in rows]
    assert {row["Employment Type"] for row in everyone} == {"employee", "contractor", "system"}
    for column in ("Role", "Team", "Manager E-mail", "Weekly Hours"):
        assert any(len({row[column] for row in rows}) > 1 for rows in spans.values()), column
    assert any(row["Left"] for row in everyone)
    assert any(row["Weekly Hours"] == "" and row["Employment Type"] == "employee" for row in everyone)
    assert any((row["Mon"], row["Fri"]) == ("10", "0") for row in everyone)
    assert sum(len(spans[n]) > 0 for n in spans) >= 145


def test_weekly_hours_are_the_sum_of_the_pattern(sample: Sample) -> None:
    for row in latest(sample, "inbox/hr/roster_*.csv"):
        days = [row[name] for name in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")]
        if any(days):
            assert sum(map(float, days)) == pytest.approx(float(row["Weekly Hours"]))


def test_the_workbook_holds_the_same_roster(sample: Sample) -> None:
    (path,) = (sample.root / "alternatives").glob("roster_*.xlsx")
    frame = pl.read_excel(path, engine="calamine")
    rows = latest(sample, "inbox/hr/roster_*.csv")
    assert frame.columns == list(rows[0])
    assert frame.height == len(rows)
    assert frame["Valid From"].dtype == pl.Date
    assert [str(day) for day in frame["Valid From"]] == [row["Valid From"] for row in rows]
    assert [hours for hours in frame["Weekly Hours"] if hours is not None] == [
        float(row["Weekly Hours"]) for row in rows if row["Weekly Hours"]
    ]


def test_no_export_knows_of_things_after_its_day(sample: Sample) -> None:
    looked = 0
    for one in sample.planted["files"]:
        exported = one["file"].rsplit("_exported_", 1)[-1][:10]
        column = {"zendesk": "Updated at", "salesforce_tasks": "SystemModstamp", "finance_events": "Timestamp"}.get(
            one["source"]
        )
        if column:
            for row in rows_of(sample.root / one["file"]):
                looked += 1
                assert row[column][:10] <= exported
    assert looked > 5000


def test_xes_events_match_the_record_and_some_cases_span_files(sample: Sample) -> None:
    cases: list[str] = []
    total = 0
    for one in sample.planted["files"]:
        if one["source"] == "finance" and one["file"].endswith(".xes"):
            root = ElementTree.parse(sample.root / one["file"]).getroot()
            traces = root.findall(f"{TEXT}trace")
            assert sum(len(trace.findall(f"{TEXT}event")) for trace in traces) == one["rows"]
            total += one["rows"]
            cases += [str(trace.find(f"{TEXT}string").get("value")) for trace in traces]  # type: ignore[union-attr]
    assert total > 500
    assert any(count > 1 for count in Counter(cases).values())


def test_every_started_activity_of_the_event_log_has_at_most_one_end(sample: Sample) -> None:
    seen: Counter[tuple[str, str, str]] = Counter()
    lifecycles = set()
    for path in (sample.root / "inbox/finance").glob("*.csv"):
        for row in rows_of(path):
            lifecycles.add(row["Lifecycle"])
            if row["Instance ID"]:
                seen[row["Instance ID"], row["Activity"], row["Lifecycle"]] += 1
    assert lifecycles == {"assign", "start", "suspend", "resume", "complete"}
    assert set(seen.values()) == {1}


def test_bookings_absences_milestones_and_rates_have_the_values_that_matter(sample: Sample) -> None:
    bookings = latest(sample, "inbox/planning/allocations_*.csv")
    assert {row["Status"] for row in bookings} == {"confirmed", "tentative", "cancelled"}
    assert all(bool(row["Percent"]) != bool(row["Hours per Week"]) for row in bookings)
    assert any(row["E-mail"] == "" and row["Role"] for row in bookings)
    away = latest(sample, "inbox/hr/absences_*.csv")
    assert {row["Day Part"] for row in away} == {"Full day", "Half day", ""}
    assert all(row["Start Date"] <= row["End Date"] for row in away)
    assert {row["Status"] for row in away} == {"approved", "requested", "rejected", "cancelled"}
    steps = latest(sample, "inbox/planning/milestones_*.csv")
    assert any(row["baseline_date"] and row["baseline_date"] < row["due_date"] for row in steps)
    assert all((row["status_category"] == "done") == bool(row["completed_date"]) for row in steps)
    rates = latest(sample, "inbox/planning/rates_*.csv")
    assert {row["Rate Type"] for row in rates} == {"bill", "cost"}
    keys = Counter(
        tuple(row[c] for c in ("Rate Type", "E-mail", "Role", "Project Code", "Valid From")) for row in rates
    )
    assert set(keys.values()) == {1}


def test_reference_files_are_those_the_workspace_knows(sample: Sample) -> None:
    assert check_reference(Path(sample.root / "reference")) == []


def test_settings_are_valid_and_every_file_of_the_inbox_belongs_to_one_source(sample: Sample) -> None:
    settings = load_settings(sample.root / "workledger.yaml")
    assert {"hr", "toggl_de", "harvest", "scripts", "milestones"} <= settings.sources.keys()
    owners: Counter[Path] = Counter()
    for entry in source_entries():
        source = settings.sources.get(entry.name)
        patterns = source.files if source else [f"inbox/{entry.files}"]
        found = {path for pattern in patterns for path in sample.root.glob(pattern)}
        assert found, entry.name
        owners.update(found)
        assert all(re.search(entry.file_name, path.relative_to(sample.root).as_posix()) for path in found)
        if source is not None:
            assert source.file_name == entry.file_name
    assert set(owners.values()) == {1}
    assert set(owners) == {path for path in (sample.root / "inbox").rglob("*") if path.is_file()}
