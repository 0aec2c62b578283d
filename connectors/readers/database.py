"""What a database answered, as databases.py kept it: Parquet whose every value is text already."""

from __future__ import annotations

from connectors.readers.parquet import FILE_KINDS, headers, read

__all__ = ["FILE_KINDS", "headers", "read"]
