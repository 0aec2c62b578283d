"""A full disk rejects no delivery, and a clock that was set back makes no old export win."""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from typing import TYPE_CHECKING

import duckdb
import pytest

from connectors.workbench import Desk

if TYPE_CHECKING:
    from tests.unit.connectors.conftest import Bench

HEAD = "Id,Who,Day,Hours\n"


def test_a_disk_that_is_full_while_mapping_rejects_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write("a.csv", HEAD + "1,a,2026-01-05,1\n")

    def full(*_: object) -> None:
        raise duckdb.IOException(f'Could not write file "1.parquet": {os.strerror(errno.ENOSPC)}')

    with monkeypatch.context() as patched:
        patched.setattr(Desk, "write", full)
        with pytest.raises(OSError) as told:
            bench.run()
    assert told.value.errno == errno.ENOSPC
    assert bench.ledger("deliveries") == []
    assert len(bench.run()) == 1
    assert len(bench.rows()) == 1


def test_what_comes_after_the_clock_was_set_back_is_still_the_later(bench: Bench) -> None:
    for hours in (1, 2, 3):
        bench.write("a.csv", HEAD + f"1,a,2026-01-05,{hours}\n")
        bench.clock -= timedelta(days=1)
        bench.run()
    moments = [row["extracted_at"] for row in bench.ledger("deliveries")]
    assert moments == sorted(set(moments))
    (latest,) = [row["sha256"] for row in bench.ledger("deliveries") if row["extracted_at"] == moments[-1]]
    assert bench.store.landed(latest).read_text().endswith(",3\n")
