{{ config(materialized='view') }}
-- The shape that every kind of activity takes before it is dated: int_activities_dated unites these models.
select
    {{ surrogate_key(["'time_entry'", 'source', 'source_record_id']) }} as activity_key,
    'time_entry' as activity_kind,
    source,
    source_record_id,
    delivery_id,
    person_actor_key,
    project_ref_key,
    task_key,
    coalesce(nullif(trim(activity_name), ''), nullif(trim(tags), ''), nullif(trim(task_name), '')) as activity_label,
    date_precision,
    started_at,
    ended_at,
    utc_offset_minutes,
    work_date as stated_date,
    period_start_date,
    period_end_date,
    duration_us,
    is_billable,
    approval_status
from {{ ref('stg_time_entries') }}
