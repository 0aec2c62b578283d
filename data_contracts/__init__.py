"""What every stream and published table promises: ODCS contracts and the code that loads them.

Belongs here: hand-written stream contracts, the published contracts exported from dbt's manifest, the loader, the error type
that every layer raises. Does not belong here: reading exports, mapping, models, checks.
"""
