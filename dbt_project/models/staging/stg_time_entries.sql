{{ current_records(
    'time_entries',
    date_expr="coalesce(work_date, " ~ offset_date('started_at', 'utc_offset_minutes') ~ ", " ~ local_date('started_at', 'source_zone') ~ ", period_start_date)"
) }}

select
    source,
    source_record_id,
    delivery_id,
    source_modified_at,
    {{ actor_key('person', nobody=true) }} as actor_key,
    person_email,
    person_number,
    person_source_id,
    person_name,
    {{ project_ref_key() }} as project_ref_key,
    project_source_id,
    project_code,
    project_name,
    client_name,
    {{ task_key() }} as task_key,
    task_source_id,
    task_name,
    activity_name,
    tags,
    date_precision,
    started_at,
    ended_at,
    utc_offset_minutes,
    work_date,
    period_start_date,
    period_end_date,
    duration_us,
    is_billable,
    approval_status
from current_records
