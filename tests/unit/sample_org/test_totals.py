"""planted_faults.json tells the truth about what is in the files."""

from __future__ import annotations

import csv
import re

import pytest

from .conftest import Sample
from .reading import DURATION, rows_of

ADDRESS = re.compile(rb"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+[A-Za-z]")


def test_every_file_is_listed_and_every_listed_file_is_there(sample: Sample) -> None:
    listed = {one["file"] for one in sample.planted["files"]}
    there = {path.relative_to(sample.root).as_posix() for path in (sample.root / "inbox").rglob("*") if path.is_file()}
    assert listed == there


@pytest.mark.parametrize("source", sorted(DURATION))
def test_rows_and_time_of_each_file_match_an_independent_reading(sample: Sample, source: str) -> None:
    files = [one for one in sample.planted["files"] if one["source"] == source and one["stream"] == "time_entries"]
    assert len(files) >= 14
    for one in files:
        rows = rows_of(sample.root / one["file"], "latin-1" if source == "redmine" else "utf-8-sig")
        assert (len(rows), sum(DURATION[source](row) for row in rows)) == (one["rows"], one["us"]), one["file"]


def test_totals_are_the_sums_of_the_files(sample: Sample) -> None:
    for source, streams in sample.planted["sources"].items():
        for stream, total in streams.items():
            files = [one for one in sample.planted["files"] if (one["source"], one["stream"]) == (source, stream)]
            assert total["rows_delivered"] == sum(one["rows"] for one in files)
            assert total["us_current"] == sum(one["us"] for one in files if one["is_current"])


def test_rows_of_the_other_csv_files_match(sample: Sample) -> None:
    for one in sample.planted["files"]:
        if one["stream"] not in ("time_entries", "tasks") and one["file"].endswith(".csv"):
            with (sample.root / one["file"]).open(encoding="utf-8", newline="") as handle:
                assert sum(1 for _ in csv.DictReader(handle)) == one["rows"]


def test_no_address_outside_example_org(sample: Sample) -> None:
    for path in sample.root.rglob("*"):
        if path.is_file():
            for address in set(ADDRESS.findall(path.read_bytes())):
                assert address.endswith(b"@example.org"), (path, address)
