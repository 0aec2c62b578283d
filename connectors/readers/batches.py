"""Rows that arrive one by one go to a text table in batches; a field that is new becomes a column.

For readers whose columns are known only once all rows are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.format_spec import Part
from connectors.readers.text_tables import MOST_COLUMNS, TextTable, known_names, unknown_headers, usable_headers
from connectors.sql_text import literal, quoted
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    import duckdb

BATCH = 400_000  # cells, so that rows of many fields do not take more memory than rows of few
NOTHING = "_nothing"


class GrowingTable:
    """Table ``raw_<part>`` in ``con``; batches pass through a Parquet file in ``scratch``.

    Add rows (field → text, None or '' for nothing) in the order of the export, then ``finish``.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, part: str, scratch: Path) -> None:
        self._con, self._part, self._scratch = con, part, scratch
        self._fields: dict[str, str] = {}
        self._rows: list[Mapping[str, str | None]] = []
        self._cells = 0
        self._made: int | None = None
        con.execute(f"create or replace table {self._table} ({NOTHING} varchar)")

    @property
    def _table(self) -> str:
        return quoted(f"raw_{self._part}")

    def add(self, row: Mapping[str, str | None]) -> None:
        """One more row. Raises WorkledgerError where fields are more than any export has."""
        for field in row:
            if field not in self._fields:
                self._new_column(field)
        self._rows.append(row)
        self._cells += len(row) + 1
        if self._cells >= BATCH:
            self._flush()

    def finish(self, rules: Part) -> TextTable:
        """Writes what is left, and calls columns by the names that the format knows."""
        self._flush()
        found = tuple(self._fields.values())
        columns = known_names(found, rules.headers)
        for old, new in zip(found, columns, strict=True):
            if old != new:
                self._con.execute(f"alter table {self._table} rename column {quoted(old)} to {quoted(new)}")
        declared = dict.fromkeys((*rules.headers.required, *rules.headers.optional))
        have = {name.lower() for name in columns}
        return TextTable(
            name=self._part,
            columns=columns,
            absent=tuple(name for name in declared if name.lower() not in have),
            unknown=unknown_headers(found, rules.headers),
        )

    def _new_column(self, field: str) -> None:
        if len(self._fields) == MOST_COLUMNS:
            raise WorkledgerError(
                f"The rows have more than {MOST_COLUMNS} different fields",
                where=f"such as {field}",
                remedy="Keys seem to be data there: export fewer fields.",
            )
        self._fields[field] = usable_headers([*self._fields, field])[-1]

    def _flush(self) -> None:
        if not self._rows:
            return
        import pyarrow as pa
        import pyarrow.parquet

        names = list(self._fields.values()) or [NOTHING]
        self._add_columns()
        fields = list(self._fields) or [NOTHING]
        arrays = [pa.array([row.get(field) or None for row in self._rows], pa.string()) for field in fields]
        file = self._scratch / f"{self._part}.batch"
        self._scratch.mkdir(parents=True, exist_ok=True)
        pyarrow.parquet.write_table(pa.Table.from_arrays(arrays, names=names), file, compression="none")
        self._con.execute(f"insert into {self._table} by name select * from read_parquet({literal(file)})")
        file.unlink()
        self._rows.clear()
        self._cells = 0

    def _add_columns(self) -> None:
        """The first batch makes the table anew, which is quicker than column by column."""
        names = [quoted(name) for name in self._fields.values()]
        if self._made is None:
            self._con.execute(
                f"create or replace table {self._table} ({', '.join(f'{name} varchar' for name in [*names, NOTHING])})"
            )
        else:
            for name in names[self._made :]:
                self._con.execute(f"alter table {self._table} add column {name} varchar")
        self._made = len(names)
