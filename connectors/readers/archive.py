"""A zip archive of files that belong together: each part is one member, read as any file of its kind.

An archive is data from outside: members are unpacked one by one into the scratch folder under names of our own, up to a bound on
their bytes. Where in the folder a member says it belongs plays no part, nor does what it says of its own size.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from connectors.format_spec import ArchiveRead, FormatSpec
from connectors.readers.text_tables import TextTable
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    import duckdb

FILE_KINDS = ("zip",)
CHUNK = 1 << 20
MOST_MEMBERS = 10_000
IS_ENCRYPTED = 0x1


def headers(path: Path, spec: FormatSpec) -> dict[str, tuple[str, ...]]:
    """Headers of each part. Raises WorkledgerError where a member is missing, or cannot be such a file."""
    from connectors.recognise import headers_of

    with TemporaryDirectory(prefix="workledger-") as folder:
        found: dict[str, tuple[str, ...]] = {}
        for member, file, within in _members(path, spec, Path(folder)):
            with _telling(member):
                found.update(headers_of(file, within))
        return found


def read(con: duckdb.DuckDBPyConnection, path: Path, spec: FormatSpec, scratch: Path) -> tuple[TextTable, ...]:
    """The members as text tables in ``con``. Raises WorkledgerError where one is missing, damaged, locked or too large."""
    from connectors.readers.registry import reader_of

    tables: list[TextTable] = []
    for member, file, within in _members(path, spec, scratch):
        with _telling(member):
            tables += reader_of(within).read(con, file, within, scratch)
    return tuple(tables)


@contextmanager
def _telling(member: str) -> Iterator[None]:
    """Errors name the member."""
    try:
        yield
    except WorkledgerError as error:
        where = f"{member} in the archive" + (f", {error.where}" if error.where else "")
        raise WorkledgerError(error.what, where=where, remedy=error.remedy) from error


def _members(path: Path, spec: FormatSpec, folder: Path) -> Iterator[tuple[str, Path, FormatSpec]]:
    """Each part's member: its name, itself as a file, gone after use, and the format as the reader of that file sees it."""
    assert isinstance(spec.read, ArchiveRead), f"{spec.name} does not read archives"
    left = spec.read.most_bytes
    with _opened(path) as archive:
        for name, part in spec.tables.items():
            member = _member(archive, str(part.member))
            file = folder / f"{name}.member"
            folder.mkdir(parents=True, exist_ok=True)
            left -= _unpack(archive, member, file, left)
            within = spec.model_copy(update={"read": spec.read.members, "headers": None, "parts": {name: part}})
            try:
                yield member.filename, file, within
            finally:
                file.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MOST_MEMBERS:
                raise WorkledgerError(
                    f"The archive has more than {MOST_MEMBERS:,} members", remedy="Deliver the files that matter alone."
                )
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise WorkledgerError(
            f"The archive is damaged: {error}", remedy="Export or download it again; a cut-off file ends like this."
        ) from error


def _member(archive: zipfile.ZipFile, pattern: str) -> zipfile.ZipInfo:
    """The one file that fits, by its whole path or its name alone."""
    files = [entry for entry in archive.infolist() if not entry.is_dir()]
    fitting = [
        entry
        for entry in files
        if fnmatchcase(entry.filename, pattern) or fnmatchcase(entry.filename.rsplit("/", 1)[-1], pattern)
    ]
    if len(fitting) != 1:
        have = ", ".join(entry.filename for entry in (fitting or files)[:8]) or "nothing"
        count = "No file" if not fitting else "More than one file"
        raise WorkledgerError(
            f"{count} in the archive fits {pattern!r}",
            remedy=f"It {'holds' if not fitting else 'fits'} {have}. The `member` of a part fits one file.",
        )
    return fitting[0]


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: Path, most: int) -> int:
    """Writes the member to ``file``; returns its bytes, counted as they come."""
    if member.flag_bits & IS_ENCRYPTED:
        raise WorkledgerError(
            f"The archive has a password: {member.filename} cannot be read", remedy="Export it without a password."
        )
    written = 0
    with archive.open(member) as packed, file.open("wb") as target:
        while chunk := packed.read(CHUNK):
            written += len(chunk)
            _require_room(written, most, member)
            target.write(chunk)
    return written


def _require_room(written: int, most: int, member: zipfile.ZipInfo) -> None:
    if written > most:
        raise WorkledgerError(
            f"The archive unpacks to more than is allowed, at {member.filename}",
            remedy="If it is sound all the same, raise `most_bytes` under `read` in a format that extends this one.",
        )
