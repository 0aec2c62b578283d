"""The independent oracle: random organisations, a slow and plain reading of the definitions, and the comparison with every
published number. Nothing here looks into the SQL of the models; examples a reader can follow belong in tests/warehouse."""
