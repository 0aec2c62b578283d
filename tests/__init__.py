"""Tests, by what they hold: unit, formats, contracts, warehouse, oracle, faults, architecture, end to end."""
