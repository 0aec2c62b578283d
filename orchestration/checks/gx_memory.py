"""Great Expectations derives an expectation's configuration from its fields some hundred times a rule: a fifth of its time.

While checks run, each expectation remembers it for as long as its fields are the same.

Import Great Expectations first: this module asks for nothing until it is used.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def configurations_remembered() -> Iterator[None]:
    """Within it ``Expectation.configuration`` gives a copy of what it gave before, unless a field has changed."""
    from great_expectations.expectations.expectation import Expectation

    derive = Expectation.configuration
    remembered: dict[int, tuple[Any, dict[str, Any], Any]] = {}

    def configuration(self: Any) -> Any:
        known = remembered.get(id(self))
        if known is None or known[1] != vars(self):
            # The expectation itself is kept with it, so that no other can come to have its id.
            known = remembered[id(self)] = (self, dict(vars(self)), derive.fget(self))
        told = copy.copy(known[2])
        told._kwargs = dict(told._kwargs)
        return told

    Expectation.configuration = property(configuration)
    try:
        yield
    finally:
        Expectation.configuration = derive
