-- In the shape of int_time_entries_as_activities. A span is what passed between two events, pauses apart: evidence, never logged work. What the log
-- says a system did has no person.
-- One row per pair and per event without a partner, whose duration is unknown.
select
    {{ surrogate_key(["'process_span'", 'process_span_key']) }} as activity_key,
    'process_span' as activity_kind,
    source,
    source_record_id,
    delivery_id,
    case when not coalesce(is_automated, false) then person_actor_key end as person_actor_key,
    cast(null as varchar) as project_ref_key,
    cast(null as varchar) as task_key,
    activity_name as activity_label,
    'instant' as date_precision,
    started_at,
    ended_at,
    utc_offset_minutes,
    cast(null as date) as stated_date,
    cast(null as date) as period_start_date,
    cast(null as date) as period_end_date,
    elapsed_us - paused_us as duration_us,
    cast(null as boolean) as is_billable,
    cast(null as varchar) as approval_status
from {{ ref('int_process_events_paired') }}
