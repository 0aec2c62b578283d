"""What an export says of itself above its header: the days it covers and the moment it was made."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from connectors.format_spec import FormatSpec, Preface
from connectors.readers import delimited, spreadsheet
from data_contracts.errors import WorkledgerError

READERS = {"delimited": delimited.preface, "spreadsheet": spreadsheet.preface}


def stated_in_preface(path: Path, spec: FormatSpec) -> dict[str, str]:
    """coverage_from, coverage_to, extracted_at as ISO 8601, as far as the format looks for them.

    Raises WorkledgerError where the rows above the header do not fit the format's pattern, or a date its format.
    """
    if spec.preface is None:
        return {}
    text = READERS[spec.read.kind](path, spec)
    found = re.search(spec.preface.pattern, text)
    if found is None:
        raise WorkledgerError(
            "The rows above the header do not say what the format expects there",
            where=f"format {spec.name}, preface.pattern",
            remedy="Check whether the export was made with another language or layout; else correct the pattern.",
        )
    return {name: _in_iso(name, value, spec.preface) for name, value in found.groupdict().items() if value}


def _in_iso(name: str, value: str, preface: Preface) -> str:
    is_moment = name == "extracted_at"
    pattern = preface.moment_format if is_moment else preface.date_format
    try:
        moment = datetime.strptime(value.strip(), pattern)
    except ValueError as error:
        raise WorkledgerError(
            f"{value!r} above the header is not a date in the format {pattern!r}",
            where=f"preface, {name}",
            remedy="Declare `date_format` or `moment_format` in the format's preface.",
        ) from error
    return moment.isoformat() if is_moment else moment.date().isoformat()
