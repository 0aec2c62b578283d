"""The suite that every shipped format passes must fail for one that is wrong: each of its tests, for a mistake of its kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from connectors.format_spec import SHIPPED, build_format
from tests.formats import test_shipped_formats as suite

if TYPE_CHECKING:
    from tests.formats.conftest import Case, Extract

NAME = "toggl_track__detailed"
Mistake = Callable[[dict[str, Any]], None]


def _asks_for_more(document: dict[str, Any]) -> None:
    document["headers"]["required"].append("Nowhere")


def _asks_for_less(document: dict[str, Any]) -> None:
    document["headers"]["optional"] += document["headers"]["required"][1:]
    document["headers"]["required"] = document["headers"]["required"][:1]


def _drops_rows_by_a_filter(document: dict[str, Any]) -> None:
    document["streams"]["time_entries"]["filters"] = {"unwanted": "_row = 1"}


def _takes_one_column_for_another(document: dict[str, Any]) -> None:
    document["streams"]["time_entries"]["columns"]["person_email"] = '"User"'


def _hides_what_it_cannot_read(document: dict[str, Any]) -> None:
    columns = document["streams"]["time_entries"]["columns"]
    columns |= {name: f"try({expression})" for name, expression in columns.items()}


def _makes_rows_of_nothing(document: dict[str, Any]) -> None:
    document["streams"]["time_entries"]["from"] = "select export.* from (select 1) as one left join export on true"


def _knows_rows_by_their_place(document: dict[str, Any]) -> None:
    document["streams"]["time_entries"]["key"] = ["_row"]


MISTAKES: list[tuple[str, Mistake]] = [
    ("test_it_is_recognised_by_itself_and_by_no_other", _asks_for_more),
    ("test_the_accounting_closes_and_is_as_expected", _drops_rows_by_a_filter),
    ("test_the_accounting_closes_and_is_as_expected", _asks_for_more),
    ("test_values_are_as_expected", _takes_one_column_for_another),
    ("test_declared_parts_equal_the_whole", _knows_rows_by_their_place),
    ("test_bad_rows_are_quarantined_and_good_ones_load", _hides_what_it_cannot_read),
    ("test_an_empty_export_is_complete_and_empty", _makes_rows_of_nothing),
    ("test_a_missing_header_rejects_the_file_and_names_it", _asks_for_less),
]


@pytest.mark.parametrize(("test", "mistake"), MISTAKES, ids=lambda value: getattr(value, "__name__", value))
def test_it_fails_for_a_format_that_is_wrong(
    extracted: Extract,
    cases: dict[str, Case],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    test: str,
    mistake: Mistake,
) -> None:
    document = yaml.safe_load((SHIPPED / f"{NAME}.yaml").read_text(encoding="utf-8"))
    mistake(document)
    own = tmp_path / "own"
    own.mkdir()
    (own / f"{NAME}.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    given: dict[str, Any] = {"case": cases[NAME]}
    if test.startswith("test_it_is"):
        monkeypatch.setitem(suite.FORMATS, NAME, build_format(document, "here"))
        given["tmp_path"] = tmp_path
    else:
        given["extracted"] = lambda *files, **said: extracted(*files, **{"own": own, **said})
    with pytest.raises(AssertionError):
        getattr(suite, test)(**given)


def test_every_test_of_the_suite_has_its_mistake() -> None:
    """Two are exceptions, which no format can fail: an expression that could differ when read again is refused before it
    runs, and what cannot be read goes to the quarantine, not into a message."""
    tests = {name for name in vars(suite) if name.startswith("test_")}
    assert tests - {name for name, _ in MISTAKES} == {
        "test_reading_again_gives_identical_rows",
        "test_what_is_private_is_in_no_message",
    }
