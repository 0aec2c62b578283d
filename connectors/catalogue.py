"""The formats that are known, as a list for people: whose export, which streams, what it is tested with."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from connectors.format_spec import SHIPPED, FormatSpec, load_formats

TESTED = Path(__file__).parents[1] / "tests" / "formats" / "fixtures"
CANONICAL = "workledger__"


@dataclass(frozen=True)
class KnownFormat:
    """One format. ``origin`` is shipped, canonical or own; ``tested_files`` are the fixtures that hold it."""

    name: str
    vendor: str
    origin: str
    version: str
    reads: str
    streams: tuple[str, ...]
    needs: tuple[str, ...]
    tested_files: tuple[str, ...]
    description: str

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def known_formats(own: Path | None) -> list[KnownFormat]:
    """Every known format by origin and name; ``own`` is the workspace's folder of formats."""
    found = [_known(spec, own) for spec in load_formats(own).values()]
    order = {"own": 0, "shipped": 1, "canonical": 2}
    return sorted(found, key=lambda entry: (order[entry.origin], entry.name))


def vendor_of(name: str) -> str:
    """The maker in words, from the first half of a format's name.

    >>> vendor_of("toggl_track__detailed")
    'Toggl Track'
    """
    return " ".join(
        word.upper() if word in ("hr", "rt") else word.capitalize() for word in name.split("__")[0].split("_")
    )


def _known(spec: FormatSpec, own: Path | None) -> KnownFormat:
    return KnownFormat(
        name=spec.name,
        vendor=vendor_of(spec.name),
        origin=_origin(spec, own),
        version=spec.version,
        reads=spec.read.kind,
        streams=tuple(spec.streams),
        needs=tuple(name for name, option in spec.options.items() if option.required),
        tested_files=_tested_files(spec.name),
        description=spec.description,
    )


def _origin(spec: FormatSpec, own: Path | None) -> str:
    if own and (own / f"{spec.name}.yaml").is_file():
        return "own"
    return (
        "canonical" if spec.name.startswith(CANONICAL) and not (SHIPPED / f"{spec.name}.yaml").is_file() else "shipped"
    )


def _tested_files(name: str) -> tuple[str, ...]:
    if name.startswith(CANONICAL):
        return ("made from the contract",)
    folder = TESTED / name
    return tuple(sorted(file.name for file in folder.glob("*") if file.stem in ("export", "broken")))
