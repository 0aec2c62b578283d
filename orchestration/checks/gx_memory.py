"""What Great Expectations works out again and again, worked out once or cheaply: of its time nothing else is worth the trouble.

An expectation's configuration is derived from its fields some hundred times a rule, a fifth of all: while checks run, each
expectation remembers it for as long as its fields are the same. And the other way: of a configuration an expectation is made and
validated anew for every metric. A metric is known by a hash over its arguments, each of which is tried for every type of NumPy
before it turns out to be nothing: a third of the rest. And what a metric stands on is gone through again for each that stands on
it.

Import Great Expectations first: this module asks for nothing until it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class _Origin:
    """The expectation that a configuration is of, and with which arguments. Not copied with it."""

    expectation: Any
    arguments: dict[str, Any]

    def __deepcopy__(self, memo: object) -> _Origin:
        return self


@contextmanager
def remembered() -> Iterator[None]:
    """Within it ``Expectation.configuration`` gives a copy of what it gave before, unless a field has changed, and such a copy
    gives back the expectation, unless its arguments have. A graph of metrics goes through what each stands on once.
    """
    from great_expectations.core import id_dict
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.validator.validation_graph import ValidationGraph

    derive, make = Expectation.configuration, ExpectationConfiguration.to_domain_obj
    known_of: dict[int, tuple[Any, dict[str, Any], Any]] = {}

    def configuration(self: Any) -> Any:
        known = known_of.get(id(self))
        if known is None or known[1] != vars(self):
            # The expectation itself is kept with it, so that no other can come to have its id.
            known = known_of[id(self)] = (self, dict(vars(self)), derive.fget(self))
        # What copy.copy gives, without asking how: a rule is asked some eighty times.
        told = object.__new__(type(known[2]))
        told.__dict__.update(known[2].__dict__, _kwargs=dict(known[2]._kwargs))
        told.__dict__["_origin"] = _Origin(self, known[2]._kwargs)
        return told

    def expectation(self: Any) -> Any:
        origin = vars(self).get("_origin")
        return origin.expectation if origin and origin.arguments == self._kwargs else make(self)

    explore = ValidationGraph.build_metric_dependency_graph

    def explore_once(self: Any, metric_configuration: Any, runtime_configuration: Any = None) -> None:
        explored = vars(self).setdefault("_explored", set())
        if metric_configuration.id not in explored:
            explore(self, metric_configuration, runtime_configuration)
            explored.add(metric_configuration.id)

    convert = id_dict.convert_to_json_serializable
    Expectation.configuration = property(configuration)
    ExpectationConfiguration.to_domain_obj = expectation
    ValidationGraph.build_metric_dependency_graph = explore_once
    id_dict.convert_to_json_serializable = lambda data: _as_json(data, convert)
    try:
        yield
    finally:
        Expectation.configuration = derive
        ExpectationConfiguration.to_domain_obj = make
        ValidationGraph.build_metric_dependency_graph = explore
        id_dict.convert_to_json_serializable = convert


def _as_json(data: Any, convert: Callable[[Any], Any]) -> Any:
    """As ``convert`` has it, which is asked only of what is not plain."""
    if data is None or type(data) in (str, int, bool):
        return data
    if isinstance(data, dict):
        return {str(key): _as_json(value, convert) for key, value in data.items()}
    if type(data) is list:
        return [_as_json(value, convert) for value in data]
    return convert(data)
