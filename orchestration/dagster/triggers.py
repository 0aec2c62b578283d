"""When a refresh starts by itself: hourly in working hours, and when new exports arrive."""

# No postponed annotations: Dagster reads them when it builds the op.
from zoneinfo import ZoneInfo

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from data_contracts.errors import WorkledgerError
from orchestration.dagster.workspace_resource import WorkspaceResource
from orchestration.publication.hold import require_no_hold
from orchestration.settings import WEEKDAYS


def working_hours(job: UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    """Every hour of the workspace's working days: a delivery of Tuesday morning is readable before noon."""

    @dg.schedule(
        job=job, cron_schedule="0 * * * *", name="working_hours", default_status=dg.DefaultScheduleStatus.RUNNING
    )
    def tick(context: dg.ScheduleEvaluationContext, workspace: WorkspaceResource) -> dg.RunRequest | dg.SkipReason:
        from orchestration.intake import what_counts

        opened = workspace.open()
        settings = opened.settings
        local = context.scheduled_execution_time.astimezone(ZoneInfo(settings.zone))
        if WEEKDAYS[local.weekday()] not in settings.policy.working_weekdays:
            return dg.SkipReason(f"{local:%A} is no working day in this workspace")
        if not settings.schedule.from_hour <= local.hour <= settings.schedule.to_hour:
            return dg.SkipReason(f"{local:%H:%M} lies outside the workspace's refresh hours")
        try:
            require_no_hold(opened.published, (row["delivery_id"] for row in what_counts(opened).delivery_streams))
        except WorkledgerError as held:
            return dg.SkipReason(str(held))
        return dg.RunRequest(run_key=f"{local:%Y-%m-%dT%H}")

    return tick


def new_exports(job: UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """A refresh as soon as files in the inbox are new or changed, and have stopped growing."""

    @dg.sensor(job=job, name="new_exports", minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
    def look(context: dg.SensorEvaluationContext, workspace: WorkspaceResource) -> dg.SensorResult | dg.SkipReason:
        from orchestration.intake import new_files

        found = new_files(workspace.open())
        if not found.settled:
            return dg.SkipReason("No new file" if not found.growing else f"{len(found.growing)} files still arrive")
        if found.fingerprint == context.cursor:
            return dg.SkipReason("These files have been asked for already")
        return dg.SensorResult(
            run_requests=[dg.RunRequest(run_key=found.fingerprint, tags={"workledger/files": str(len(found.settled))})],
            cursor=found.fingerprint,
        )

    return look
