"""Writes that survive a power cut: the bytes reach the disk before the name does."""

from __future__ import annotations

import os
from pathlib import Path


def fsync_path(path: Path) -> None:
    """Flush one file or folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_tree(folder: Path) -> None:
    """Flush every file under ``folder``, then its folders from the deepest up."""
    entries = sorted(folder.rglob("*"), key=lambda path: len(path.parts), reverse=True)
    for path in [entry for entry in entries if entry.is_file()]:
        fsync_path(path)
    for path in [entry for entry in entries if entry.is_dir()]:
        fsync_path(path)
    fsync_path(folder)


def write_durably(path: Path, text: str) -> None:
    """Replace ``path`` by ``text`` in one step: readers see the old text or the new, whole."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    fsync_path(temporary)
    temporary.replace(path)
    fsync_path(path.parent)


def point_durably(link: Path, target: str) -> None:
    """Make ``link`` a symlink to ``target`` in one step, whatever it pointed to before."""
    temporary = link.with_name(f".{link.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)
    fsync_path(link.parent)
