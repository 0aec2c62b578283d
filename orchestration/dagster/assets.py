"""The refresh as one op that materialises every table and reports every check.

One op, because a version is whole or not at all: a part of it can neither be chosen nor published alone.
"""

# No postponed annotations: Dagster reads them when it builds the op.
from collections.abc import Iterator
from datetime import date

import dagster as dg

from data_contracts.load import load_streams
from orchestration.checks.expected import expected_checks
from orchestration.dagster.specs import VERSION, check_specs, key_of, model_specs, stream_specs, version_spec
from orchestration.dagster.workspace_resource import Watcher, WorkspaceResource
from orchestration.events import Checked, Delivered, Materialised, RefreshReport
from orchestration.models import load_manifest_json
from orchestration.refresh import refresh

_CONTRACTS = load_streams()
_MANIFEST = load_manifest_json()
_SPECS = [*stream_specs(_CONTRACTS), *model_specs(_MANIFEST), version_spec(_MANIFEST)]


class RefreshConfig(dg.Config):
    """``as_of``: the day the version speaks of, YYYY-MM-DD, today if empty. ``force``: build though nothing is new, all of it."""

    as_of: str = ""
    force: bool = False


@dg.multi_asset(
    name="way_of_a_row",
    specs=_SPECS,
    check_specs=check_specs(expected_checks(_CONTRACTS, _MANIFEST, {})),
    # Outputs must be optional, for a refresh that finds nothing new; the body refuses a selection.
    can_subset=True,
)
def refresh_assets(
    context: dg.AssetExecutionContext,
    config: RefreshConfig,
    workspace: WorkspaceResource,
    watcher: dg.ResourceParam[Watcher],
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Run the way of a row and report each table and check to Dagster."""
    if len(context.selected_asset_keys) != len(_SPECS):
        raise dg.Failure(
            "A refresh is whole: run the job `refresh`, not a selection of its assets.", allow_retries=False
        )
    as_of = date.fromisoformat(config.as_of) if config.as_of else None
    door = f"dagster run {context.run_id}"
    events = refresh(workspace.open(), as_of=as_of, force=config.force, door=door, progress=watcher.progress)
    for event in events:
        if isinstance(event, Delivered):
            context.log.info(f"{event.source}: {event.file_name}: {event.problem or f'{event.rows_loaded} rows'}")
        elif isinstance(event, Materialised):
            metadata = {"seconds": round(event.seconds, 3), **event.metadata}
            if event.rows is not None:
                metadata["dagster/row_count"] = event.rows
            yield dg.MaterializeResult(asset_key=key_of(event.table), metadata=metadata)
        elif isinstance(event, Checked):
            yield _check_result(event)
        else:
            yield from _finish(context, event)


def _check_result(event: Checked) -> dg.AssetCheckResult:
    result = event.result
    return dg.AssetCheckResult(
        asset_key=key_of(result.table),
        check_name=result.rule,
        passed=result.status == "passed",
        severity=dg.AssetCheckSeverity.ERROR if result.severity == "blocks" else dg.AssetCheckSeverity.WARN,
        metadata={
            "status": result.status,
            "rows failed": result.rows_failed if result.rows_failed is not None else "unknown",
            "observed": result.observed,
            "detail": result.detail,
            "owner": result.owner,
        },
    )


def _finish(context: dg.AssetExecutionContext, report: RefreshReport) -> Iterator[dg.MaterializeResult[None]]:
    if report.blocked_by:
        listed = "; ".join(f"{blocker.rule} on {blocker.table}: {blocker.detail}" for blocker in report.blocked_by)
        raise dg.Failure(
            f"Not published; readers keep the last good version. Blocked by {listed}",
            metadata={"blocked by": [blocker.rule for blocker in report.blocked_by]},
            allow_retries=False,
        )
    if report.nothing_new:
        context.log.info(f"Nothing new since version {report.version}.")
        return
    yield dg.MaterializeResult(
        asset_key=VERSION,
        metadata={"version": report.version or "", **{f"seconds {k}": round(v, 2) for k, v in report.seconds.items()}},
    )
