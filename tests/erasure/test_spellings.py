"""A name with accents is found however a file spells it: in either composition, and as JSON escapes it."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import duckdb
import pytest

from connectors.persons import ERASED, Person, pattern_of, without_text
from orchestration.erasure.naming import is_named_after, names_person

NAME = "J\u00fcrgen M\u00fcller"
HIM = Person(keys=frozenset({"0c" * 16}), names=frozenset({NAME}))
SPELLED = {
    "as it is": NAME,
    "in capitals": NAME.upper(),
    "decomposed": unicodedata.normalize("NFD", NAME),
    "in JSON": json.dumps(NAME)[1:-1],
    "in capitals in JSON": json.dumps(NAME.upper())[1:-1],
    "in JSON in JSON": json.dumps(json.dumps(NAME)[1:-1])[1:-1],
    "turned in JSON": json.dumps("M\u00fcller, J\u00fcrgen")[1:-1],
}


@pytest.mark.parametrize("spelling", SPELLED)
def test_a_text_loses_it(spelling: str) -> None:
    text = f"read hours of {SPELLED[spelling]}."
    assert without_text(HIM, text) == f"read hours of {ERASED}."
    told = duckdb.execute("select regexp_replace(?, ?, ?, 'gi')", [text, pattern_of(HIM), ERASED]).fetchone()
    assert told == (f"read hours of {ERASED}.",)


@pytest.mark.parametrize("spelling", [name for name in SPELLED if name != "in JSON in JSON"])
def test_a_file_with_it_is_found(spelling: str, tmp_path: Path) -> None:
    (tmp_path / "export.txt").write_text(f"read hours of {SPELLED[spelling]}.", encoding="utf-8")
    assert names_person(tmp_path / "export.txt", HIM)


@pytest.mark.parametrize(
    "name", [f"{NAME}.csv", "m\u00fcller_j\u00fcrgen-2026.csv", unicodedata.normalize("NFD", f"{NAME}/may.csv")]
)
def test_a_file_named_after_him_is_known(name: str) -> None:
    assert is_named_after(f"inbox/hours/{name}", HIM)
    assert not is_named_after("inbox/hours/J\u00fcrgen M\u00fcllermann.csv", HIM)
