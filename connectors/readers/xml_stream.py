"""XML as a stream, as data from outside: no entities, no DTD, no network, no huge nodes, and a bound on what gzip unpacks to."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from data_contracts.errors import WorkledgerError

GZIP = b"\x1f\x8b"


class Bounded:
    """The bytes of a file up to a bound; an export that unpacks to more is refused, not read."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file, self._most, self._left = file, most, most

    def read(self, size: int = -1) -> bytes:
        """The next bytes, as of a file."""
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise WorkledgerError(
                f"The file unpacks to more than {self._most:,} bytes",
                remedy="If it is sound all the same, raise `most_bytes` under `read` in a format that extends this one.",
            )
        return data


@contextmanager
def open_xml(path: Path, most: int) -> Iterator[Any]:
    """The file's bytes, unpacked where it is gzipped. What is wrong with gzip or XML comes out as WorkledgerError, later too."""
    from lxml import etree

    try:
        with path.open("rb") as raw:
            is_packed = raw.read(len(GZIP)) == GZIP
            raw.seek(0)
            with gzip.open(raw) if is_packed else raw as file:
                yield Bounded(file, most)  # type: ignore[arg-type]
    except etree.XMLSyntaxError as error:
        raise WorkledgerError(
            f"The file is not sound XML: {error.msg}", remedy="Export it again; a cut-off file ends like this."
        ) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise WorkledgerError(f"The gzip archive is damaged: {error}", remedy="Export or download it again.") from error


def parse_xml(file: Any, **what: Any) -> Any:
    """``etree.iterparse`` that resolves and loads nothing."""
    from lxml import etree

    return etree.iterparse(
        file,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        **what,
    )


def root_of(file: Any) -> Any:
    """The root element, as it starts. Raises WorkledgerError where the document brings a type, which could hold entities."""
    _, root = next(iter(parse_xml(file, events=("start",))))
    if root.getroottree().docinfo.internalDTD is not None:
        raise WorkledgerError("The file declares a document type", remedy="Export it again without one.")
    return root


def local_name(element: Any) -> str:
    """Name of an element without its namespace."""
    return str(element.tag).rsplit("}", 1)[-1]
