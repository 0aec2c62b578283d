"""Put files under their final names so that one is always whole there: fsync, rename, fsync of the folder."""

from __future__ import annotations

import os
from pathlib import Path

from connectors.deliveries import fsync_folder


def keep_file(written: Path, target: Path) -> None:
    """Moves a file that was just written (on the same file system) to ``target``, in place of what may be there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with written.open("rb") as file:
        os.fsync(file.fileno())
    written.rename(target)
    fsync_folder(target.parent)
