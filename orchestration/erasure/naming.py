"""Whether files of any kind name a person: exports as they came, logs, notes."""

from __future__ import annotations

import re
from pathlib import Path

from connectors.persons import Person
from connectors.raw_texts import UNREADABLE, texts_of


def names_person(path: Path, person: Person) -> bool:
    """Whether a file names the person anywhere. A file that cannot be opened is taken to."""
    try:
        return any(_names(text.lower(), person) for text in texts_of(path))
    except UNREADABLE:
        return True


def _names(lower: str, person: Person) -> bool:
    """Looking for plain text is many times faster than a pattern."""
    return any(text.lower() in lower for text in person.texts) or any(
        word.lower() in lower and re.search(rf"\b{re.escape(word.lower())}\b", lower) for word in person.whole_words
    )
