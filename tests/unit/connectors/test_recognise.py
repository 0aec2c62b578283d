"""An export is known by its headers; doubt is an error, not a guess."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.format_spec import FormatSpec, build_format, load_formats
from connectors.recognise import matches, recognise
from data_contracts.errors import WorkledgerError


def spec(name: str, required: list[str], optional: list[str] | None = None) -> FormatSpec:
    return build_format(
        {
            "format": f"acme__{name}",
            "version": "1",
            "description": name,
            "read": {"kind": "delimited"},
            "headers": {"required": required, "optional": optional or []},
            "streams": {"tasks": {"key": [f'"{required[0]}"'], "columns": {}}},
        },
        name,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "export"
    path.write_text("A,B,C\n1,2,3\n")
    return path


def test_the_format_that_requires_most_wins(file: Path) -> None:
    formats = {"narrow": spec("narrow", ["A"], ["B", "C"]), "wide": spec("wide", ["A", "B"])}
    assert recognise(file, formats, None).name == "acme__wide"


def test_then_the_one_that_knows_most_headers(file: Path) -> None:
    formats = {"one": spec("one", ["A"]), "two": spec("two", ["B"], ["C"])}
    assert recognise(file, formats, None).name == "acme__two"


def test_a_tie_is_an_error(file: Path) -> None:
    with pytest.raises(WorkledgerError, match="several formats: acme__one, acme__two"):
        recognise(file, {"one": spec("one", ["A"]), "two": spec("two", ["B"])}, None)


def test_a_near_miss_names_format_and_header(file: Path) -> None:
    with pytest.raises(WorkledgerError, match=r"acme__near comes nearest and misses 'Cc'.*'C'"):
        recognise(file, {"near": spec("near", ["A", "B", "Cc"]), "far": spec("far", ["X", "Y"])}, None)


def test_the_declared_format_is_not_overruled(file: Path) -> None:
    formats = {"acme__far": spec("far", ["A", "Y"]), "acme__fits": spec("fits", ["A", "B"])}
    with pytest.raises(WorkledgerError, match="acme__far needs the header 'Y'"):
        recognise(file, formats, "acme__far")


def test_an_unknown_format_names_the_nearest(file: Path) -> None:
    with pytest.raises(WorkledgerError, match="Did you mean 'acme__one'"):
        recognise(file, {"acme__one": spec("one", ["A"])}, "acme__oen")


def test_a_format_that_fits_but_for_the_encoding_says_so(tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.write_bytes(b"A,B\n1,\xfc\n")
    with pytest.raises(WorkledgerError, match="not encoded as utf-8"):
        recognise(path, {"one": spec("one", ["A", "B"]), "far": spec("far", ["X"])}, None)


@pytest.mark.parametrize("content", ["[]", '{"issues": []}'])
def test_an_export_without_records_says_nothing_about_its_format(tmp_path: Path, content: str) -> None:
    file = tmp_path / "export.json"
    file.write_text(content)
    with pytest.raises(WorkledgerError, match="no records") as told:
        recognise(file, load_formats(None), None)
    assert "format:" in told.value.remedy


def test_lists_in_a_list_that_is_not_there_are_not_that_format(tmp_path: Path) -> None:
    document = {
        "format": "acme__days",
        "version": "1.0.0",
        "description": "Entries by day.",
        "read": {"kind": "json"},
        "parts": {"entries": {"path": "days[*].entries[*]", "headers": {"required": ["Id"]}}},
        "streams": {"projects": {"key": ['"Id"'], "columns": {"project_name": '"Id"'}}},
    }
    spec = build_format(document, "here")
    for content, fits in (
        ('{"weeks": [1]}', False),
        ('{"days": []}', True),
        ('{"days": [{"entries": [{"Id": 1}]}]}', True),
    ):
        file = tmp_path / "export.json"
        file.write_text(content)
        assert matches(file, spec) == fits, content
