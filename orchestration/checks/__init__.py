"""What is checked and what the gate makes of it.

Belongs here: contract → suite, runner results → CheckResult, the expected set, the gate's decision. Does
not belong here: Dagster, moving files (publication), rules about hours (contracts, models and gap models
hold those).
"""
