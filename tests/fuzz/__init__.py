"""Mutated exports: whatever is done to a file, it ends in rows, quarantine or a clear error, and its account closes."""
