"""Attacks on what is published: each tries to learn what its reader may not, and says what got through."""
