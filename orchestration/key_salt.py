"""The workspace's own secret in every person's key.

A key made of an address alone could be computed by whoever knows the address. The salt is an input of every version, as a
reference file is: the same salt, the same keys. Lose it, and every person has another key in the next version; keep it with the
back-up.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

from connectors.durable import make_folder, write_durably
from data_contracts.errors import WorkledgerError

BYTES = 16


def key_salt(path: Path) -> str:
    """The salt at ``path``, made at first use and readable by its owner only. Raises WorkledgerError where it is damaged."""
    if not path.exists():
        _make(path)
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if len(text) < 2 * BYTES:
        raise WorkledgerError(
            "The salt of person keys is damaged",
            where=str(path),
            remedy="Restore it from the back-up. Without it, remove the file: everybody gets another key.",
        )
    return text


def salt_mark(path: Path) -> str:
    """A hash of the salt, which a version may show: it tells whether the salt is still the same, and no more."""
    return hashlib.sha256(f"mark of {key_salt(path)}".encode()).hexdigest()


def require_salt(path: Path, mark: str) -> None:
    """Raises WorkledgerError where a version was made with another salt than the one at ``path``. ``mark`` is empty for versions
    that do not say."""
    if mark and not (path.exists() and salt_mark(path) == mark):
        raise WorkledgerError(
            "The salt of person keys is not the one of the current version: everybody would get another key",
            where=str(path),
            remedy="Restore it from the back-up. Where there is none, move the folder published away: then keys begin anew.",
        )


def _make(path: Path) -> None:
    make_folder(path.parent, 0o700)
    write_durably(path, secrets.token_hex(BYTES) + "\n", mode=0o400)
