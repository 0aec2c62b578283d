"""A refresh at sizes that a large firm has after years, against one script written by hand over the same files."""
