"""Bytes to text rows: one module per kind of file, each turning an export into text tables in DuckDB.

Belongs here: readers and what they share. Does not belong here: types, dates, units, names of streams; those are the format's.
"""
