"""Whether files of any kind name a person: exports as they came, logs, notes."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from connectors.persons import Person

PARQUET = b"PAR1"
GZIP = b"\x1f\x8b"


def texts_of(path: Path) -> Iterator[str]:
    """The text in a file, as far as it can be read without knowing its format: plain, zipped (workbooks too) or Parquet."""
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
        yield from _readings(path.read_bytes())


def names_person(path: Path, person: Person) -> bool:
    """Whether a file names the person anywhere. A file that cannot be opened is taken to."""
    try:
        return any(_names(text.lower(), person) for text in texts_of(path))
    except (OSError, zipfile.BadZipFile, zlib.error, ValueError, RuntimeError):
        return True


def _names(lower: str, person: Person) -> bool:
    """Looking for plain text is many times faster than a pattern."""
    return any(text.lower() in lower for text in person.texts) or any(
        word.lower() in lower and re.search(rf"\b{re.escape(word.lower())}\b", lower) for word in person.whole_words
    )


def _readings(content: bytes) -> Iterator[str]:
    """Bytes as the texts that they may be: in every encoding that exports come in, escapes and folded lines undone."""
    for encoding in _encodings(content):
        text = content.decode(encoding, errors="replace")
        yield text
        if "\n " in text:
            yield re.sub(r"\r?\n[ \t]", "", text)
        if "\\u" in text:
            yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
        if "&" in text:
            from html import unescape

            yield unescape(text)


def _encodings(content: bytes) -> tuple[str, ...]:
    if b"\0" in content[:200]:
        return ("utf-16", "utf-16-le", "utf-16-be")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return ("cp1252",)
    return ("utf-8",)


def _of_parquet(path: Path) -> Iterator[str]:
    import duckdb

    with duckdb.connect() as con:
        relation = con.read_parquet(str(path))
        columns = ", ".join('"' + name.replace('"', '""') + '"::varchar' for name in relation.columns)
        relation.create_view("file")
        cursor = con.execute(f"select concat_ws(chr(10), {columns}) from file")
        while rows := cursor.fetchmany(10_000):
            yield "\n".join(text for (text,) in rows)
