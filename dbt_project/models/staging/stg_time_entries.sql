-- The note stays in the streams: nothing downstream needs it, so nothing downstream can leak it.
with current_time_entries as (
    {{ current_records('time_entries') }}
)

select
    source,
    source_record_id,
    delivery_id,
    source_modified_at,
    record_date,
    {{ actor_key('person', nobody=true) }} as person_actor_key,
    {{ project_ref_key() }} as project_ref_key,
    {{ task_key() }} as task_key,
    activity_name,
    tags,
    task_name,
    date_precision,
    started_at,
    ended_at,
    utc_offset_minutes,
    source_zone,
    work_date,
    period_start_date,
    period_end_date,
    duration_us,
    is_billable,
    approval_status
from current_time_entries
