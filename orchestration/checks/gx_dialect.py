"""DuckDB for Great Expectations: a SQLAlchemy dialect without transactions, over a connection that is open
already.

Great Expectations ends a transaction before it fetches, and a rollback discards a DuckDB result: every
expectation then fails with ``IndexError``. Checks only read, so this dialect begins, commits and rolls back
nothing.

Import this module inside functions only: it imports SQLAlchemy.
"""

from __future__ import annotations

from typing import Any

import duckdb_engine
from sqlalchemy import types
from sqlalchemy.dialects import registry

from connectors.sql_text import quoted

NAME = "workledger_duckdb"


class Untyped(types.NullType):  # type: ignore[misc]
    """No type. SQLAlchemy makes a whole dialect to say so in words, and Great Expectations asks it of every column."""

    def __str__(self) -> str:
        return "NULL"


class WorkledgerDialect(duckdb_engine.Dialect):  # type: ignore[misc]
    """Reads through the views of a DuckDB connection that is handed over, opened and closed by its owner."""

    name = NAME
    supports_statement_cache = False

    def connect(self, *arguments: Any, **parameters: Any) -> Any:
        """The cursor that the caller already has (``over``), so that its views are seen and it can be interrupted."""
        return duckdb_engine.ConnectionWrapper(parameters["over"])

    def do_begin(self, connection: Any) -> None:
        """Nothing: see the module."""

    def do_commit(self, connection: Any) -> None:
        """Nothing: see the module."""

    def do_rollback(self, connection: Any) -> None:
        """Nothing: see the module."""

    def get_columns(self, connection: Any, table_name: str, schema: Any = None, **kw: Any) -> list[dict[str, Any]]:
        """Column names of a view. Types play no part in our rules, and duckdb_engine's catalog query costs
        40 ms a table.
        """
        described = connection.exec_driver_sql(f"describe {quoted(table_name)}").fetchall()
        return [{"name": row[0], "type": Untyped(), "nullable": True, "default": None} for row in described]

    def get_pk_constraint(self, connection: Any, table_name: str, schema: Any = None, **kw: Any) -> dict[str, Any]:
        """A view has no key; asking the catalog costs another 10 ms a table."""
        return {"constrained_columns": [], "name": None}


def register() -> None:
    """Make ``workledger_duckdb://`` known to SQLAlchemy."""
    registry.register(NAME, __name__, WorkledgerDialect.__name__)
