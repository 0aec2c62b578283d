"""Load the hand-written stream contracts (Open Data Contract Standard v3) as small typed records."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from data_contracts.errors import WorkledgerError

HERE = Path(__file__).parent
STREAMS = HERE / "streams"
ENVELOPE = HERE / "envelope.yaml"
CLASSIFICATIONS = ("internal", "personal", "confidential", "private")


@dataclass(frozen=True)
class Column:
    """One contracted column. ``type`` is a DuckDB type; ``minimum`` and ``maximum`` are inclusive."""

    name: str
    type: str
    required: bool
    classification: str
    description: str
    minimum: int | float | None = None
    maximum: int | float | None = None
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True)
class StreamContract:
    """A stream: its own columns, then the envelope that every stream carries."""

    name: str
    version: str
    description: str
    columns: tuple[Column, ...]

    @property
    def own_columns(self) -> tuple[Column, ...]:
        """Columns that a format maps, the envelope apart."""
        envelope = {column.name for column in load_envelope()}
        return tuple(column for column in self.columns if column.name not in envelope)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if the stream has none."""
        return next(column for column in self.columns if column.name == name)


def stream_names() -> tuple[str, ...]:
    """Names of all streams, sorted."""
    return tuple(sorted(path.stem for path in STREAMS.glob("*.yaml")))


@cache
def load_envelope() -> tuple[Column, ...]:
    """Columns that every stream row carries beside its own."""
    return _columns(_read(ENVELOPE), ENVELOPE)


@cache
def load_stream(name: str) -> StreamContract:
    """The contract of one stream.

    Raises WorkledgerError where no such stream exists or its file breaks the standard.
    """
    path = STREAMS / f"{name}.yaml"
    if not path.is_file():
        raise WorkledgerError(
            f"There is no stream named {name!r}", remedy=f"The streams are {', '.join(stream_names())}."
        )
    document = _read(path)
    return StreamContract(
        name=document["name"],
        version=document["version"],
        description=document["schema"][0]["description"],
        columns=_columns(document, path) + load_envelope(),
    )


def load_streams() -> dict[str, StreamContract]:
    """All stream contracts by name."""
    return {name: load_stream(name) for name in stream_names()}


def _read(path: Path) -> dict[str, Any]:
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if not isinstance(document, dict):
        raise WorkledgerError("The contract is not a YAML mapping", where=str(path))
    return document


def _columns(document: dict[str, Any], path: Path) -> tuple[Column, ...]:
    return tuple(_column(entry, path) for entry in document["schema"][0]["properties"])


def _column(entry: dict[str, Any], path: Path) -> Column:
    classification = entry.get("classification", "")
    if classification not in CLASSIFICATIONS:
        raise WorkledgerError(
            f"Column {entry.get('name')!r} has no known classification",
            where=str(path),
            remedy=f"Write one of {', '.join(CLASSIFICATIONS)}.",
        )
    options = entry.get("logicalTypeOptions") or {}
    accepted = [
        value
        for rule in entry.get("quality") or []
        if rule.get("metric") == "invalidValues"
        for value in rule["arguments"]["validValues"]
    ]
    return Column(
        name=entry["name"],
        type=entry["physicalType"],
        required=bool(entry.get("required", False)),
        classification=classification,
        description=entry["description"],
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        accepted=tuple(accepted),
    )
