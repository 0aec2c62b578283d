"""Whether files of any kind name a person: exports as they came, logs, notes."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from connectors.persons import Person, spellings
from connectors.raw_texts import UNREADABLE, texts_of


def names_person(path: Path, person: Person) -> bool:
    """Whether a file names the person anywhere. A file that cannot be opened is taken to."""
    try:
        return any(_names(text.lower(), person) for text in texts_of(path))
    except UNREADABLE:
        return True


def is_named_after(path: str, person: Person) -> bool:
    """Whether the name of a file or of a folder on the way to it tells of the person, whatever stands between the words."""
    words = _words(path)
    return any(f" {_words(text)} " in f" {words} " for text in (*person.texts, *person.whole_words) if _words(text))


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).lower()))


def _names(lower: str, person: Person) -> bool:
    """Looking for plain text is many times faster than a pattern."""
    return any(spelling in lower for text in person.texts for spelling in spellings(text)) or any(
        word.lower() in lower and re.search(rf"\b{re.escape(word.lower())}\b", lower) for word in person.whole_words
    )
