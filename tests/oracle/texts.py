"""How names written in different ways are the same name."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> str | None:
    """A name without surrounding blanks and in lower case; None where nothing is written."""
    text = str(value).strip().lower() if value is not None else ""
    return text or None
