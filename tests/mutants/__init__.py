"""Mutation proof of the conformed model: every rule broken on purpose, one at a time, and whether the oracle notices."""
