"""Organisations with planted faults that the gap rules were not tuned on: what is found, and what is raised for nothing."""
