"""A JSON text read piece by piece: members and elements one at a time, so that a long list never is in memory as a whole.

Numbers keep the digits they were written with. What is not JSON, or ends too early, is a WorkledgerError with its position.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

from data_contracts.errors import WorkledgerError

CHUNK = 1 << 20
LARGEST_VALUE = 256 << 20
BLANK = re.compile(r"[ \t\n\r]*")
HALF_PAIR = re.compile("[\ud800-\udfff]")  # JSON can write half a surrogate pair, UTF-8 cannot.
CUT_OFF = "Export or download it again: what is there is not the whole file."


class WrittenNumber(float):
    """A number with a fraction or exponent, and the text it was written as."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> WrittenNumber:
        made = super().__new__(cls, text)
        made.text = _plain(text)
        return made


def _plain(text: str) -> str:
    """1.5e3 as 1500: the macros read decimals. Exponents of no measure (1e400) stay as they are."""
    if "e" not in text.lower():
        return text
    value = Decimal(text)
    return format(value, "f") if abs(value.adjusted()) < 40 else text


class JsonText:
    """A cursor over the JSON in a file. Use as a context manager; after ``members`` or ``elements`` yield, take the value."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._decode = codecs.getincrementaldecoder(_encoding(path))("strict")
        self._buffer = ""
        self._at = 0
        self._ended = False
        self._bytes = self._characters = self._lines = self._column = 0

    def __enter__(self) -> JsonText:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def peek(self) -> str:
        """The next character that is not blank, '' at the end."""
        while True:
            blank = BLANK.match(self._buffer, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._buffer) or not self._refill():
                return self._buffer[self._at : self._at + 1]

    def members(self) -> Iterator[str]:
        """Keys of the object that begins here. The value of each is to be taken before the next one."""
        self._take("{")
        if self.peek() == "}":
            self._at += 1
            return
        seen: set[str] = set()
        while True:
            if self.peek() != '"':
                self._broken("a key in double quotes is expected", self._at)
            key = self.value()
            if key in seen:
                self._broken(f"the key {key!r} occurs twice", self._at)
            seen.add(key)
            self._take(":")
            yield key
            if self._next_or_end("}"):
                return

    def elements(self) -> Iterator[None]:
        """One turn for each element of the list that begins here. The element is to be taken before the next one."""
        self._take("[")
        if self.peek() == "]":
            self._at += 1
            return
        while True:
            yield
            if self._next_or_end("]"):
                return

    def value(self) -> Any:
        """The whole value that begins here."""
        self.peek()
        size = CHUNK
        while True:
            try:
                value, end = _decoder().raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated string") or error.pos + 16 > len(self._buffer)
                if cut and len(self._buffer) - self._at > LARGEST_VALUE:
                    self._broken(f"one value is larger than {LARGEST_VALUE >> 20} MiB", self._at)
                if not cut or not self._refill(size):
                    self._broken(_in_words(error.msg), error.pos, cut=cut and self._is_cut(error))
                size *= 2
                continue
            except RecursionError:
                self._broken("values are nested too deeply", self._at)
            except ValueError as error:
                self._broken(str(error), self._at)
            if end == len(self._buffer) and self._refill():
                continue  # A number may go on.
            self._at = end
            return value

    def end(self) -> None:
        """Raises unless nothing but blanks follows."""
        if self.peek():
            self._broken(
                "something follows the end of the document; a file with a value a line is read with `lines: true`",
                self._at,
            )

    def _next_or_end(self, closing: str) -> bool:
        following = self.peek()
        if following not in (",", closing):
            self._broken(f"',' or '{closing}' is expected", self._at)
        self._at += 1
        if following == "," and self.peek() == closing:
            self._broken("a value is expected after ','", self._at)
        return following == closing

    def _take(self, expected: str) -> None:
        if self.peek() != expected:
            self._broken(f"'{expected}' is expected", self._at)
        self._at += 1

    def _refill(self, size: int = 0) -> bool:
        """Drops what was taken and reads on; False at the end of the file."""
        if self._ended:
            return False
        data = self._file.read(size or CHUNK)
        pending = len(self._decode.getstate()[0])
        try:
            more = self._decode.decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise WorkledgerError(
                "The file is not encoded as UTF-8, as JSON has to be",
                where=f"first unreadable byte at position {self._bytes - pending + error.start}",
                remedy="Export it again as UTF-8.",
            ) from error
        self._bytes += len(data)
        if not data:
            self._ended = True
            return False
        self._forget()
        self._buffer += more
        return True

    def _forget(self) -> None:
        gone = self._buffer[: self._at]
        lines = gone.count("\n")
        self._lines += lines
        self._column = len(gone) - gone.rfind("\n") - 1 if lines else self._column + len(gone)
        self._characters += len(gone)
        self._buffer, self._at = self._buffer[self._at :], 0

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether the text just stops where the value would have gone on."""
        rest = self._buffer[error.pos :].strip()
        starts = any(word.startswith(rest) for word in ("true", "false", "null", "-"))
        return starts or error.msg.startswith(("Unterminated", "Invalid \\uXXXX")) or rest == "\\"

    def _broken(self, what: str, position: int, *, cut: bool | None = None) -> NoReturn:
        if cut is None:
            cut = position >= len(self._buffer) and self._ended
        before = self._buffer[:position]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") if lines else self._column + len(before) + 1
        raise WorkledgerError(
            "The JSON ends too early, the file was cut off" if cut else f"This is not JSON: {what}",
            where=f"line {self._lines + lines + 1:,}, column {column:,} (character {self._characters + len(before) + 1:,})",
            remedy=CUT_OFF if cut else "Export it again; files made by hand need double quotes and no trailing commas.",
        )


def parse_line(line: str) -> Any:
    """One line of JSON Lines. Raises ValueError that says what is wrong and at which column."""
    try:
        return _decoder().decode(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"this is not JSON: {_in_words(error.msg)} at column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("values are nested too deeply") from error


def text_of(value: Any) -> str | None:
    """A JSON value as a cell: text as it is, numbers as written, lists and objects as JSON; NULL for null and what is empty."""
    if isinstance(value, str):
        return (value if value.isascii() else HALF_PAIR.sub("\ufffd", value)) or None
    if value is None or value == [] or value == {}:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, WrittenNumber):
        return value.text
    if isinstance(value, int):
        return str(value)
    return HALF_PAIR.sub("\ufffd", json.dumps(value, ensure_ascii=False, separators=(",", ":")))


@cache
def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(parse_float=WrittenNumber, parse_constant=_refuse, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} occurs twice in an object")
    return made


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _in_words(message: str) -> str:
    words = message[:1].lower() + message[1:]
    return words.removesuffix(" starting at").removesuffix(" at")


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
    return "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
