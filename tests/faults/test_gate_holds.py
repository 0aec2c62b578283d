"""Whatever becomes of a check, of a run or of its door: the old version stays current until a whole new one is there."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.deliveries import hash_file
from data_contracts.errors import WorkledgerError
from orchestration import refresh as refreshing
from orchestration.checks.results import CheckResult
from orchestration.checks.suites import run_suites
from orchestration.closes import COLUMNS, Close
from orchestration.erasure.records import Erasure
from orchestration.events import RefreshReport
from orchestration.verification import verify
from orchestration.warehouse import prepare_warehouse
from orchestration.workspace import Workspace
from tests.faults.organisation import AS_OF, first_exports, new_workspace, second_exports
from tests.faults.plain_models import CHECK, plain_models
from tests.faults.published import compare

Heard = Callable[[str], list[CheckResult]]


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, stand_in in plain_models().items():
        monkeypatch.setattr(refreshing, name, stand_in)


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published version, and new exports that no refresh has read."""
    root = tmp_path_factory.mktemp("gate") / "waiting"
    root.mkdir()
    new_workspace(root)
    first_exports(root)
    with pytest.MonkeyPatch.context() as patch:
        for name, stand_in in plain_models().items():
            patch.setattr(refreshing, name, stand_in)
        assert report_of(root).published
    second_exports(root)
    return root


@pytest.fixture
def root(waiting: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(waiting, tmp_path / "workspace", symlinks=True))


@pytest.fixture
def undisturbed(waiting: Path, tmp_path: Path) -> Path:
    """The version that an undisturbed refresh makes."""
    whole = Path(shutil.copytree(waiting, tmp_path / "undisturbed", symlinks=True))
    assert report_of(whole).published
    return whole / "published" / "current"


def report_of(root: Path) -> RefreshReport:
    *_, report = refreshing.refresh(Workspace(root), as_of=date.fromisoformat(AS_OF))
    assert isinstance(report, RefreshReport)
    return report


def current(root: Path) -> str:
    return (root / "published" / "current").readlink().name


def require_the_same(root: Path, undisturbed: Path, *apart: str) -> None:
    assert compare(undisturbed, root / "published" / "current", apart) == {}


def said(status: str, run: str | None = None) -> Heard:
    return lambda run_id: [CheckResult(*CHECK, status, run or run_id, "model")]  # type: ignore[arg-type]


HEARD: dict[str, Heard] = {
    "errored": said("errored"),
    "skipped": said("skipped"),
    "failed": said("failed"),
    "missing": lambda _: [],
    "stale": said("passed", "the run before"),
}


@pytest.mark.parametrize("trial", HEARD)
def test_a_check_that_did_not_pass_in_this_run_keeps_the_old_version(
    trial: str, root: Path, undisturbed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current(root)
    with monkeypatch.context() as patch:
        patch.setattr(refreshing, "built_results", lambda _, __, run_id: HEARD[trial](run_id))
        report = report_of(root)
    assert not report.published
    assert [blocker.rule for blocker in report.blocked_by] == [CHECK[0]]
    assert current(root) == before
    assert report_of(root).published
    require_the_same(root, undisturbed)


def test_a_check_that_hangs_keeps_the_old_version(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare = prepare_warehouse

    def endless(state: Path, *arguments: Any, **more: Any) -> dict[str, int]:
        rows = prepare(state, *arguments, **more)
        with duckdb.connect(str(state)) as connection:
            (sql,) = connection.execute("select sql from duckdb_views() where view_name = 'absences'").fetchone() or (
                "",
            )
            select = sql.partition(" AS ")[2].rstrip(";").replace("WHERE CAST('f' AS BOOLEAN)", "")
            connection.execute(
                f"create or replace view streams.absences as select found.* from ({select}) as found, range(1000000000000)"
            )
            assert connection.execute("select count(*) from (from streams.absences limit 2)").fetchone() == (2,)
        return rows

    monkeypatch.setattr(refreshing, "prepare_warehouse", endless)
    monkeypatch.setattr(
        refreshing, "run_suites", lambda build, tables, run_id, _: run_suites(build, tables, run_id, 0.3)
    )
    before = current(root)
    report = report_of(root)
    assert not report.published
    assert "policy.check_minutes" in report.blocked_by[0].detail
    assert current(root) == before


def start(door: str, root: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.doors", door, str(root), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_a_dagster_step_killed_between_its_checks_and_publication(root: Path, undisturbed: Path) -> None:
    before = current(root)
    run = start("dagster", root, "die")
    told, _ = run.communicate(timeout=120)
    assert run.returncode == -signal.SIGKILL, told
    assert current(root) == before
    assert report_of(root).published
    require_the_same(root, undisturbed)


def test_a_run_started_twice_by_dagster_and_the_command_line_at_once(root: Path, undisturbed: Path) -> None:
    before = current(root)
    runs = [start(door, root) for door in ("dagster", "cli")]
    for run in runs:
        told, _ = run.communicate(timeout=120)
        assert run.returncode == 0, told
    versions = sorted(path.name for path in (root / "published" / "versions").iterdir())
    assert versions == [before, current(root)], "the one that came second had nothing to do"
    # Both doors speak of today.
    require_the_same(root, undisturbed, "audit.version.as_of_date", "workspace.as_of")


def lose_the_salt(workspace: Workspace) -> str:
    workspace.key_salt.unlink()
    return "key_salt"


def lose_a_close(workspace: Workspace) -> str:
    rows = workspace.closes / "2026-02.parquet"
    workspace.closes.mkdir()
    columns = ", ".join(f"null::{kind} as {name}" for name, kind in COLUMNS.items())
    duckdb.sql(f"copy (select {columns} limit 0) to '{rows}' (format parquet)")
    close = Close("2026-02", "2026-04-01T00:00:00+00:00", current(workspace.root), "", 0, 0, hash_file(rows), ())
    rows.with_suffix(".json").write_text(json.dumps(asdict(close)))
    assert report_of(workspace.root).published
    for file in workspace.closes.iterdir():
        file.unlink()
    return "closed_months"


def lose_the_list_of_the_erased(workspace: Workspace) -> str:
    workspace.erasures.mkdir()
    (workspace.erasures / "000001.json").write_text(json.dumps(asdict(Erasure(1, "2026-04-01T00:00:00+00:00"))))
    return "erasures"


@pytest.mark.parametrize("lose", [lose_the_salt, lose_a_close, lose_the_list_of_the_erased])
def test_what_a_version_stands_on_and_cannot_be_made_again_is_asked_for(
    root: Path, lose: Callable[[Workspace], str]
) -> None:
    workspace = Workspace(root)
    assert report_of(root).published
    assert verify(workspace).is_clean
    rule = lose(workspace)
    before = current(root)
    with pytest.raises(WorkledgerError, match=r"[Rr]estore it from the back-up"):
        report_of(root)
    assert current(root) == before
    assert [finding.rule for finding in verify(workspace).findings] == [rule]


def test_a_day_to_come_is_refused_since_what_is_released_for_it_would_stay(root: Path) -> None:
    before = current(root)
    with pytest.raises(WorkledgerError, match="still to come"):
        list(refreshing.refresh(Workspace(root), as_of=datetime.now(UTC).date() + timedelta(days=2)))
    assert current(root) == before
