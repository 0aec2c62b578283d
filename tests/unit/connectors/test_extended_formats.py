"""A format that extends another takes over what it does not say; what it says wins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.format_spec import FormatSpec, load_format, load_formats
from data_contracts.errors import WorkledgerError

TOGGL = load_formats(None)["toggl_track__detailed"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def load(folder: Path, name: str, **document: Any) -> FormatSpec:
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump({"format": name, "version": "1", **document}), encoding="utf-8")
    return load_format(path)


def test_one_expression_can_be_changed(folder: Path) -> None:
    columns = {"project_code": 'left("Project", 5)'}
    spec = load(folder, "acme__toggl", extends=TOGGL.name, streams={"time_entries": {"columns": columns}})
    assert spec.streams["time_entries"].columns == {**TOGGL.streams["time_entries"].columns, **columns}
    assert (spec.name, spec.version, spec.headers) == ("acme__toggl", "1", TOGGL.headers)
    assert spec.fingerprint != TOGGL.fingerprint


def test_a_list_is_replaced_whole_and_a_null_takes_away(folder: Path) -> None:
    own = {"required": ["User", "Duration"], "renamed": None}
    assert TOGGL.headers and TOGGL.headers.renamed
    spec = load(folder, "acme__toggl", extends=TOGGL.name, headers=own)
    assert spec.headers and spec.headers.required == ("User", "Duration")
    assert (spec.headers.optional, dict(spec.headers.renamed)) == (TOGGL.headers.optional, {})


def test_reading_of_another_kind_keeps_nothing_of_the_first(folder: Path) -> None:
    spec = load(folder, "acme__workbook", extends="hr_roster__csv", read={"kind": "spreadsheet"})
    assert spec.read.kind == "spreadsheet"


def test_a_company_can_extend_a_shipped_format_under_its_own_name(folder: Path) -> None:
    spec = load(folder, TOGGL.name, extends=TOGGL.name, description="Ours.")
    assert (spec.description, spec.streams) == ("Ours.", TOGGL.streams)
    assert load_formats(folder)[TOGGL.name].description == "Ours."


def test_a_format_can_extend_one_that_extends_another(folder: Path) -> None:
    load(folder, "acme__first", extends=TOGGL.name, description="First.")
    spec = load(folder, "acme__second", extends="acme__first", version="2")
    assert (spec.description, spec.version, spec.streams) == ("First.", "2", TOGGL.streams)


def test_what_is_not_there_names_the_nearest(folder: Path) -> None:
    with pytest.raises(WorkledgerError, match=r"no format 'toggl_track__detaild' to extend.*toggl_track__detailed"):
        load(folder, "acme__toggl", extends="toggl_track__detaild")


def test_formats_that_extend_each_other_are_an_error(folder: Path) -> None:
    with pytest.raises(WorkledgerError, match="to extend"):
        load(folder, "acme__one", extends="acme__two")
    with pytest.raises(WorkledgerError, match="no format 'acme__two' to extend"):
        load(folder, "acme__two", extends="acme__one")
