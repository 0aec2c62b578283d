"""Whatever people write into a cell comes out again, and every row is accounted for."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.sources import Source, Store
from connectors.streams import DeliveryOutcome, extract

CELLS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=12)
HOURS = st.one_of(st.sampled_from(["1", "0.5", "1:30", "", "x", "1,5", "-2", "1e3", "٣"]), CELLS)
HEADER = ["time_entries_record_id", "date_precision", "duration_hours", "note"]


def run(content: str) -> tuple[DeliveryOutcome, list[tuple[str, int | None, str | None]]]:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "e.csv").write_text(content, encoding="utf-8", newline="")
        source = Source("s", "workledger__time_entries", ("e.csv",), root, mode="full")
        (outcome,) = extract([source], Store(root / "data"), datetime(2026, 1, 1, tzinfo=UTC))
        files = [str(path) for path in (root / "data" / "streams").rglob("*.parquet")]
        rows = duckdb.execute(
            "select source_record_id, duration_us, note from read_parquet(?) order by _row", [files]
        ).fetchall()
        return outcome, rows


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(notes=st.lists(CELLS, min_size=1, max_size=30), ending=st.sampled_from(["\n", "\r\n"]))
def test_notes_survive(notes: list[str], ending: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerows([HEADER, *([str(number), "day", "1", note] for number, note in enumerate(notes))])
    outcome, rows = run(text.getvalue())
    assert (outcome.status, outcome.problem) == ("mapped", None)
    assert [note for _, _, note in rows] == [note or None for note in notes]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hours=st.lists(HOURS, min_size=1, max_size=30))
def test_every_row_is_loaded_or_quarantined_and_no_duration_becomes_zero(hours: list[str]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([HEADER, *([str(number), "day", hour, "n"] for number, hour in enumerate(hours))])
    outcome, rows = run(text.getvalue())
    (stream,) = outcome.streams
    assert stream.rows_read == len(hours) == stream.rows_loaded + stream.rows_quarantined
    for number, duration, _ in rows:
        written = hours[int(number)]
        assert (duration is None) == (written == "")
        if duration == 0:
            assert set(written.strip()) <= set("+-0:.,")
