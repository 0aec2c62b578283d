"""What the values of a text column look like: dates and how they are written, durations, numbers, addresses. Guesses for a draft.

>>> profile("Day", ["13.01.2026", "02.01.2026"]).date_format
'%d.%m.%Y'
>>> profile("Day", ["02.01.2026"]).date_format is None   # day and month could be swapped: it is declared, never guessed
True
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "empty", "email", "date", "timestamp", "instant", "clock", "duration", "integer", "decimal", "boolean", "text"
]

TIME = r"(?P<time>[T ]+\d{1,2}:\d{2}(?P<seconds>:\d{2}(?P<fraction>[.,]\d+)?)?(?P<half> ?[AaPp][Mm])?)?"
ISO = re.compile(rf"(?P<year>\d{{4}})-\d{{2}}-\d{{2}}{TIME}(?P<offset> ?(Z|[-+]\d{{2}}(:?\d{{2}})?))?")
NUMBERS = re.compile(rf"(?P<one>\d{{1,2}})(?P<sign>[./-])(?P<two>\d{{1,2}})(?P=sign)(?P<year>\d{{4}}|\d{{2}}){TIME}")
YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})(?P<sign>[./])\d{{1,2}}(?P=sign)\d{{1,2}}{TIME}")
NAMED = re.compile(rf"\d{{1,2}}(?P<sign>[ /-])[A-Z][a-z]{{2}}(?P=sign)(?P<year>\d{{4}}|\d{{2}}){TIME}")
PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("email", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    ("boolean", re.compile(r"(?i)yes|no|true|false|y|n")),
    ("clock", re.compile(r"(?i)\d{1,2}:\d{2}(:\d{2})? ?[ap]m")),
    ("duration", re.compile(r"-?\d+:[0-5]\d(:[0-5]\d)?")),
    ("integer", re.compile(r"-?\d+")),
    ("decimal", re.compile(r"-?\d+([.,]\d+)?")),
)


@dataclass(frozen=True)
class Profile:
    """A column as its values show it. ``date_format`` is as in strptime; None where ISO suffices or where the order is open.

    ``open_formats`` are the two readings of dates whose day and month could be swapped; ``proof`` is what decided the order.
    """

    name: str
    kind: Kind
    filled: int
    is_unique: bool = False
    date_format: str | None = None
    open_formats: tuple[str, ...] = ()
    proof: str = ""
    decimal_sign: str = "."
    greatest: float | None = None


def profile(name: str, values: Sequence[str | None]) -> Profile:
    """The profile of a column; blank values say nothing but that the column is not always filled."""
    texts = [value.strip() for value in values if value and value.strip()]
    unique = len(texts) == len(values) and len(set(texts)) == len(texts)
    if not texts:
        return Profile(name, "empty", 0)
    dated = _iso(name, texts) or _numbers(name, texts) or _named(name, texts)
    if dated:
        return dated
    kind: Kind = next((kind for kind, pattern in PATTERNS if all(map(pattern.fullmatch, texts))), "text")
    if kind not in ("integer", "decimal"):
        return Profile(name, kind, len(texts), unique)
    sign = "," if any("," in text for text in texts) else "."
    greatest = max(float(text.replace(",", ".")) for text in texts)
    return Profile(name, kind, len(texts), unique, decimal_sign=sign, greatest=greatest)


def _iso(name: str, texts: list[str]) -> Profile | None:
    found = [ISO.fullmatch(text) for text in texts]
    if not all(found):
        return None
    kind: Kind = "date"
    if any(one and one["time"] for one in found):
        kind = "instant" if all(one and one["offset"] for one in found) else "timestamp"
    return Profile(name, kind, len(texts))


def _numbers(name: str, texts: list[str]) -> Profile | None:
    found = [match for text in texts if (match := NUMBERS.fullmatch(text))]
    if len(found) < len(texts):
        return None
    sign, year, time = found[0]["sign"], _year(found[0]), _time(found[0])
    day_first, month_first = f"%d{sign}%m{sign}{year}{time}", f"%m{sign}%d{sign}{year}{time}"
    kind: Kind = "timestamp" if time else "date"
    days = next((match[0] for match in found if int(match["one"]) > 12), None)
    months = next((match[0] for match in found if int(match["two"]) > 12), None)
    if (days is None) == (months is None):
        return Profile(name, kind, len(texts), open_formats=(day_first, month_first))
    return Profile(name, kind, len(texts), date_format=day_first if days else month_first, proof=days or months or "")


def _named(name: str, texts: list[str]) -> Profile | None:
    for pattern, order in ((NAMED, "%d{0}%b{0}{1}"), (YEAR_FIRST, "{1}{0}%m{0}%d")):
        found = [match for text in texts if (match := pattern.fullmatch(text))]
        if len(found) == len(texts):
            time = _time(found[0])
            written = order.format(found[0]["sign"], _year(found[0])) + time
            return Profile(name, "timestamp" if time else "date", len(texts), date_format=written, proof=found[0][0])
    return None


def _year(match: re.Match[str]) -> str:
    return "%Y" if len(match["year"]) == 4 else "%y"


def _time(match: re.Match[str]) -> str:
    if not match["time"]:
        return ""
    start = re.match(r"[T ]+", match["time"])
    hour = "%I:%M" if match["half"] else "%H:%M"
    half = " %p" if match["half"] and match["half"].startswith(" ") else "%p" if match["half"] else ""
    fraction = (match["fraction"] or " ")[0].strip() + "%f" if match["fraction"] else ""
    return f"{start[0] if start else ' '}{hour}{':%S' if match['seconds'] else ''}{fraction}{half}"
