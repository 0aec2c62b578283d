"""The command line: thin commands over the same plain functions that Dagster calls.

Belongs here: arguments, rendering, exit codes. Does not belong here: anything that decides what a number is.
"""
