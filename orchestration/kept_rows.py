"""What the kept Parquet files of a stream hold, to be compared with what the ledger says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.mapping_sql import DURATIONS
from connectors.sql_text import literal, literals


@dataclass(frozen=True)
class KeptFile:
    """One delivery's file of a stream, and the file of what could not be read of it, if there is one."""

    path: Path
    delivery_id: str
    quarantine: Path | None = None


@dataclass(frozen=True)
class KeptRows:
    """Primary rows that were loaded, microseconds in them (0 for streams without durations), and rows of another delivery."""

    loaded: int
    us: int
    foreign: int


def count_kept(stream: str, files: Sequence[KeptFile]) -> dict[Path, KeptRows | str]:
    """What each file holds, or why it cannot be read. All files are read at once; one by one only where that fails."""
    import duckdb

    try:
        return {**_count(stream, files)}
    except duckdb.Error as error:
        if len(files) == 1:
            return {files[0].path: str(error).strip().splitlines()[0]}
    counted: dict[Path, KeptRows | str] = {}
    for file in files:
        counted.update(count_kept(stream, [file]))
    return counted


def _count(stream: str, files: Sequence[KeptFile]) -> dict[Path, KeptRows]:
    """A primary row that was quarantined in part counts as quarantined, also where it expands to rows that could be read."""
    import duckdb

    # Written out: to bind lists, DuckDB imports pandas, which takes seconds.
    expected = ", ".join(f"({literal(file.path)}, {literal(file.delivery_id)})" for file in files)
    read = f"read_parquet({literals(file.path for file in files)}, union_by_name = true, filename = true)"
    quarantines = {file.quarantine for file in files if file.quarantine}
    gone = "select null::varchar as delivery_id, null::bigint as _row where false"
    if quarantines:
        source = f"read_parquet({literals(sorted(quarantines))}, union_by_name = true)"
        gone = f"select distinct delivery_id, _row from {source} where stream = {literal(stream)} and _row is not null"
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        rows = con.execute(
            f"""with expected(file, delivery_id) as (values {expected}), gone as ({gone}), kept as (
                select filename, delivery_id, _row, sum({DURATIONS.get(stream, "0")})::bigint as us, count(*) as row_count
                from {read} group by filename, delivery_id, _row
            ), judged as (
                select kept.*, gone._row is null as is_loaded
                from kept left join gone on kept.delivery_id = gone.delivery_id and kept._row = gone._row
            )
            select expected.file, count(judged._row) filter (where is_loaded), coalesce(sum(judged.us), 0)::bigint,
                coalesce(sum(judged.row_count) filter (where judged.delivery_id is distinct from expected.delivery_id), 0)::bigint
            from expected left join judged on expected.file = judged.filename
            group by expected.file order by expected.file"""
        ).fetchall()
    return {Path(file): KeptRows(loaded, us, foreign) for file, loaded, us, foreign in rows}
