"""What became of a model becomes a CheckResult; what was not built is not taken for a pass."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration.build import BuildStatus, BuiltModel
from orchestration.checks.built import built_results
from orchestration.models import CompiledModel

MODEL = CompiledModel(
    "model.workledger.stg_time_entries", "state", "staging", "stg_time_entries", "table", "select 1", {}, ()
)


@pytest.mark.parametrize("status", ["passed", "errored", "skipped"])
def test_a_model_answers_for_itself(manifest: dict[str, Any], status: BuildStatus) -> None:
    said = "" if status == "passed" else "said"
    (found,) = built_results([BuiltModel(MODEL, status, problem=said)], manifest, "run")
    assert (found.rule, found.table) == ("stg_time_entries__built", "staging.stg_time_entries")
    assert (found.status, found.severity, found.run_id, found.phase) == (status, "blocks", "run", "model")
    assert found.detail == said
