"""Write Parquet so that a file under its final name is always whole: temporary name, fsync, rename."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.deliveries import fsync_folder
from connectors.readers.text_tables import literal

if TYPE_CHECKING:
    import duckdb


def write_parquet(trusted: duckdb.DuckDBPyConnection, rows: Any, target: Path) -> None:
    """Writes an Arrow reader to ``target`` (zstd). Errors of the query behind the reader come out as duckdb.Error."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        trusted.register("_rows", rows)
        trusted.execute(f"copy (select * from _rows) to {literal(str(temporary))} (format parquet, compression zstd)")
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.rename(target)
        fsync_folder(target.parent)
    finally:
        trusted.unregister("_rows")
        temporary.unlink(missing_ok=True)
