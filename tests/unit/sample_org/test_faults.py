"""Each planted fault is really in the files."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from .conftest import Sample
from .reading import DURATION, Row, clock, line, rows_of


def roster_emails(sample: Sample) -> set[str]:
    files = sorted((sample.root / "inbox" / "hr").glob("roster_*.csv"))
    return {row["E-mail"] for row in rows_of(files[-1])}


def test_silent_week_has_no_entry_and_the_weeks_around_it_have(sample: Sample) -> None:
    (fault,) = sample.faults("silent_week")
    first, last = (date.fromisoformat(fault["detail"][key]) for key in ("from", "to"))
    assert first.weekday() == 0 and last - first == timedelta(days=6)
    days = {row["Start date"] for row in rows_of(sample.root / fault["file"])}
    assert not {(first + timedelta(days=n)).isoformat() for n in range(7)} & days
    assert (last + timedelta(days=1)).isoformat() in days
    assert fault["detail"]["entries_missing"] > 100


def test_unknown_email_is_in_no_roster(sample: Sample) -> None:
    (fault,) = sample.faults("unknown_email")
    assert fault["detail"]["email"] not in roster_emails(sample)
    assert len(fault["lines"]) == 5
    for number in fault["lines"]:
        assert line(sample.root / fault["file"], number)["Email"] == fault["detail"]["email"]


def span(row: Row) -> tuple[str, str]:
    return f"{row['Start date']} {row['Start time']}", f"{row['End date']} {row['End time']}"


def test_overlap_really_overlaps(sample: Sample) -> None:
    (fault,) = sample.faults("overlap")
    first, second = (line(sample.root / fault["file"], number) for number in fault["lines"])
    assert first["Email"] == second["Email"]
    assert span(first)[0] < span(second)[0] < span(first)[1] < span(second)[1]


def test_day_of_26_hours(sample: Sample) -> None:
    (fault,) = sample.faults("day_over_24_hours")
    rows = [line(sample.root / fault["file"], number) for number in fault["lines"]]
    assert {(row["Email"], row["Date"]) for row in rows} == {(fault["detail"]["email"], fault["detail"]["date"])}
    assert sum(DURATION["harvest"](row) for row in rows) == 26 * 3600 * 1_000_000


def test_night_across_the_change_of_clocks_keeps_its_elapsed_time(sample: Sample) -> None:
    nights = sample.faults("clock_change")
    hours = set()
    for fault in nights:
        (number,) = fault["lines"]
        row = line(sample.root / fault["file"], number)
        assert (row["Start time"], row["End time"]) == ("22:00:00", "06:00:00")
        hours.add(clock(row["Duration"]) // 3_600_000_000)
    assert hours == {7, 9}


def test_re_exported_month_edits_deletes_and_adds(sample: Sample) -> None:
    first, second = sample.faults("re_exported_month")
    assert first["file"].split("_exported_")[0] == second["file"].split("_exported_")[0]
    assert first["file"] < second["file"]
    before = [tuple(row.items()) for row in rows_of(sample.root / first["file"])]
    after = [tuple(row.items()) for row in rows_of(sample.root / second["file"])]
    assert len(after) == len(before) - 3 + 1
    assert len(set(before) - set(after)) == 8
    assert len(set(after) - set(before)) == 6
    current = [one["is_current"] for one in sample.planted["files"] if one["file"] in (first["file"], second["file"])]
    assert current == [False, True]


def test_truncated_file_ends_inside_a_row(sample: Sample) -> None:
    (fault,) = sample.faults("truncated_file")
    raw = (sample.root / fault["file"]).read_bytes()
    assert not raw.endswith(b"\n")
    last = raw.split(b"\n")[-1]
    header = raw.split(b"\n")[0]
    assert 0 < last.count(b",") < header.count(b",")
    assert len(rows_of(sample.root / fault["file"])) == fault["detail"]["whole_rows"]


def test_hours_of_the_pilot_are_in_both_trackers(sample: Sample) -> None:
    (fault,) = sample.faults("double_claim")
    claimed: dict[str, int] = {}
    for number in fault["lines"]:
        row = line(sample.root / fault["file"], number)
        claimed[row["Email"]] = claimed.get(row["Email"], 0) + DURATION["clockify"](row)
    assert len(claimed) == 3 and sum(claimed.values()) == fault["detail"]["us"]
    window = fault["file"].split("clockify_")[1]
    owned = dict.fromkeys(claimed, 0)
    for row in rows_of(sample.root / "inbox/harvest" / f"harvest_{window}"):
        if row["Email"] in owned:
            owned[row["Email"]] += DURATION["harvest"](row)
    long_day = sample.faults("day_over_24_hours")[0]["detail"]["email"]
    assert {who: us for who, us in owned.items() if who != long_day} == {
        who: us for who, us in claimed.items() if who != long_day
    }


def test_hours_after_leaving_lie_after_the_last_day_of_employment(sample: Sample) -> None:
    (fault,) = sample.faults("hours_after_leaving")
    rows = [line(sample.root / fault["file"], number) for number in fault["lines"]]
    assert len(rows) == 2
    files = sorted((sample.root / "inbox" / "hr").glob("roster_*.csv"))
    left = {row["Left"] for row in rows_of(files[-1]) if row["E-mail"] == fault["detail"]["email"]}
    assert all(row["Start date"] > max(left) > "" for row in rows)


def test_every_rule_that_should_find_a_fault_exists(sample: Sample) -> None:
    gaps = Path(__file__).parents[3] / "dbt_project" / "models" / "gaps"
    rules = {path.stem.removeprefix("gap_") for path in gaps.glob("gap_*.sql")}
    named = {fault["rule"] for fault in sample.planted["faults"] if " " not in fault["rule"]}
    assert {"unlogged_days", "unmatched_people", "overlapping_entries", "over_24_hours"} <= named <= rules
