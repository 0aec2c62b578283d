"""The secret in person keys: made once, the owner's alone, an input of the version, and nowhere else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from data_contracts.errors import WorkledgerError
from orchestration.fingerprint import fingerprint
from orchestration.intake import Counting
from orchestration.key_salt import key_salt
from orchestration.workspace import Workspace

NOTHING = Counting({}, [], [])


def test_it_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "person_key_salt"
    made = key_salt(path)
    assert len(made) == 32
    assert key_salt(path) == made
    assert path.stat().st_mode & 0o777 == 0o400
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert key_salt(tmp_path / "other" / "person_key_salt") != made


def test_a_damaged_one_is_not_replaced_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "person_key_salt"
    path.write_text("cut")
    with pytest.raises(WorkledgerError, match="back-up"):
        key_salt(path)
    assert path.read_text() == "cut"


def test_another_salt_is_another_version(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.config.touch()
    mark = fingerprint(workspace, NOTHING, date(2026, 11, 20), "code")
    assert fingerprint(workspace, NOTHING, date(2026, 11, 20), "code") == mark
    workspace.key_salt.unlink()
    assert fingerprint(workspace, NOTHING, date(2026, 11, 20), "code") != mark
