"""From deliveries to stream rows: sources, how an export is recognised, read and mapped, and the ledger that counts it.

Belongs here: readers, format files and the mapping engine. Does not belong here: dbt, Dagster, settings; plain dataclasses
come in.
"""
