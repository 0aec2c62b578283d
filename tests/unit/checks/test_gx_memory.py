"""What Great Expectations is spared to work out anew is what it would come to."""

from __future__ import annotations

import copy
import math
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orchestration.checks.gx_import import import_great_expectations
from orchestration.checks.gx_memory import remembered


def test_a_configuration_follows_its_fields_and_is_ones_own() -> None:
    import_great_expectations()
    import great_expectations.expectations as gxe
    from great_expectations.expectations.expectation import Expectation

    derive = Expectation.configuration
    expectation = gxe.ExpectColumnValuesToBeInSet(column="kind", value_set=["a", "b"], meta={"rule": "kind__accepted"})
    derived = expectation.configuration
    with remembered():
        assert expectation.configuration == expectation.configuration == derived
        changed = expectation.configuration
        changed.kwargs["column"] = "another"
        assert expectation.configuration == derived
        expectation.column = "state"
        assert expectation.configuration.kwargs == {"column": "state", "value_set": ["a", "b"]}
    assert Expectation.configuration is derive


def test_of_a_configuration_comes_the_expectation_that_it_tells_of() -> None:
    import_great_expectations()
    import great_expectations.expectations as gxe

    expectation = gxe.ExpectColumnValuesToBeInSet(column="kind", value_set=["a", "b"], meta={"rule": "kind__accepted"})
    with remembered():
        assert expectation.configuration.to_domain_obj() is expectation
        assert copy.deepcopy(expectation.configuration).to_domain_obj() == expectation
        changed = expectation.configuration
        changed.kwargs["column"] = "another"
        assert (changed.to_domain_obj().column, expectation.column) == ("another", "kind")
    assert expectation.configuration.to_domain_obj() is not expectation


plain = st.none() | st.booleans() | st.integers() | st.text() | st.floats() | st.dates()
arguments = st.recursive(
    plain,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=12,
)


@given(data=st.dictionaries(st.text(), arguments, min_size=2))
def test_metrics_are_known_by_the_same_names(data: dict[str, Any]) -> None:
    import_great_expectations()
    from great_expectations.core.id_dict import IDDict

    named = IDDict(data).to_id()
    with remembered():
        assert IDDict(data).to_id() == named
    assert IDDict(data).to_id() == named


def test_what_is_not_plain_is_left_to_great_expectations() -> None:
    import_great_expectations()
    from great_expectations.core.id_dict import IDDict

    told = IDDict({"a": [math.nan, date(2026, 1, 1)], "b": {1: (None, {True})}, "c": Decimal("1.5")})
    named = told.to_id()
    with remembered():
        assert told.to_id() == named
