"""The whole product through its command line and its published files."""
