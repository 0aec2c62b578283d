"""Tell which format an export has: by the kind of file, then by its headers.

A format matches when all its required headers are there. Where several match, the one that requires most wins, then the one that
knows most of the headers; a tie is an error, since guessing would be worse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from connectors.format_spec import FormatSpec
from connectors.nearest import did_you_mean, nearest
from connectors.readers.registry import reader_of
from connectors.readers.text_tables import known_names, missing_headers, unknown_headers
from data_contracts.errors import WorkledgerError

Tables = dict[str, tuple[str, ...]]
KINDS = {
    "text": "delimited text",
    "zip": "a workbook or zip archive",
    "gzip": "a gzip archive",
    "xls": "an old Excel workbook",
    "pdf": "a PDF",
    "html": "a web page",
    "xml": "XML",
    "json": "JSON",
    "parquet": "Parquet",
}
BEGINNINGS = {
    "zip": (b"PK\x03\x04",),
    "gzip": (b"\x1f\x8b",),
    "xls": (b"\xd0\xcf\x11\xe0",),
    "pdf": (b"%PDF",),
    "html": (b"<html", b"<!DOCTYPE html", b"<!doctype html"),
    "parquet": (b"PAR1",),
    "xml": (b"<",),
    "json": (b"{", b"[", b"\xff\xfe{\0", b"\xff\xfe[\0", b"\xfe\xff\0{", b"\xfe\xff\0["),
}


def recognise(path: Path, formats: Mapping[str, FormatSpec], declared: str | None) -> FormatSpec:
    """The format of a file: the declared one if it fits, else the best among all.

    Raises WorkledgerError naming the missing header and its nearest match, or the formats that come close.
    """
    _refuse_empty(path)
    if declared is not None:
        if declared not in formats:
            raise WorkledgerError(f"There is no format {declared!r}", remedy=did_you_mean(declared, formats))
        spec = formats[declared]
        _require_headers(spec, headers_of(path, spec))
        return spec
    return _best(path, formats)


def matches(path: Path, spec: FormatSpec) -> bool:
    """Whether the file is of the right kind and has all required headers."""
    try:
        return not _missing(spec, headers_of(path, spec))
    except WorkledgerError:
        return False


def headers_of(path: Path, spec: FormatSpec) -> Tables:
    """Headers of each part as the format's reader finds them. Raises WorkledgerError where the file is of another kind."""
    kind, reader = file_kind(path), reader_of(spec)
    if kind not in reader.FILE_KINDS:
        raise WorkledgerError(
            f"This is {KINDS[kind]}, but {spec.name} reads {' or '.join(KINDS[name] for name in reader.FILE_KINDS)}",
            remedy="Export it in that kind, or name another format.",
        )
    return reader.headers(path, spec)


def file_kind(path: Path) -> str:
    """What a file is by its first bytes, a key of ``KINDS``; text where nothing else shows."""
    with path.open("rb") as file:
        start = file.read(512)
    bare = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    for kind, beginnings in BEGINNINGS.items():
        if start.startswith(beginnings) or bare.startswith(beginnings):
            return kind
    return "text"


def _refuse_empty(path: Path) -> None:
    if path.stat().st_size == 0:
        raise WorkledgerError("The file is empty (0 bytes)", remedy="Export it again.")


def _best(path: Path, formats: Mapping[str, FormatSpec]) -> FormatSpec:
    ranked: list[tuple[tuple[int, int], FormatSpec]] = []
    close: list[tuple[int, FormatSpec, Tables]] = []
    problems: dict[str, WorkledgerError] = {}
    kind = file_kind(path)
    for spec in formats.values():
        if spec.declared_only:
            continue
        try:
            found = headers_of(path, spec)
        except WorkledgerError as error:
            if _fits_but_for_encoding(path, spec, error):
                raise
            if kind in reader_of(spec).FILE_KINDS:
                problems[error.what] = error
            continue
        missing = sum(map(len, _missing(spec, found).values()))
        if missing:
            required = sum(len(part.headers.required) for part in spec.tables.values())
            close.append((missing * 100 // max(required, 1), spec, found))
        else:
            ranked.append((_rank(spec, found), spec))
    if not ranked:
        raise _unrecognised(close, list(problems.values()), kind)
    if len(ranked) > 1 and kind == "json" and _is_empty(path, [spec for _, spec in ranked]):
        raise WorkledgerError(
            "The file has no records, so nothing says which format it has",
            remedy="Name it as `format:` of the source; an empty export is fine then.",
        )
    ranked.sort(key=lambda entry: entry[0], reverse=True)
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
        names = sorted(spec.name for rank, spec in ranked if rank == ranked[0][0])
        raise WorkledgerError(
            f"The file fits several formats: {', '.join(names)}", remedy="Name one as `format:` of the source."
        )
    return ranked[0][1]


def _is_empty(path: Path, specs: Sequence[FormatSpec]) -> bool:
    from connectors.readers.json_records import is_empty

    return all(is_empty(path, spec) for spec in specs)


def _fits_but_for_encoding(path: Path, spec: FormatSpec, error: WorkledgerError) -> bool:
    """Whether the headers would fit if the bytes were read leniently: then the encoding is what to complain about."""
    from connectors.readers.delimited import EncodingError

    if not isinstance(error, EncodingError):
        return False
    lenient = spec.model_copy(update={"read": spec.read.model_copy(update={"encodings": ("latin-1",)})})
    return not _missing(spec, headers_of(path, lenient))


def _rank(spec: FormatSpec, found: Tables) -> tuple[int, int]:
    required = sum(len(part.headers.required) for part in spec.tables.values())
    unknown = sum(len(unknown_headers(found.get(name, ()), part.headers)) for name, part in spec.tables.items())
    return required, -unknown


def _missing(spec: FormatSpec, found: Tables) -> dict[str, tuple[str, ...]]:
    missing = {name: missing_headers(found.get(name, ()), part.headers) for name, part in spec.tables.items()}
    return {name: headers for name, headers in missing.items() if headers}


def _require_headers(spec: FormatSpec, found: Tables) -> None:
    for name, headers in _missing(spec, found).items():
        have = known_names(found.get(name, ()), spec.tables[name].headers)
        raise WorkledgerError(
            f"{spec.name} needs the header {headers[0]!r}"
            + (f" (and {', '.join(map(repr, headers[1:]))})" if headers[1:] else ""),
            where="" if len(spec.tables) == 1 else f"table {name}",
            remedy=_header_remedy(headers[0], have),
        )


def _header_remedy(header: str, have: tuple[str, ...]) -> str:
    guess = nearest(header, have)
    if guess:
        return (
            f"The nearest header in the file is {guess!r}; if it means the same, add it under `renamed` in the format."
        )
    return f"The file has {', '.join(map(repr, have[:12]))}."


def _unrecognised(
    close: list[tuple[int, FormatSpec, Tables]], problems: Sequence[WorkledgerError], kind: str
) -> WorkledgerError:
    close.sort(key=lambda entry: (entry[0], entry[1].name))
    if close and close[0][0] < 100:
        _, spec, found = close[0]
        ((name, headers), *_) = _missing(spec, found).items()
        have = known_names(found.get(name, ()), spec.tables[name].headers)
        return WorkledgerError(
            f"No format recognises the file; {spec.name} comes nearest and misses {', '.join(map(repr, headers))}",
            remedy=_header_remedy(headers[0], have),
        )
    if len(problems) == 1 and not close:
        return problems[0]  # Every format says the same: it is the file.
    return WorkledgerError(
        f"No format recognises the file ({KINDS[kind]})",
        remedy="Name its format in workledger.yaml, or add one to the workspace's formats folder.",
    )
