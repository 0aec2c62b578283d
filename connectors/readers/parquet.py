"""Parquet files, every value as the text that a CSV of the same data would hold.

Dates are 2026-01-31, local moments 2026-01-31 09:30:00, instants in UTC with a Z (2026-01-31T08:30:00Z), numbers plain, booleans
true or false. Lists and records are one cell of JSON. An empty text is nothing, as in every other kind of export.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.format_spec import FormatSpec
from connectors.readers.text_tables import TextTable, known_names, unknown_headers, usable_headers
from connectors.sql_text import literal, quoted
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    import duckdb

FILE_KINDS = ("parquet",)
INSTANT = "TIMESTAMP WITH TIME ZONE"
NESTED = ("STRUCT", "MAP", "UNION")


def headers(path: Path, spec: FormatSpec) -> dict[str, tuple[str, ...]]:
    """Columns of the one part. Raises WorkledgerError where the file is damaged."""
    (part,) = spec.tables
    return {part: usable_headers(_schema(path).names)}


def read(con: duckdb.DuckDBPyConnection, path: Path, spec: FormatSpec, scratch: Path) -> tuple[TextTable, ...]:
    """Rows of the file, in its order, as table ``raw_<part>`` in ``con``. Raises WorkledgerError where it is damaged."""
    import duckdb

    ((part, rules),) = spec.tables.items()
    found = usable_headers(_schema(path).names)
    columns = known_names(found, rules.headers)
    try:
        relation = con.execute(f"describe select * from read_parquet({literal(path)})").fetchall()
        cells = [
            f"nullif({_text(quoted(name), kind)}, '') as {quoted(column)}"
            for (name, kind, *_), column in zip(relation, columns, strict=True)
        ]
        con.execute(
            f"create or replace table {quoted(f'raw_{part}')} as"
            f" select {', '.join(cells)} from read_parquet({literal(path)})"
        )
    except duckdb.Error as error:
        raise _damaged(error) from error
    have = {name.lower() for name in columns}
    declared = dict.fromkeys((*rules.headers.required, *rules.headers.optional))
    return (
        TextTable(
            name=part,
            columns=columns,
            absent=tuple(name for name in declared if name.lower() not in have),
            unknown=unknown_headers(found, rules.headers),
            spelled=tuple(zip(found, columns, strict=True)),
        ),
    )


def _schema(path: Path) -> Any:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        schema = parquet.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(error) from error
    return schema


def _text(column: str, kind: str) -> str:
    if kind == INSTANT:
        local = f"({column} at time zone 'UTC')"
        return f"replace({local}::varchar, ' ', 'T') || 'Z'"
    if kind.endswith("]") or kind.startswith(NESTED):
        return f"to_json({column})::varchar"
    if kind == "BLOB":
        return f"hex({column})"
    return f"{column}::varchar"


def _damaged(error: Exception) -> WorkledgerError:
    return WorkledgerError(
        f"The Parquet file cannot be read: {str(error).strip().splitlines()[0]}",
        remedy="Export it again; a cut-off file ends like this.",
    )
