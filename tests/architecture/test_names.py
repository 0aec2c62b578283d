"""A newcomer guesses a thing's home: one name in every folder, the layer in the name, files that hold one idea."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from data_contracts.load import stream_names
from orchestration.gap_thresholds import THRESHOLDS

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "dbt_project" / "models"
PREFIXES = {
    "staging": ("stg_",),
    "intermediate": ("int_",),
    "core": ("fct_", "dim_"),
    "gaps": ("gap_",),
    "marts": ("mart_",),
}
TOP_LEVEL = {
    ".ci",
    ".gitignore",
    "LICENSE",
    "Makefile",
    "README.md",
    "connectors",
    "data_contracts",
    "dbt_project",
    "docs",
    "orchestration",
    "pyproject.toml",
    "requirements.lock",
    "tests",
}


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


def test_every_stream_has_its_staging_model_contract_and_no_other_name() -> None:
    staging = {path.stem.removeprefix("stg_"): path for path in (MODELS / "staging").glob("stg_*.sql")}
    assert set(stream_names()) <= set(staging)
    # Beside them only what several streams share (people and projects as written) or every delivered version of a stream.
    others = {
        name for name, path in staging.items() if name not in stream_names() and "streams" not in path.read_text()
    }
    assert others <= {"actors", "project_refs"}


def test_gap_models_ask_for_the_limits_that_policy_may_set_and_for_no_others() -> None:
    asked = {
        (rule, name)
        for path in (MODELS / "gaps").glob("gap_*.sql")
        for rule, names in re.findall(r"thresholds\('(\w+)', \[([^\]]*)\]", path.read_text())
        for name in re.findall(r"'(\w+)'", names)
        if path.stem == f"gap_{rule}"
    }
    assert asked == {(limit.rule, limit.name) for limit in THRESHOLDS}


@pytest.mark.parametrize("layer", PREFIXES)
def test_models_carry_their_layer_in_the_name(layer: str) -> None:
    models = [path.stem for path in (MODELS / layer).rglob("*.sql")]
    assert models
    assert [name for name in models if not name.startswith(PREFIXES[layer])] == []


def test_only_staging_reads_the_streams() -> None:
    readers = [
        path.relative_to(MODELS).as_posix()
        for path in MODELS.rglob("*.sql")
        if re.search(r"source\(\s*['\"]streams['\"]", path.read_text()) and "staging" not in path.parts
    ]
    assert readers == []


def test_no_model_asks_the_clock() -> None:
    clock = re.compile(
        r"\b(now|today|get_current_timestamp|current_localtimestamp)\s*\(|\bcurrent_(date|timestamp)\b", re.I
    )
    guilty = [
        path.relative_to(MODELS).as_posix()
        for path in [*MODELS.rglob("*.sql"), *(ROOT / "dbt_project" / "macros").rglob("*.sql")]
        if clock.search(re.sub(r"--.*|\{#.*?#\}", "", path.read_text()))
    ]
    assert guilty == []


def test_marts_read_core_and_gaps_only() -> None:
    guilty = {
        path.stem: found
        for path in (MODELS / "marts").rglob("*.sql")
        if (found := re.findall(r"ref\(\s*['\"]((?:stg|int)_\w+)['\"]", path.read_text()))
    }
    assert guilty == {}


def test_top_level_is_kept_short() -> None:
    assert {name.split("/")[0] for name in _tracked()} <= TOP_LEVEL


def test_files_hold_one_idea() -> None:
    long = {
        name: lines
        for name in _tracked()
        if name.endswith((".py", ".sql"))
        and (ROOT / name).is_file()
        and (lines := len((ROOT / name).read_text().splitlines())) > 450
    }
    assert long == {}


def test_no_path_of_a_machine_is_written_down() -> None:
    machine = re.compile(r"(?<![\w.])/(work|home|root|Users)/[a-z]")
    texts = (".py", ".sql", ".md", ".yml", ".yaml", ".toml", ".lock", "Makefile", "run")
    guilty = [
        name
        for name in _tracked()
        if name.endswith(texts) and (ROOT / name).is_file() and machine.search((ROOT / name).read_text())
    ]
    assert guilty == []
