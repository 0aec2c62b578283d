"""A short run of `make fuzz`: every mutated export ends in rows, quarantine or a clear error."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from random import Random

import pytest

from tests.fuzz import readers
from tests.fuzz import run as fuzzing
from tests.fuzz.mutations import MUTATIONS

SEED = 7
COUNT, BATCH = 1_000, 100


@pytest.mark.parametrize("first", range(0, COUNT, BATCH))
def test_mutated_exports_end_well(tmp_path: Path, first: int) -> None:
    batch = list(fuzzing.exports(BATCH, SEED, first))
    endings = Counter[str]()
    assert fuzzing.failures(batch, tmp_path, endings) == []
    assert sum(endings.values()) == BATCH
    assert min(endings["rows"], endings["rows and quarantine"], endings["clear error"]) > 0


@pytest.mark.skipif(
    find_spec("atheris") is None, reason="atheris has wheels for Linux on x86-64 and Python up to 3.12 only"
)
def test_a_reader_survives_what_a_fuzzer_thinks_up(tmp_path: Path) -> None:
    inputs, broken_by = readers.run("event_log", 3, tmp_path)
    assert broken_by == ""
    assert inputs > 10


@pytest.mark.skipif(
    find_spec("atheris") is None, reason="atheris has wheels for Linux on x86-64 and Python up to 3.12 only"
)
def test_a_reader_that_is_brought_down_is_told(tmp_path: Path) -> None:
    """No export is small enough for a fuzzer that may use no memory."""
    _, broken_by = readers.run("event_log", 3, tmp_path, megabytes=1)
    assert "out-of-memory" in broken_by
    assert len(broken_by.splitlines()) == 2


def test_the_same_seed_makes_the_same_exports() -> None:
    one, other = (list(fuzzing.exports(30, 5)) for _ in range(2))
    assert one == other
    assert one != list(fuzzing.exports(30, 6))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_each_mutation_changes_something(mutation: object) -> None:
    data = b'a;b,c\n1;2,"x"\n3;4,5\n5;6,7\n{"k": "v"}\n'
    assert any(mutation(data, Random(seed)) != data for seed in range(10))  # type: ignore[operator]


def test_a_broken_promise_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An extraction that dies, and one that tells of fewer rows than it read."""
    (export,) = fuzzing.exports(1, SEED)

    def dies(*_: object, **__: object) -> object:
        raise KeyError("boom")

    monkeypatch.setattr(fuzzing, "extract", dies)
    (found,) = fuzzing.failures([export], tmp_path, Counter[str]())
    assert "boom" in found
