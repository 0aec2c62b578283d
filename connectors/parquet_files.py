"""Write Parquet so that a file under its final name is always whole: temporary name, fsync, rename."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.deliveries import fsync_folder

if TYPE_CHECKING:
    import duckdb

ROWS_A_GROUP = 122_880


def write_parquet(con: duckdb.DuckDBPyConnection, select: str, target: Path) -> int:
    """Writes what ``select`` gives to ``target`` (zstd) and returns the number of rows.

    The connection has no file access; pyarrow writes. (DuckDB would import pandas to take Arrow from outside.)
    """
    import pyarrow.parquet

    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    rows = 0
    try:
        reader = con.execute(select).to_arrow_reader(ROWS_A_GROUP)
        with temporary.open("wb") as file:
            with pyarrow.parquet.ParquetWriter(file, reader.schema, compression="zstd") as writer:
                for batch in reader:
                    writer.write_batch(batch)
                    rows += batch.num_rows
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(target)
        fsync_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)
    return rows
