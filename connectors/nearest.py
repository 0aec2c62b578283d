"""Name the nearest known word, so that an error about a typo says what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word closest to ``word``, letter case apart; None where nothing is close."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence for an error's remedy: the nearest word, else the list of known ones."""
    names = sorted(known)
    guess = nearest(word, names)
    return f"Did you mean {guess!r}?" if guess else f"Known: {', '.join(names) or 'none'}."
