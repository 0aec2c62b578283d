"""The engine reads from the sample exactly what was written: rows and microseconds of every file of every
shipped format.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from connectors.sample_org.workspace_file import source_entries
from connectors.sources import Source, Store
from connectors.streams import extract

from .conftest import Sample


def test_every_declared_file_is_read_as_it_was_written(make_sample: Callable[..., Sample], tmp_path: Path) -> None:
    sample = make_sample(people=75, months=4)
    sources = [
        Source(
            entry.name,
            entry.formats[0] if len(entry.formats) == 1 else None,
            (f"inbox/{entry.files}",),
            sample.root,
            entry.zone,
            entry.mode,
            entry.file_name,
            entry.options,
        )
        for entry in source_entries()
    ]
    told = {(one["file"].rsplit("/", 1)[-1], one["stream"]): one for one in sample.planted["files"]}
    (cut,) = sample.faults("truncated_file")
    seen = set()
    for outcome in extract(sources, Store(tmp_path), datetime(2026, 11, 21, tzinfo=UTC)):
        assert (outcome.status, outcome.drift) == ("mapped", ()), (outcome.file_name, outcome.problem)
        name = outcome.file_name.rsplit("/", 1)[-1]
        for stream in outcome.streams:
            truth = told[name, stream.stream]
            assert stream.rows_loaded == truth["rows"], (name, stream.stream)
            if stream.stream == "time_entries":
                assert stream.us_loaded == truth["us"], name
            assert stream.rows_quarantined == (1 if cut["file"].endswith(name) else 0), name
            seen.add((name, stream.stream))
    assert len(seen) > 30
    declared = {entry.name for entry in source_entries()}
    assert seen == {key for key, one in told.items() if one["source"] in declared}
