"""``make fuzz N=100000``: so many mutated exports of the shipped formats, and what became of them.

Each ends in rows, quarantine or a clear error; its account closes, and what the ledger says was loaded is in the stream file. The
same number and seed make the same exports. The last line is ``N passed, N failed``.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import yaml

from connectors.sources import Source, Store
from connectors.streams import DeliveryOutcome, extract
from connectors.workbench import Limits
from tests.fuzz.mutations import mutate

FIXTURES = Path(__file__).parents[1] / "formats" / "fixtures"
ARRIVED = datetime(2026, 2, 1, tzinfo=UTC)
BATCH = 40
SECONDS = 60


@dataclass(frozen=True)
class Export:
    """A mutated export: where it came from, what was done to it, and how it is named in a report."""

    number: int
    format: str
    options: dict[str, Any]
    suffix: str
    content: bytes
    done: str
    is_declared: bool

    def __str__(self) -> str:
        return f"export {self.number} ({self.format}: {self.done})"


def exports(count: int, seed: int, first: int = 0) -> Iterator[Export]:
    """So many mutated exports from number ``first`` on; most sources declare their format, some leave it to be recognised."""
    folders = sorted(FIXTURES.iterdir())
    cases = {folder: yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8")) for folder in folders}
    for number in range(first, first + count):
        draw = Random(f"{seed}/{number}")
        folder = draw.choice(folders)
        (file,) = folder.glob("export.*")
        content, done = mutate(file.read_bytes(), draw)
        given = {"zone": cases[folder]["zone"], **cases[folder].get("options", {})}
        yield Export(number, folder.name, given, file.suffix, content, done, draw.random() < 0.8)


def failures(batch: Sequence[Export], folder: Path, endings: Counter[str]) -> list[str]:
    """What went wrong with a batch, in words; ``endings`` counts what became of its exports."""
    sources = [_source(export, folder) for export in batch]
    store = Store(folder / "data", None)
    outcomes: dict[str, DeliveryOutcome] = {}
    try:
        with _time_limit(SECONDS):
            for outcome in extract(sources, store, ARRIVED, limits=Limits(memory="1GB", seconds=20)):
                outcomes[outcome.source] = outcome
    except Exception:
        if len(batch) > 1:  # one by one, to tell which it is
            return [
                found for export in batch for found in failures([export], folder / f"alone-{export.number}", endings)
            ]
        endings["traceback or hang"] += 1
        return [f"{batch[0]}:\n{traceback.format_exc(limit=-6)}"]
    found = []
    for export, source in zip(batch, sources, strict=True):
        ended = outcomes.get(source.name)
        endings[_ending(ended)] += 1
        found += [f"{export}: {what}" for what in _broken(ended, store)]
    return found


def _source(export: Export, folder: Path) -> Source:
    inbox = folder / f"inbox-{export.number}"
    inbox.mkdir(parents=True)
    (inbox / f"export{export.suffix}").write_bytes(export.content)
    options = {name: value for name, value in export.options.items() if name != "zone"}
    return Source(
        f"s{export.number}",
        export.format if export.is_declared else None,
        ("*",),
        inbox,
        zone=export.options["zone"],
        mode="full",
        extra=options,
    )


def _ending(outcome: DeliveryOutcome | None) -> str:
    if outcome is None:
        return "nothing"
    if outcome.status != "mapped":
        return "clear error"
    return "rows and quarantine" if any(stream.rows_quarantined for stream in outcome.streams) else "rows"


def _broken(outcome: DeliveryOutcome | None, store: Store) -> Iterator[str]:
    """Promises that are not kept."""
    import duckdb

    if outcome is None:
        yield "no outcome"
        return
    if outcome.status != "mapped":
        if not outcome.problem or not outcome.remedy or "Traceback" in outcome.problem:
            yield f"the error is not for people: {outcome.problem!r} {outcome.remedy!r}"
        return
    for stream in outcome.streams:
        told = stream.rows_loaded + stream.rows_merged + stream.rows_quarantined + stream.rows_filtered
        if stream.rows_read != told:
            yield f"{stream.stream}: {stream.rows_read} rows read, {told} told of"
        has_time = stream.stream == "time_entries"
        row = duckdb.execute(
            f"select count(distinct _row), {'sum(duration_us)::bigint' if has_time else 'null'} from read_parquet(?)",
            [str(store.data / stream.path)],
        ).fetchone()
        assert row is not None
        # A row that fans out may be loaded in part and quarantined for the rest: it counts as quarantined.
        most = stream.rows_loaded + stream.rows_quarantined
        if not stream.rows_loaded <= row[0] <= most or (has_time and (row[1] or 0) != (stream.us_loaded or 0)):
            yield f"{stream.stream}: the file holds {row}, the ledger says {stream.rows_loaded, stream.us_loaded}"


@contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f"longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def run(count: int, seed: int, first: int = 0, *, tell: bool = True) -> tuple[Counter[str], list[str]]:
    """Endings and failures of so many exports."""
    endings: Counter[str] = Counter()
    found: list[str] = []
    batch: list[Export] = []
    started = time.monotonic()
    for export in exports(count, seed, first):
        batch.append(export)
        if len(batch) == BATCH or export.number == first + count - 1:
            with tempfile.TemporaryDirectory(prefix="workledger-fuzz-") as folder:
                found += failures(batch, Path(folder), endings)
            batch = []
            done = sum(endings.values())
            if tell and done % 1_000 < BATCH:
                print(f"{done:,} of {count:,}, {time.monotonic() - started:.0f} s, {len(found)} failed", flush=True)
    return endings, found


def main(arguments: list[str] | None = None) -> int:
    """Run and tell. Returns 1 where anything failed."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("count", type=int, help="mutated exports")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other exports")
    parser.add_argument("--first", type=int, default=0, help="number of the first, to go on with a run or share one")
    options = parser.parse_args(arguments)
    endings, found = run(options.count, options.seed, options.first)
    for failure in found[:20]:
        print(failure)
    for ending, count in endings.most_common():
        print(f"{count:>9,}  {ending}")
    print(f"{sum(endings.values()) - len(found)} passed, {len(found)} failed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
