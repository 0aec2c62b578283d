"""What a delivery speaks of comes from its name or its arrival, never from its rows or a file's time stamp."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.deliveries import identify, land, parse_moment, parse_period, scan
from connectors.sources import Source, Store
from data_contracts.errors import WorkledgerError

ARRIVED = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
PATTERN = r"_(?P<coverage_from>[\dW-]+)(?:_(?P<coverage_to>[\d-]+))?(?:_at_(?P<extracted_at>[\dT]+Z?))?\.csv$"


def source(root: Path = Path(), **changes: Any) -> Source:
    return replace(
        Source("s", None, ("**/*.csv",), root, zone="Europe/Berlin", mode="window", file_name=PATTERN), **changes
    )


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-01-31", date(2026, 1, 31), date(2026, 1, 31)),
        ("20260131", date(2026, 1, 31), date(2026, 1, 31)),
    ],
)
def test_periods(text: str, first: date, last: date) -> None:
    assert parse_period(text) == (first, last)


@pytest.mark.parametrize("text", ["2026-13", "january", "2026-02-30"])
def test_what_is_no_period_is_an_error(text: str) -> None:
    with pytest.raises(WorkledgerError, match="not a day, week, month or year"):
        parse_period(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31T0930Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("20260131-093015", datetime(2026, 1, 31, 8, 30, 15, tzinfo=UTC)),
        ("20260731", datetime(2026, 7, 30, 22, tzinfo=UTC)),
        ("2026-01-31T09:30:00+05:30", datetime(2026, 1, 31, 4, tzinfo=UTC)),
    ],
)
def test_moments_without_an_offset_are_local(text: str, moment: datetime) -> None:
    assert parse_moment(text, "Europe/Berlin") == moment


def test_the_declared_name_gives_coverage_and_moment() -> None:
    found = identify(source(), "in/t_2026-01_at_20260201T0000Z.csv", ARRIVED, "h")
    assert (found.coverage_from, found.coverage_to) == (date(2026, 1, 1), date(2026, 1, 31))
    assert (found.extracted_at, found.extracted_at_basis) == (datetime(2026, 2, 1, tzinfo=UTC), "file_name")
    assert found.mode == "window"


def test_without_a_declared_moment_the_arrival_counts() -> None:
    found = identify(source(), "t_2026-01-05_2026-01-11.csv", ARRIVED, "h")
    assert (found.coverage_from, found.coverage_to) == (date(2026, 1, 5), date(2026, 1, 11))
    assert (found.extracted_at, found.extracted_at_basis) == (ARRIVED, "arrival")


def test_a_window_without_coverage_is_only_changes() -> None:
    assert identify(source(file_name=None), "t.csv", ARRIVED, "h").mode == "changes"


@pytest.mark.parametrize("name", ["report.csv", "t_2026-02_2026-01.csv"])
def test_a_name_that_does_not_fit_is_an_error(name: str) -> None:
    with pytest.raises(WorkledgerError):
        identify(source(), name, ARRIVED, "h")


def test_identity_is_source_coverage_moment_and_content() -> None:
    base = identify(source(), "t_2026-01.csv", ARRIVED, "h").delivery_id
    same = identify(source(), "elsewhere/t_2026-01.csv", ARRIVED, "h").delivery_id
    others = {
        identify(source(name="other"), "t_2026-01.csv", ARRIVED, "h").delivery_id,
        identify(source(), "t_2026-02.csv", ARRIVED, "h").delivery_id,
        identify(source(), "t_2026-01.csv", datetime(2026, 2, 4, tzinfo=UTC), "h").delivery_id,
        identify(source(), "t_2026-01.csv", ARRIVED, "other").delivery_id,
    }
    assert base == same
    assert len(others | {base}) == 5


def test_scanning_passes_over_what_is_not_finished(tmp_path: Path) -> None:
    for name in ("b.csv", "a/c.csv", ".hidden.csv", "~$open.csv", "d.csv.part", ".sync/e.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    assert [found.relative for found in scan(source(tmp_path, files=("**/*.csv", "*")))] == ["a/c.csv", "b.csv"]


def test_bytes_are_kept_once_under_their_hash(tmp_path: Path) -> None:
    inbox, store = tmp_path / "inbox", Store(tmp_path / "data")
    inbox.mkdir()
    for name in ("a.csv", "b.csv"):
        (inbox / name).write_text("same")
    landed = [land(found, store) for found in scan(source(inbox))]
    kept = [path for path in (tmp_path / "data" / "deliveries").rglob("*") if path.is_file()]
    assert landed[0] == landed[1]
    assert landed[0] is not None
    assert kept == [store.landed(landed[0].sha256)]
    assert kept[0].read_text() == "same"
    assert kept[0].stat().st_mode & 0o777 == 0o400


def test_a_file_that_is_still_being_written_is_left_alone(tmp_path: Path) -> None:
    inbox, store = tmp_path / "inbox", Store(tmp_path / "data")
    inbox.mkdir()
    (inbox / "a.csv").write_text("first")
    (found,) = scan(source(inbox))
    (inbox / "a.csv").write_text("first and more")
    assert land(found, store) is None
    assert not [path for path in (tmp_path / "data" / "deliveries").rglob("*") if path.is_file()]
