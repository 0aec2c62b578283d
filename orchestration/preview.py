"""What a refresh would make of one file, without touching any workspace: the format and why, rows, quarantine, doubts.

Values of personal columns are given only where ``personal`` says that the reader is the person at the terminal; free text that
people wrote (classification private) is never given, only how long it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from connectors.deliveries import identify, scan
from connectors.doubts import doubts
from connectors.format_spec import FormatSpec, load_formats
from connectors.ledger import DeliveryStream
from connectors.mapping_sql import OCCURRENCE
from connectors.readers.text_tables import known_names
from connectors.recognise import headers_of
from connectors.sources import Source
from connectors.trial import Declared, QuarantinedRow, Trial, other_matches, trial
from data_contracts.errors import WorkledgerError
from data_contracts.load import load_stream
from orchestration.disclosure import shown_quarantine, shown_value
from orchestration.workspace import Workspace

ROWS = 10
US_PER_HOUR = 3_600_000_000


@dataclass(frozen=True)
class StreamPreview:
    """One stream: its account and the first rows. ``constant`` holds columns that are the same in every row shown."""

    stream: str
    rows_read: int
    rows_loaded: int
    rows_merged: int
    rows_quarantined: int
    filtered_by: Mapping[str, int]
    hours_read: float | None
    hours_loaded: float | None
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Preview:
    """Everything `workledger preview` shows. ``source`` is the workspace's source whose globs match the file, if any."""

    file: str
    format: str
    format_version: str
    description: str
    source: str | None
    why: tuple[str, ...]
    reads: tuple[str, ...]
    streams: tuple[StreamPreview, ...]
    quarantine: tuple[QuarantinedRow, ...]
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values; rows of a stream as mappings."""
        plain = asdict(self)
        for stream, shown in zip(self.streams, plain["streams"], strict=True):
            shown["rows"] = [dict(zip(stream.columns, row, strict=True)) for row in stream.rows]
        return plain


def preview(path: Path, workspace: Workspace | None, declared: Declared, personal: bool) -> Preview:
    """Reads and maps the whole file aside. Raises WorkledgerError where a refresh would reject it."""
    own = workspace.formats if workspace else None
    formats = load_formats(own)
    source = _source_of(path, workspace)
    known = _with_source(declared, source, workspace)
    with trial(path, formats, known, own) as tried:
        return Preview(
            file=str(path),
            format=tried.spec.name,
            format_version=tried.spec.version,
            description=tried.spec.description,
            source=source.name if source else None,
            why=tuple(_why(path, tried.spec, formats, declared, source)),
            reads=tuple(_reads(path, tried)),
            streams=tuple(_stream(tried, stream, personal) for stream in tried.outcome.streams),
            quarantine=tuple(shown_quarantine(row, personal) for row in tried.quarantine()),
            warnings=(*_guesses(tried.spec, own), *_refusals(tried.spec, source, path), *_drift(tried), *doubts(tried)),
        )


def _source_of(path: Path, workspace: Workspace | None) -> Source | None:
    from orchestration.intake import sources_of

    if workspace is None:
        return None
    resolved = path.resolve()
    sources = sources_of(workspace)
    return next((source for source in sources if any(found.path.resolve() == resolved for found in scan(source))), None)


def _with_source(declared: Declared, source: Source | None, workspace: Workspace | None) -> Declared:
    """What the command line says, then the source, then the workspace's zone."""
    zone = declared.zone or (source.zone if source else None) or (workspace.settings.zone if workspace else None)
    if source is None or (declared.format and declared.format != source.format):
        return replace(declared, zone=zone)
    return Declared(declared.format or source.format, zone, {**source.extra, **declared.options})


def _why(
    path: Path, spec: FormatSpec, formats: Mapping[str, FormatSpec], declared: Declared, source: Source | None
) -> list[str]:
    required = sum(len(part.headers.required) for part in spec.tables.values())
    fits = f"All {required} headers that it requires are there."
    if declared.format:
        return [f"Named by --format. {fits}"]
    if source and source.format:
        return [f"Source {source.name} in workledger.yaml names it. {fits}"]
    others = other_matches(path, spec, formats)
    if not others:
        return [f"{fits} No other of {len(formats)} formats fits."]
    return [f"{fits} {', '.join(others)} would fit too, but asks for fewer headers or knows fewer of the file's."]


def _reads(path: Path, tried: Trial) -> list[str]:
    spec = tried.spec
    rules = spec.read.model_dump(exclude_defaults=True)
    kind = rules.pop("kind", spec.read.kind).replace("_", " ")
    how = ", ".join(f"{name.replace('_', ' ')} {value!r}" for name, value in rules.items())
    lines = [f"{kind}{': ' + how if how else ''}"]
    found = headers_of(path, spec)
    for name, part in spec.tables.items():
        have = known_names(found.get(name, ()), part.headers)
        known = {*part.headers.required, *part.headers.optional}
        absent = [header for header in part.headers.optional if header not in have]
        renamed = [f"{raw} as {new}" for raw, new in zip(found.get(name, ()), have, strict=True) if raw != new]
        place = f"{name}: " if len(spec.tables) > 1 else ""
        lines.append(
            f"{place}{sum(header in known for header in have)} of {len(have)} columns are mapped or read by the format"
        )
        lines += [f"{place}renamed: {', '.join(renamed)}"] if renamed else []
        lines += [f"{place}optional and absent: {', '.join(absent)}"] if absent else []
    return lines


def _stream(tried: Trial, stream: DeliveryStream, personal: bool) -> StreamPreview:
    contract = load_stream(stream.stream)
    names = ["_row", "source_record_id", *(column.name for column in contract.own_columns), "extras"]
    rows = tried.rows(stream, names, ROWS)
    kept = [place for place, name in enumerate(names) if name == "_row" or any(row[place] is not None for row in rows)]
    classes = {column.name: column.classification for column in contract.columns}
    return StreamPreview(
        stream=stream.stream,
        rows_read=stream.rows_read,
        rows_loaded=stream.rows_loaded,
        rows_merged=stream.rows_merged,
        rows_quarantined=stream.rows_quarantined,
        filtered_by=dict(stream.filtered_by),
        hours_read=_hours(stream.us_read),
        hours_loaded=_hours(stream.us_loaded),
        columns=tuple(names[place] for place in kept),
        rows=tuple(tuple(shown_value(row[place], classes[names[place]], personal) for place in kept) for row in rows),
    )


def _guesses(spec: FormatSpec, own: Path | None) -> list[str]:
    """How much of a drafted format nobody has checked yet."""
    file = own / f"{spec.name}.yaml" if own else None
    guesses = file.read_text(encoding="utf-8").count("# guess") if file and file.is_file() else 0
    if not guesses:
        return []
    return [f"{spec.name} is a draft: {guesses} lines are marked as guesses. Check each and delete its mark."]


def _drift(tried: Trial) -> list[str]:
    headers = [header for header, _ in tried.outcome.drift]
    if not headers:
        return []
    return [
        f"The format does not know {', '.join(map(repr, headers))}; they are kept in extras."
        " Map them, or list them under `known`."
    ]


def _refusals(spec: FormatSpec, source: Source | None, path: Path) -> list[str]:
    """What would make a refresh reject the file though its rows can be read."""
    found = []
    without_id = [name for name, mapping in spec.streams.items() if mapping.key == OCCURRENCE]
    if without_id and (source is None or source.mode == "changes"):
        found.append(
            f"Rows of {', '.join(without_id)} have no id, so the source must say `mode: full` (each file is everything), or"
            " `mode: window` with the dates in `file_name`."
        )
    if source is not None:
        from datetime import UTC, datetime

        try:
            identify(source, path.resolve().relative_to(source.root.resolve()).as_posix(), datetime.now(UTC), "")
        except (WorkledgerError, ValueError) as error:
            found.append(str(error))
    return found


def _hours(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / US_PER_HOUR
