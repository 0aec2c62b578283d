"""Local times that came twice or never are settled by one rule, and counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

if TYPE_CHECKING:
    from tests.unit.connectors.conftest import Bench

HEAD = "Id,Who,Day,Hours,Begun,Ended\n"
LOCAL = "local_to_utc(parse_timestamp(\"{0}\"), '{1}')"


def export(bench: Bench, rows: list[tuple[str, str]]) -> None:
    lines = [f"{number},a@example.org,2026-01-05,1,{begun},{ended}\n" for number, (begun, ended) in enumerate(rows)]
    bench.write("hours.csv", HEAD + "".join(lines))


def map_local_times(bench: Bench, begun: str, ended: str) -> None:
    bench.document["headers"]["optional"] = [*bench.document["headers"].get("optional", []), "Begun", "Ended"]
    bench.document["streams"]["time_entries"]["columns"] |= {"started_at": begun, "ended_at": ended}


def doubtful(bench: Bench) -> tuple[int, int]:
    (outcome,) = bench.run()
    assert outcome.status == "mapped", outcome.problem
    (stream,) = outcome.streams
    assert stream.repeated_time_rows is not None
    assert stream.skipped_time_rows is not None
    return stream.repeated_time_rows, stream.skipped_time_rows


def test_both_are_counted_once_a_row_and_the_ledger_keeps_them(bench: Bench) -> None:
    map_local_times(bench, LOCAL.format("Begun", "Europe/Berlin"), LOCAL.format("Ended", "Europe/Berlin"))
    export(
        bench,
        [
            ("2025-10-26 02:15", "2025-10-26 02:45"),  # both came twice
            ("2025-10-26 01:30", "2025-10-26 03:00"),  # nothing in doubt, though the clocks change in between
            ("2026-03-29 01:30", "2026-03-29 02:30"),  # ends at a time that never came
            ("2026-03-29 03:00", "2026-03-29 03:30"),
            ("2026-01-05 02:15", "2026-01-05 02:45"),
        ],
    )
    assert doubtful(bench) == (1, 1)
    (kept,) = bench.ledger("current_streams")
    assert (kept["repeated_time_rows"], kept["skipped_time_rows"]) == (1, 1)
    assert (datetime(2025, 10, 26, 0, 15, tzinfo=UTC), datetime(2025, 10, 26, 0, 45, tzinfo=UTC)) in bench.rows(
        columns="started_at, ended_at"
    )


def test_an_offset_in_the_value_leaves_no_doubt(bench: Bench) -> None:
    read = "parse_instant(\"{0}\", 'Europe/Berlin')"
    map_local_times(bench, read.format("Begun"), read.format("Ended"))
    export(
        bench, [("2025-10-26T02:15:00+01:00", "2025-10-26T02:45:00+01:00"), ("2025-10-26 02:15", "2025-10-26 04:00")]
    )
    assert doubtful(bench) == (1, 0)


def test_the_zone_may_stand_in_the_row(bench: Bench) -> None:
    map_local_times(bench, 'local_to_utc(parse_timestamp("Begun"), "Ended")', "null")
    export(
        bench,
        [("2025-10-26 02:15", "Europe/Berlin"), ("2025-10-26 02:15", "UTC"), ("2025-11-02 01:30", "America/New_York")],
    )
    assert doubtful(bench) == (2, 0)


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Apia"]
)
def test_every_quarter_hour_of_two_years_agrees_with_zoneinfo(bench: Bench, zone: str) -> None:
    map_local_times(bench, LOCAL.format("Begun", zone), "null")
    start = datetime(2011, 1, 1)
    times = [start + timedelta(minutes=15 * step) for step in range(4 * 24 * 730)]
    export(bench, [(f"{local:%Y-%m-%d %H:%M}", "") for local in times])
    one, other = ([local.replace(tzinfo=ZoneInfo(zone), fold=fold) for local in times] for fold in (0, 1))
    twice = [a for a, b in zip(one, other, strict=True) if a.utcoffset() != b.utcoffset()]
    never = [
        a for a in twice if a.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != a.replace(tzinfo=None)
    ]
    assert doubtful(bench) == (len(twice) - len(never), len(never))
    assert twice
