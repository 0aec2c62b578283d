"""Benchmarks, each against what a user would write instead, in the same run. The tests run them small, for the rows they give."""
