"""The only folder that imports dagster: definitions, assets, schedule, sensor.

Belongs here: how a refresh looks in Dagster. Does not belong here: what a refresh does; that is orchestration/refresh.py.
"""
