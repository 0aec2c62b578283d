"""What runs the way of a row: workspace, refresh, checks, publication, command line, Dagster.

Belongs here: code that ties connectors and the dbt project together. Does not belong here: rules about hours; those live in
the contracts, the formats and the models.
"""
