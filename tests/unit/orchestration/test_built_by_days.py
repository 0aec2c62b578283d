"""A table that is built by days: what its ``meta`` says, and which rows of it are made again."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from data_contracts.errors import WorkledgerError
from orchestration.build import build_models
from orchestration.built_in_part import by_days_of
from orchestration.models import CompiledModel
from orchestration.touched_days import ByDays, Span, Through

DAY = Span("day", "day")
DAYS, RATES, MARTS = (f'"analyst"."core"."{name}"' for name in ("days", "rates", "sums"))


def node(name: str, *stands_on: str, kind: str = "table", **meta: Any) -> SimpleNamespace:
    config = SimpleNamespace(materialized=kind, meta=meta)
    return SimpleNamespace(
        name=name,
        resource_type="model",
        config=config,
        depends_on_nodes=list(stands_on),
        database="analyst",
        schema="core",
        identifier=name,
        compiled_code=f"select * from {name}",
        original_file_path=f"models/{name}.sql",
    )


def told(**meta: Any) -> ByDays | None:
    nodes = {"days": node("days"), "rates": node("rates"), "seen": node("seen", "days", "rates", kind="view")}
    return by_days_of(node("sums", "seen", **meta), nodes)


def test_views_are_looked_through_and_what_is_not_named_bears_on_every_day() -> None:
    assert told() is None
    assert told(
        days="day", reached_by={"days": ["day", "last_day"]}, narrowed=["days"], unread={"days": ["note"]}
    ) == ByDays(
        DAY,
        {DAYS: Span("day", "last_day", unread=("note",)), RATES: None},
        (DAYS,),
        views={'"analyst"."core"."seen"': "select * from seen"},
    )
    lasting = told(days="day", reached_by={"days": "day"}, lasting={"days": ["day"]})
    assert lasting is not None
    assert lasting.inputs[DAYS] == Span("day", "day", bounds=("day",))
    marked = told(days="day", moved_by={"rates": "day"})
    assert marked is not None
    assert marked.inputs[RATES] == Span("day", "day", is_mark=True)


def test_a_row_may_bear_on_the_days_of_others_by_a_key() -> None:
    through = told(days="day", reached_through={"rates": {"person": "seen.who"}}, days_of={"seen": ["first", "last"]})
    assert through is not None
    assert through.inputs[RATES] == Through("person", '"analyst"."core"."seen"', "who", Span("first", "last"))
    itself = told(days="day", reached_through={"rates": {"person": "sums.who"}}, unread={"rates": ["note"]})
    assert itself is not None
    assert itself.inputs[RATES] == Through("person", MARTS, "who", DAY, ("note",))


def test_a_view_goes_before_those_that_it_reads() -> None:
    nodes = {
        "a": node("a", kind="view"),
        "b": node("b", "a", kind="view"),
        "c": node("c", "b", "a", "days", kind="view"),
        "days": node("days"),
    }
    model = by_days_of(node("sums", "a", "c", days="day", reached_by={"days": "day"}, narrowed=["days"]), nodes)
    assert model is not None
    assert [name.split('"')[-2] for name in model.views] == ["c", "b", "a"]


@pytest.mark.parametrize(
    "meta",
    [
        {"reached_by": {"seen": "day"}},
        {"moved_by": {"other": "day"}},
        {"narrowed": ["rates"]},
        {"lasting": {"rates": ["day"]}},
        {"reached_through": {"other": {"key": "sums.key"}}},
        {"reached_through": {"rates": {"key": "other.key"}}},
        {"reached_through": {"rates": {"key": "seen.key"}}},
        {"tied_by": {"other": ["day", "day"]}},
    ],
)
def test_a_name_that_is_no_table_it_stands_on_is_refused(meta: Mapping[str, Any]) -> None:
    with pytest.raises(WorkledgerError, match="does not stand on"):
        told(days="day", **meta)


def models(days: str) -> list[CompiledModel]:
    by_days = ByDays(DAY, {DAYS: DAY}, (DAYS,))
    return [
        CompiledModel(
            "days", "analyst", "core", "days", "table", f"select * from (values {days}) as t(day, hours)", {}, ()
        ),
        CompiledModel(
            "sums",
            "analyst",
            "core",
            "sums",
            "table",
            f"select day, sum(hours) as hours, count(*) over () as days_read from {DAYS} group by day",
            {},
            ("days",),
            by_days,
        ),
    ]


MARCH, MAY, JULY = (f"date '2026-{month}-02'" for month in ("03", "05", "07"))


def sums(folder: Path) -> list[Any]:
    with duckdb.connect(str(folder / "analyst.duckdb"), read_only=True) as connection:
        return connection.execute("from core.sums order by day").fetchall()


def test_only_the_days_that_something_changed_for_are_made_again(tmp_path: Path) -> None:
    before, now = ({"analyst": tmp_path / when / "analyst.duckdb"} for when in ("before", "now"))
    for files in (before, now):
        files["analyst"].parent.mkdir()
    build_models(before, models(f"({MARCH}, 1), ({MAY}, 2), ({JULY}, 3)"))
    shutil.copyfile(before["analyst"], now["analyst"])
    _, built = build_models(now, models(f"({MARCH}, 1), ({MAY}, 20), ({MAY}, 2), ({JULY}, 3)"), before=before)
    assert (built.status, built.rows, built.days, built.problem) == (
        "passed",
        3,
        ((date(2026, 5, 2), date(2026, 5, 2)),),
        "",
    )
    # Of three days that there are, one was read.
    assert sums(tmp_path / "now") == [
        (date(2026, 3, 2), 1, 3),
        (date(2026, 5, 2), 22, 1),
        (date(2026, 7, 2), 3, 3),
    ]


def test_nothing_changed_makes_nothing_again(tmp_path: Path) -> None:
    before, now = ({"analyst": tmp_path / f"{when}.duckdb"} for when in ("before", "now"))
    build_models(before, models(f"({MARCH}, 1)"))
    shutil.copyfile(before["analyst"], now["analyst"])
    _, built = build_models(now, models(f"({MARCH}, 1)"), before=before)
    assert (built.status, built.rows, built.days, built.problem) == ("passed", 1, (), "")
