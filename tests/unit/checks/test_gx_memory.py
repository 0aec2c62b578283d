"""What an expectation remembers of its configuration is what it would derive anew."""

from __future__ import annotations

from orchestration.checks.gx_import import import_great_expectations
from orchestration.checks.gx_memory import configurations_remembered


def test_a_configuration_follows_its_fields_and_is_ones_own() -> None:
    import_great_expectations()
    import great_expectations.expectations as gxe
    from great_expectations.expectations.expectation import Expectation

    derive = Expectation.configuration
    expectation = gxe.ExpectColumnValuesToBeInSet(column="kind", value_set=["a", "b"], meta={"rule": "kind__accepted"})
    derived = expectation.configuration
    with configurations_remembered():
        assert expectation.configuration == expectation.configuration == derived
        changed = expectation.configuration
        changed.kwargs["column"] = "another"
        assert expectation.configuration == derived
        expectation.column = "state"
        assert expectation.configuration.kwargs == {"column": "state", "value_set": ["a", "b"]}
    assert Expectation.configuration is derive
