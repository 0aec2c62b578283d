"""How a build becomes the version that readers see.

Belongs here: the refresh lock, cloning, audit tables, the manifest, versions, the one atomic step, rollback
and retention. Does not belong here: what is checked (checks), what is built (dbt_project), when it runs
(refresh, Dagster).
"""
