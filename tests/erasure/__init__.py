"""A person is erased: from a small workspace in the tests, from the sample organisation with ``make erasure``."""
