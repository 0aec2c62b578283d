"""What can happen to an export on its way: bytes flipped, lines lost or repeated, cells replaced, files cut off or recoded."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from random import Random

Mutation = Callable[[bytes, Random], bytes]
NASTY = (
    "",
    " ",
    "\0",
    '"',
    "''",
    "'; drop table export; --",
    "=1+1",
    "NaN",
    "-0",
    "1e309",
    "99999999999999999999",
    "-5",
    "0000-00-00",
    "2026-02-30",
    "9999-12-31T23:59:59Z",
    "31/12/2026",
    "25:61",
    "-1:30",
    "\u202e\u200b\ufeff",
    "\U0001f600" * 50,
    "x" * 5_000,
    "null",
    "true",
    "[]",
    "{}",
    '{"a": [1, {"b": null}]}',
    "%s%n",
    "../../etc/passwd",
    "\t",
    "\n",
    "\r\n,;|\t",
)
SEPARATORS = b",;\t|"


def flip_bytes(data: bytes, draw: Random) -> bytes:
    """Some bytes are others."""
    changed = bytearray(data)
    for _ in range(draw.randint(1, 8)):
        changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def cut_off(data: bytes, draw: Random) -> bytes:
    """The rest of the file is missing."""
    return data[: draw.randrange(len(data))]


def lose_a_piece(data: bytes, draw: Random) -> bytes:
    """A piece in the middle is missing."""
    start = draw.randrange(len(data))
    return data[:start] + data[start + draw.randint(1, 200) :]


def repeat_a_piece(data: bytes, draw: Random) -> bytes:
    """A piece comes twice."""
    start = draw.randrange(len(data))
    end = start + draw.randint(1, 400)
    return data[:end] + data[start:]


def shuffle_lines(data: bytes, draw: Random) -> bytes:
    """Lines below the first in another order."""
    first, *lines = data.splitlines(keepends=True)
    draw.shuffle(lines)
    return b"".join([first, *lines])


def lose_a_line(data: bytes, draw: Random) -> bytes:
    """A line is missing, perhaps the header."""
    lines = data.splitlines(keepends=True)
    del lines[draw.randrange(len(lines))]
    return b"".join(lines)


def repeat_lines(data: bytes, draw: Random) -> bytes:
    """A line comes many times."""
    lines = data.splitlines(keepends=True)
    place = draw.randrange(len(lines))
    return b"".join([*lines[:place], *[lines[place]] * draw.randint(2, 50), *lines[place:]])


def replace_a_cell(data: bytes, draw: Random) -> bytes:
    """What stands between two separators is something nasty."""
    cells = re.split(rb'([,;\t|\n"<>])', data)
    cells[draw.randrange(len(cells))] = draw.choice(NASTY).encode()
    return b"".join(cells)


def replace_a_json_value(data: bytes, draw: Random) -> bytes:
    """A value after a colon has another type."""
    values = list(re.finditer(rb':\s*("[^"]*"|[-\d.]+|true|false|null)', data))
    if not values:
        return replace_a_cell(data, draw)
    start, end = draw.choice(values).span(1)
    other = draw.choice(["null", "1", "-1.5e400", '""', "[]", "{}", '[{"id": 1}]', '{"x": {"y": [1]}}', "true", '"x"'])
    return data[:start] + other.encode() + data[end:]


def add_a_column(data: bytes, draw: Random) -> bytes:
    """Every line has one cell more, or a line alone has."""
    sign = bytes([draw.choice(SEPARATORS)])
    lines = data.splitlines()
    chosen = range(len(lines)) if draw.random() < 0.5 else [draw.randrange(len(lines))]
    for place in chosen:
        lines[place] += sign + draw.choice(NASTY).replace("\n", "").encode()
    return b"\n".join(lines)


def other_separator(data: bytes, draw: Random) -> bytes:
    """Another separator than the declared one."""
    one, other = draw.sample(list(SEPARATORS), 2)
    return data.replace(bytes([one]), bytes([other]))


def other_encoding(data: bytes, draw: Random) -> bytes:
    """The same text in another encoding, or one that breaks it."""
    text = data.decode("utf-8", errors="replace")
    return text.encode(
        draw.choice(["utf-16", "utf-16-le", "cp1252", "utf-8-sig", "latin-1", "utf-7"]), errors="replace"
    )


def other_line_ends(data: bytes, draw: Random) -> bytes:
    """Another kind of line end."""
    return data.replace(b"\r\n", b"\n").replace(b"\n", draw.choice([b"\r", b"\r\n", b"\n\n", b"\n\r"]))


def preface(data: bytes, draw: Random) -> bytes:
    """Lines before the export, as reports have them."""
    return (
        draw.choice([b"\n\n", b"Report\n\n", b"Period: 01.03.2026 - 31.03.2026\n", b"\xef\xbb\xbf", b"<!-- -->"]) + data
    )


def pack(data: bytes, draw: Random) -> bytes:
    """Gzipped, though nobody said so, and perhaps cut off."""
    packed = gzip.compress(data, mtime=0)
    return packed if draw.random() < 0.5 else packed[: draw.randrange(1, len(packed))]


MUTATIONS: tuple[Mutation, ...] = (
    flip_bytes,
    cut_off,
    lose_a_piece,
    repeat_a_piece,
    shuffle_lines,
    lose_a_line,
    repeat_lines,
    replace_a_cell,
    replace_a_json_value,
    add_a_column,
    other_separator,
    other_encoding,
    other_line_ends,
    preface,
    pack,
)


def mutate(data: bytes, draw: Random) -> tuple[bytes, str]:
    """The bytes after one to three mutations, and their names."""
    names = []
    for mutation in draw.choices(MUTATIONS, k=draw.choice((1, 1, 2, 3))):
        if data:
            data = mutation(data, draw)
            names.append(mutation.__name__)
    return data, " + ".join(names)
