"""How a person is taken out of all that a workspace keeps.

Belongs here: who is meant, what holds them, each place that they are taken out of, and the record that it was done. Does not
belong here: which rows of a stream are a person's (connectors/persons.py), leaving them out of exports that still come
(connectors/suppression.py), writing a version's files anew (publication/erasing.py).
"""
