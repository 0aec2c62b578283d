"""Writes that survive a power cut: the bytes reach the disk before the name does, and folders before what lies in them."""

from __future__ import annotations

import os
from pathlib import Path

WRITING = ".writing"


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


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make ``folder`` with this ``mode``, and what it lies in, where that is missing; each new name is on disk."""
    missing = [path for path in (folder, *folder.parents) if not path.is_dir()]
    for path in reversed(missing):
        path.mkdir(mode if path == folder else 0o777, exist_ok=True)
        fsync_path(path.parent)


def keep_file(written: Path, target: Path) -> None:
    """Move a file that was just written (on the same file system) to ``target``, in place of what may be there."""
    make_folder(target.parent)
    fsync_path(written)
    written.replace(target)
    fsync_path(target.parent)


def temporary_of(path: Path) -> Path:
    """Where ``path`` is written before it gets its name, with nothing there yet.

    One for each path, since who writes holds the workspace's lock: what a killed write left goes with the next.
    """
    temporary = path.with_name(f".{path.name}{WRITING}")
    temporary.unlink(missing_ok=True)
    return temporary


def write_durably(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace ``path`` by ``text`` in one step: readers see the old text or the new, whole."""
    encoded = text.encode("utf-8")
    temporary = temporary_of(path)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(encoded)
    fsync_path(temporary)
    temporary.replace(path)
    fsync_path(path.parent)


def point_durably(link: Path, target: str) -> None:
    """Make ``link`` a symlink to ``target`` in one step, whatever it pointed to before."""
    temporary = temporary_of(link)
    temporary.symlink_to(target)
    temporary.replace(link)
    fsync_path(link.parent)
