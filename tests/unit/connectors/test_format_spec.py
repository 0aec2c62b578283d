"""Format files are typed: a typo is an error that names the nearest known word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.format_spec import build_format, load_format, load_formats
from connectors.mapping import check_mapping
from data_contracts.errors import WorkledgerError
from data_contracts.load import stream_names

Bend = Callable[[dict[str, Any]], None]


def document() -> dict[str, Any]:
    return {
        "format": "acme__tasks",
        "version": "1.0.0",
        "description": "Tasks.",
        "read": {"kind": "delimited"},
        "headers": {"required": ["Id"]},
        "options": {"zone": {"description": "Zone."}},
        "streams": {"tasks": {"key": ['"Id"'], "columns": {"title": '"Id"'}}},
    }


def set_in(*path: str, to: Any) -> Bend:
    def bend(found: dict[str, Any]) -> None:
        for step in path[:-1]:
            found = found[step]
        found[path[-1]] = to

    return bend


@pytest.mark.parametrize(
    ("bend", "complaint"),
    [
        (set_in("strems", to={}), "Unknown key 'strems'.*Did you mean 'streams'"),
        (set_in("headers", "optinal", to=[]), "Unknown key 'optinal'.*'optional'"),
        (set_in("read", "delimter", to=";"), "Unknown key 'delimter'.*'delimiter'"),
        (set_in("streams", "tasks", "colums", to={}), "Unknown key 'colums'.*'columns'"),
        (set_in("streams", "task", to={"key": ['"Id"'], "columns": {}}), "no stream 'task'.*'tasks'"),
        (set_in("streams", "tasks", "columns", "titel", to='"Id"'), "no column 'titel'.*'title'"),
        (set_in("streams", "projects", to={"key": ['"Id"'], "columns": {}}), "not mapped: project_name"),
        (set_in("streams", "tasks", "table", to="sheet"), "no part 'sheet'"),
        (set_in("parts", to={"a": {"headers": {"required": []}}}), "either headers"),
        (set_in("read", to={"kind": "delimited", "delimiter": ";;"}), "does not fit"),
    ],
)
def test_a_format_that_does_not_fit_is_refused(bend: Bend, complaint: str) -> None:
    bent = document()
    bend(bent)
    with pytest.raises(WorkledgerError, match=complaint):
        build_format(bent, "acme__tasks.yaml")


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [("option('zoen')", "option 'zoen'.*'zone'"), ('sum("Id") over ()', "window"), ("now()", "not a function")],
)
def test_expressions_are_checked(expression: str, complaint: str) -> None:
    bent = document()
    bent["streams"]["tasks"]["columns"]["title"] = expression
    with pytest.raises(WorkledgerError, match=complaint):
        check_mapping(build_format(bent, "acme__tasks.yaml"))


def test_every_shipped_format_is_sound_and_every_stream_has_a_canonical_one() -> None:
    formats = load_formats(None)
    for spec in formats.values():
        check_mapping(spec)
    assert {f"workledger__{name}" for name in stream_names()} <= set(formats)


def test_a_company_format_wins_over_the_shipped_one_of_its_name(tmp_path: Path) -> None:
    own = document() | {"format": "hr_roster__csv", "description": "Ours."}
    (tmp_path / "hr_roster__csv.yaml").write_text(yaml.safe_dump(own))
    assert load_formats(tmp_path)["hr_roster__csv"].description == "Ours."


def test_file_name_and_format_name_are_one(tmp_path: Path) -> None:
    path = tmp_path / "acme__other.yaml"
    path.write_text(yaml.safe_dump(document()))
    with pytest.raises(WorkledgerError, match=r"acme__tasks.*acme__other"):
        load_format(path)


def test_broken_yaml_is_a_readable_error(tmp_path: Path) -> None:
    path = tmp_path / "acme__broken.yaml"
    path.write_text("format: [")
    with pytest.raises(WorkledgerError, match="not valid YAML"):
        load_format(path)


def test_fingerprint_changes_with_every_word() -> None:
    changed = document()
    changed["streams"]["tasks"]["columns"]["title"] = 'trim("Id")'
    assert build_format(document(), "x").fingerprint != build_format(changed, "x").fingerprint
    assert build_format(document(), "x").fingerprint == build_format(document(), "y").fingerprint
