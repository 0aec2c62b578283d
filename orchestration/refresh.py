"""The way of a row, from new exports to a published version: one plain generator for every door.

The order is fixed: extract → streams → stream checks → models → published-table checks → gate → publication. The workspace's
lock is held throughout, so refreshes started at the same time queue, whichever door they came through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from data_contracts.errors import WorkledgerError
from data_contracts.load import load_streams
from orchestration.build import BuiltModel, build_models
from orchestration.checks.attached import attached
from orchestration.checks.built import built_results
from orchestration.checks.data_tests import run_data_tests
from orchestration.checks.expected import ExpectedCheck, expected_checks
from orchestration.checks.gaps import KnownGap, gap_results
from orchestration.checks.gate import Verdict, decide
from orchestration.checks.results import CheckResult, write_results
from orchestration.checks.rules import all_published_rules, all_stream_rules
from orchestration.checks.suites import run_suites
from orchestration.closes import read_closes, require_closes
from orchestration.code_version import code_version
from orchestration.erasure.records import require_list, require_none_under_way
from orchestration.events import Blocker, Checked, Event, Materialised, RefreshReport
from orchestration.fingerprint import fingerprint, input_hashes
from orchestration.gap_history import record_gaps
from orchestration.inspection import require_known_checks
from orchestration.intake import Counting, let_old_bytes_go, new_files, store_of, take_in, what_counts
from orchestration.key_salt import require_salt, salt_mark
from orchestration.machine import share_of
from orchestration.models import load_compiled, load_manifest_json
from orchestration.publication.audiences import narrow_audiences, promised_to_readers
from orchestration.publication.audit import count_rows, write_audit
from orchestration.publication.carried_over import keep_only, version_to_build_on
from orchestration.publication.clone import open_build
from orchestration.publication.hold import require_no_hold
from orchestration.publication.layout import STATE, database_files
from orchestration.publication.lock import refresh_lock
from orchestration.publication.manifest import DeliveryIn, Manifest, read_manifest, summarise
from orchestration.publication.publish import prune_builds, publish
from orchestration.publication.retention import prune_runs, remove_expired
from orchestration.publication.retention import published_at as instant_of
from orchestration.publication.versions import current_version, version_folder, version_id
from orchestration.published_contracts import promised_columns
from orchestration.releases import read_releases, record_release, require_kept
from orchestration.stopwatch import Progress, Stopwatch
from orchestration.warehouse import prepare_warehouse
from orchestration.warm_up import warm_up
from orchestration.workspace import Workspace


@dataclass(frozen=True)
class _Run:
    """What stays the same throughout one refresh."""

    workspace: Workspace
    run_id: str
    started_at: datetime
    as_of: date
    #: The code as it was when the run began: what is installed meanwhile does not put its name to what this made.
    code: str
    watch: Stopwatch

    @property
    def folder(self) -> Path:
        """Logs and check results of this run; kept."""
        return self.workspace.data / "runs" / self.run_id


def refresh(
    workspace: Workspace,
    *,
    as_of: date | None = None,
    force: bool = False,
    door: str = "python",
    progress: Progress | None = None,
) -> Iterator[Event]:
    """Run one refresh; the last event is a RefreshReport.

    ``as_of`` is today in the workspace's zone if left out. Raises WorkledgerError where the workspace itself is wrong. A file
    that cannot be read, a failed check or a failed model is no exception: it is an event, and the report says what blocked.
    """
    settings = workspace.settings
    require_known_checks(workspace)
    now = datetime.now(UTC)
    run = _Run(
        workspace,
        run_id=f"{now:%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}",
        started_at=now,
        as_of=as_of or now.astimezone(ZoneInfo(settings.zone)).date(),
        code=code_version(),
        watch=Stopwatch(progress),
    )
    with refresh_lock(workspace.lock, f"{run.run_id} ({door})", lambda holder: run.watch.tell(f"waiting for {holder}")):
        yield from _locked(run, force)


def _locked(run: _Run, force: bool) -> Iterator[Event]:
    require_none_under_way(run.workspace)
    require_list(run.workspace, store_of(run.workspace).suppressed)
    current = current_version(run.workspace.published)
    published = read_manifest(version_folder(run.workspace.published, current) / "manifest.json") if current else None
    if published is not None:
        require_kept(run.workspace, published.releases)
        require_closes(run.workspace, published.closes)
        require_salt(run.workspace.key_salt, published.key_salt)
    with run.watch.phase("extract"):
        if force or new_files(run.workspace).any:
            warm_up()
        # A delivery's arrival is recorded now, not at the start: the lock may have made this run wait.
        delivered = list(take_in(run.workspace, datetime.now(UTC), run.watch.tell))
        counting = what_counts(run.workspace)
    yield from delivered
    _require_day_that_came(run, counting)
    mark = fingerprint(run.workspace, counting, run.as_of, run.code)
    if published is not None and not force and published.fingerprint == mark:
        yield RefreshReport(False, True, published.version, run.watch.seconds)
        return
    require_no_hold(run.workspace.published, {row["delivery_id"] for row in counting.delivery_streams})
    run.folder.mkdir(parents=True, exist_ok=True)
    with run.watch.phase("clone"):
        prune_builds(run.workspace.builds)
        before = None if force else version_to_build_on(run.workspace.published, published, run.code)
        folder, started_from = open_build(
            run.workspace.builds, run.run_id, run.workspace.published, fresh=before is None
        )
        if before is not None:
            keep_only(folder, {model.relation for model in load_compiled().models if model.is_carried_over})
    results: list[CheckResult] = []
    gaps: list[KnownGap] = []
    for event in _build_and_check(run, folder, before, counting, gaps):
        if isinstance(event, Checked):
            results.append(event.result)
        yield event
    yield _release(run, folder, started_from, counting, results, gaps, len(delivered))


def _require_day_that_came(run: _Run, counting: Counting) -> None:
    """What managers were shown and since when a gap is known is kept for good: a slip in the year would spoil both."""
    today = run.started_at.astimezone(ZoneInfo(run.workspace.settings.zone)).date()
    taken = [datetime.fromisoformat(row["extracted_at"]).date() for row in counting.delivery_streams]
    if run.as_of > max([today, *taken]):
        raise WorkledgerError(
            f"{run.as_of} is still to come: it is after today and after the day of the newest export",
            remedy="Give --as-of a day that has come, or leave it out.",
        )


def _build_and_check(
    run: _Run, folder: Path, before: Path | None, counting: Counting, gaps: list[KnownGap]
) -> Iterator[Event]:
    """Streams, models and their checks, in order, in the build folder; the gaps found are added to ``gaps``."""
    state = folder / STATE
    seconds = run.workspace.settings.policy.check_minutes * 60
    share = share_of(run.workspace.settings.machine)
    settings = share.settings(folder)
    with run.watch.phase("streams"):
        rows = prepare_warehouse(
            state,
            run.workspace,
            as_of=run.as_of,
            stream_files=counting.stream_files,
            delivery_streams=counting.delivery_streams,
            problems=counting.problems,
        )
    for stream, count in rows.items():
        feeds = sorted({row["source"] for row in counting.delivery_streams if row["stream"] == stream})
        yield Materialised(f"streams.{stream}", count, 0.0, {"sources": feeds})
    with run.watch.phase("imports"):
        warm_up().join()
    with run.watch.phase("stream checks"), attached(database_files(folder), settings) as build:
        found = run_suites(build, all_stream_rules(load_streams()), run.run_id, seconds)
    yield from map(Checked, found)
    with run.watch.phase("models"):
        manifest, compiled, files = load_manifest_json(), load_compiled(), database_files(folder)
        started_from = database_files(before) if before is not None else None
        built = build_models(
            files, compiled.models, share.settings(folder / "private"), run.watch.tell, before=started_from
        )
    yield from map(_materialised, [model for model in built if model.status == "passed"])
    yield from map(Checked, built_results(built, manifest, run.run_id))
    with run.watch.phase("checks"):
        # Rules are mostly bookkeeping in Python, data tests are queries: side by side they take little longer than the longer.
        with attached(files, settings) as build, ThreadPoolExecutor(1, "rules") as beside:
            rules = beside.submit(run_suites, build, all_published_rules(manifest), run.run_id, seconds)
            tested = run_data_tests(build, manifest, compiled.data_tests, run.run_id, seconds, run.watch.tell)
            found = [*tested, *rules.result()]
        gap_checks, known = gap_results(state, manifest, _expected(run, manifest), run.run_id, files["analyst"])
        gaps.extend(known)
    yield from map(Checked, [*found, *gap_checks])


def _release(
    run: _Run,
    folder: Path,
    started_from: str | None,
    counting: Counting,
    results: list[CheckResult],
    gaps: list[KnownGap],
    delivered: int,
) -> RefreshReport:
    """The gate, and the publication if it opens."""
    manifest = load_manifest_json()
    expected = _expected(run, manifest)
    verdict = decide(expected, results, run.run_id)
    write_results(run.folder / "checks.json", results)
    heard = [*verdict.passed, *verdict.warnings, *verdict.blocked_by]
    checks = dict(Counter[str](result.status for result in heard))
    if not verdict.publish:
        blockers = tuple(_blocker(result) for result in verdict.blocked_by)
        return RefreshReport(False, False, started_from, run.watch.seconds, delivered, blockers, checks, folder)
    with run.watch.phase("record"):
        record_release(run.workspace, folder / STATE, run.as_of.isoformat())
        record_gaps(run.workspace, database_files(folder)["analyst"], run.as_of)
        narrow_audiences(folder, run.workspace.settings.policy.audiences, manifest)
        # Made again, since the version stands on the release and the gaps that it makes known: on the same inputs there is
        # nothing new then.
        mark = fingerprint(run.workspace, counting, run.as_of, run.code)
        described = _describe(run, folder, started_from, mark, counting, verdict, gaps)
        write_audit(folder, described)
    with run.watch.phase("publish"):
        publish(folder, run.workspace.published, described)
    with run.watch.phase("retention"):
        removed, exports, problem = _retain(run)
    return RefreshReport(
        True,
        False,
        described.version,
        run.watch.seconds,
        delivered,
        checks=checks,
        removed_versions=removed,
        removed_exports=exports,
        retention_problem=problem,
    )


def _retain(run: _Run) -> tuple[tuple[str, ...], int, str | None]:
    """Remove what policy lets go: the versions removed, the number of exports, and what went wrong."""
    policy = run.workspace.settings.policy
    max_age = None if policy.keep_days is None else timedelta(days=policy.keep_days)
    removed: tuple[str, ...] = ()
    exports = 0
    now = datetime.now(UTC)
    try:
        removed = remove_expired(run.workspace.published, keep=policy.keep_versions, max_age=max_age, now=now)
        prune_runs(run.folder.parent, keep=policy.keep_runs)
        if policy.keep_deliveries_days is not None:
            exports = let_old_bytes_go(run.workspace, now - timedelta(days=policy.keep_deliveries_days), now)
    except (OSError, WorkledgerError) as error:
        return removed, exports, f"What is old could not be removed: {error}"
    return removed, exports, None


def _describe(
    run: _Run,
    folder: Path,
    started_from: str | None,
    mark: str,
    counting: Counting,
    verdict: Verdict,
    gaps: list[KnownGap],
) -> Manifest:
    published_at = _after_version(started_from, datetime.now(UTC))
    rows: Counter[tuple[str, str]] = Counter()
    for row in counting.delivery_streams:
        rows[(row["delivery_id"], row["source"])] += row["rows_loaded"]
    return Manifest(
        version=version_id(published_at, run.run_id),
        run_id=run.run_id,
        as_of=run.as_of.isoformat(),
        published_at=published_at.isoformat(),
        started_from=started_from,
        fingerprint=mark,
        code_version=run.code,
        contract_versions={name: contract.version for name, contract in load_streams().items()},
        deliveries=tuple(DeliveryIn(*key, loaded) for key, loaded in sorted(rows.items())),
        checks=summarise(verdict),
        known_gaps=tuple(gaps),
        rows_by_table=count_rows(folder),
        seconds_by_phase={phase: round(seconds, 3) for phase, seconds in run.watch.seconds.items()},
        columns_by_table=promised_to_readers(
            promised_columns(load_manifest_json()), run.workspace.settings.policy.audiences
        ),
        releases={release.name: release.as_of for release in read_releases(run.workspace)},
        closes=tuple(close.month for close in read_closes(run.workspace)),
        key_salt=salt_mark(run.workspace.key_salt),
        inputs=input_hashes(run.workspace),
    )


def _after_version(version: str | None, now: datetime) -> datetime:
    """Versions sort by their instant: the later one has the later, also where the clock was set back."""
    return now if version is None else max(now, instant_of(version) + timedelta(seconds=1))


def _expected(run: _Run, manifest: dict[str, Any]) -> tuple[ExpectedCheck, ...]:
    return expected_checks(load_streams(), manifest, run.workspace.settings.policy.checks)


def _materialised(built: BuiltModel) -> Materialised:
    told: dict[str, Any] = {} if built.days is None else {"days": [f"{first} to {last}" for first, last in built.days]}
    if built.records is not None:
        told["records"] = built.records
    return Materialised(f"{built.model.schema}.{built.model.table}", built.rows, built.seconds, told)


def _blocker(result: CheckResult) -> Blocker:
    return Blocker(
        rule=result.rule,
        table=result.table,
        status=result.status,
        detail=result.detail or result.observed,
        owner=result.owner,
        rows_failed=result.rows_failed,
        sample=result.sample,
    )
