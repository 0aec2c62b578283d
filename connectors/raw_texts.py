"""The text in a file of any kind, as far as it can be read without knowing its format."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from connectors.sql_text import quoted

PARQUET = b"PAR1"
GZIP = b"\x1f\x8b"
# A large export is read in pieces; what lies where two meet is in both.
PIECE_BYTES = 1 << 24
OVERLAP_BYTES = 1 << 12
UNREADABLE = (OSError, zipfile.BadZipFile, zlib.error, ValueError, RuntimeError)


def texts_of(path: Path) -> Iterator[str]:
    """The text in a file, in pieces: plain, zipped (workbooks too), gzipped or Parquet; in every encoding that it may be in.

    Raises one of UNREADABLE where it is damaged or locked.
    """
    with path.open("rb") as file:
        magic = file.read(4)
    if magic == PARQUET:
        yield from _of_parquet(path)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                yield member.filename
                yield from _readings(archive.read(member))
    elif magic[:2] == GZIP:
        yield from _readings(zlib.decompress(path.read_bytes(), wbits=31))
    else:
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield from _readings(piece)
                if len(piece) == PIECE_BYTES:
                    file.seek(-OVERLAP_BYTES, 1)


def _readings(content: bytes) -> Iterator[str]:
    """Bytes as the texts that they may be, escapes and folded lines undone."""
    for text in _decoded(content):
        yield text
        if "\n " in text:
            yield re.sub(r"\r?\n[ \t]", "", text)
        if "\\u" in text:
            yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
        if "&" in text:
            yield unescape(text)


def _decoded(content: bytes) -> Iterator[str]:
    if b"\0" in content[:200]:
        for encoding in ("utf-16-le", "utf-16-be"):
            yield content.decode(encoding, errors="replace")
        return
    text = content.decode("utf-8", errors="replace")
    yield text
    if "\ufffd" in text:
        yield content.decode("cp1252", errors="replace")


def _of_parquet(path: Path) -> Iterator[str]:
    import duckdb

    with duckdb.connect() as con:
        relation = con.read_parquet(str(path))
        columns = ", ".join(f"{quoted(name)}::varchar" for name in relation.columns)
        relation.create_view("file")
        cursor = con.execute(f"select concat_ws(chr(10), {columns}) from file")
        while rows := cursor.fetchmany(10_000):
            yield "\n".join(text for (text,) in rows)
