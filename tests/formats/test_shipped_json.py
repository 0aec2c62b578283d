"""What every shipped JSON format must do beside the standard suite: empty lists, missing fields, files that break off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from connectors.format_spec import load_formats
from connectors.readers.json_paths import LIST, steps_of

if TYPE_CHECKING:
    from tests.formats.conftest import Case, Extract

JSON_FORMATS = {name: spec for name, spec in load_formats(None).items() if spec.read.kind == "json"}


every_json_format = pytest.mark.parametrize("case", sorted(JSON_FORMATS), indirect=True)


def records_at(value: Any, steps: list[str]) -> Iterator[dict[str, Any]]:
    if not steps:
        yield value
    elif steps[0] == LIST:
        for element in value or []:
            yield from records_at(element, steps[1:])
    elif steps[0] in value:
        yield from records_at(value[steps[0]], steps[1:])


def rename(record: Any, names: list[str]) -> None:
    """Calls a field otherwise. Names may themselves have dots, as those behind a relation of Tryton."""
    for taken in range(1, len(names) + 1):
        name = ".".join(names[:taken])
        if isinstance(record, dict) and name in record:
            if taken == len(names):
                record["Changed"] = record.pop(name)
            else:
                rename(record[name], names[taken:])


@every_json_format
def test_an_empty_list_is_complete_and_empty(case: Case, extracted: Extract) -> None:
    document = json.loads(case.export)
    lists = [
        steps
        for part in JSON_FORMATS[case.format].parts.values()
        if (steps := steps_of(str(part.path))).count(LIST) == 1
    ]
    if not any(steps[-1] == LIST for steps in lists):
        pytest.skip("the document is one record")
    for steps in lists:
        if steps == [LIST]:
            document = []
        else:
            (holder,) = records_at(document, steps[:-2])
            holder[steps[-2]] = []
    outcome = extracted(("empty.json", json.dumps(document).encode()), **{**case.given, "format": case.format}).only
    assert outcome.status == "mapped"
    assert {(stream.rows_read, stream.is_complete) for stream in outcome.streams} == {(0, True)}


@every_json_format
def test_a_missing_field_rejects_the_file_and_names_it(case: Case, extracted: Extract) -> None:
    for part in JSON_FORMATS[case.format].parts.values():
        for header in part.headers.required:
            if header.startswith("../"):
                continue
            document = json.loads(case.export)
            for record in records_at(document, steps_of(str(part.path))):
                rename(record, header.split("."))
            content = json.dumps(document).encode()
            outcome = extracted(("changed.json", content), **{**case.given, "format": case.format}).only
            assert outcome.status == "rejected", header
            assert repr(header) in str(outcome.problem)
            assert outcome.remedy


@every_json_format
@pytest.mark.parametrize("part_left", [0.2, 0.5, 0.9])
def test_a_file_that_breaks_off_is_rejected_with_the_place(case: Case, extracted: Extract, part_left: float) -> None:
    text = case.export.decode()
    cut = text[: int(len(text) * part_left)].rstrip()
    outcome = extracted(("cut.json", cut.encode()), **{**case.given, "format": case.format}).only
    assert outcome.status == "rejected"
    assert "ends too early" in str(outcome.problem)
    assert f"line {cut.count(chr(10)) + 1:,}, " in str(outcome.problem)
