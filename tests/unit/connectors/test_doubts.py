"""What preview asks a person to look at: readings that the data allows but cannot prove."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from connectors.doubts import doubts
from connectors.format_spec import FormatSpec, build_format
from connectors.trial import Declared, trial

HEADER = "Id,Who,Day,Hours"


def spec(date_format: str) -> FormatSpec:
    return build_format(
        {
            "format": "acme__hours",
            "version": "1",
            "description": "Hours of a made-up tracker.",
            "read": {"kind": "delimited"},
            "headers": {"required": HEADER.split(",")},
            "options": {"date_format": {"description": "as in strptime", "default": date_format}},
            "streams": {
                "time_entries": {
                    "key": ['"Id"'],
                    "columns": {
                        "person_name": '"Who"',
                        "date_precision": "'day'",
                        "work_date": "parse_date(\"Day\", option('date_format'))",
                        "duration_us": 'parse_hours("Hours")',
                    },
                }
            },
        },
        "test",
    )


def found(tmp_path: Path, *lines: str, date_format: str = "%m/%d/%Y") -> list[str]:
    path = tmp_path / "export.csv"
    path.write_text("\n".join([HEADER, *lines]))
    (tmp_path / "formats").mkdir(exist_ok=True)
    known = spec(date_format)
    document = known.model_dump(by_alias=True, exclude_defaults=True, mode="json")
    (tmp_path / "formats" / "acme__hours.yaml").write_text(yaml.safe_dump(document))
    with trial(path, {known.name: known}, Declared(), tmp_path / "formats") as tried:
        return doubts(tried)


@pytest.mark.parametrize(
    ("date_format", "words"),
    [
        (
            "%m/%d/%Y",
            "month first (%m/%d/%Y): 2026-02-03 to 2026-04-05. The other way round, day first, they are 2026-03-02",
        ),
        (
            "%d/%m/%Y",
            "day first (%d/%m/%Y): 2026-03-02 to 2026-05-04. The other way round, month first, they are 2026-02-03",
        ),
    ],
)
def test_dates_that_could_be_swapped_are_shown_both_ways(tmp_path: Path, date_format: str, words: str) -> None:
    sentences = found(tmp_path, "1,Ada,02/03/2026,1", "2,Ada,04/05/2026,1", date_format=date_format)
    swapped = "'Day': day and month could be swapped in all 2 values"
    assert [sentence for sentence in sentences if swapped in sentence and words in sentence]


@pytest.mark.parametrize("lines", [("1,Ada,02/03/2026,1", "2,Ada,02/13/2026,1"), ("1,Ada,03/03/2026,1",)])
def test_a_value_above_twelve_or_equal_numbers_prove_the_order(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert not [sentence for sentence in found(tmp_path, *lines) if "swapped" in sentence]


def test_dates_written_year_first_cannot_be_swapped(tmp_path: Path) -> None:
    assert not [line for line in found(tmp_path, "1,Ada,2026-02-03,1", date_format="%Y-%m-%d") if "swapped" in line]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1,Ada,02/13/2026,25", "1 rows have more than 24 hours"),
        ("1,Ada,02/13/2026,-1", "time_entries.duration_us: 1 values are outside 0"),
        ("1,Ada,02/13/2126,1", "1 rows lie after today"),
        ("1,Ada,02/13/2026,1", "1 of 1 rows name a person without e-mail"),
        ("1,Ada,02/13/2026,x", "time_entries: no row is loaded"),
    ],
)
def test_what_is_doubtful_is_said(tmp_path: Path, line: str, words: str) -> None:
    assert any(words in sentence for sentence in found(tmp_path, line))


def test_a_plain_row_raises_no_doubt_but_that_of_the_name(tmp_path: Path) -> None:
    assert len(found(tmp_path, "1,Ada,02/13/2026,8")) == 1
