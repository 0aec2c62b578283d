-- In the shape of int_time_entries_as_activities. The duration is the handling time the tool measured, else what passed between start and
-- end; a ticket that only has a creation and a resolution has none: it was open, not worked on.
select
    {{ surrogate_key(["'interaction'", 'source', 'source_record_id']) }} as activity_key,
    'interaction' as activity_kind,
    source,
    source_record_id,
    delivery_id,
    person_actor_key,
    project_ref_key,
    cast(null as varchar) as task_key,
    interaction_type as activity_label,
    case
        when coalesce(started_at, ended_at) is not null then 'instant'
        when work_date is not null then 'day'
        else 'instant'
    end as date_precision,
    case
        when coalesce(started_at, ended_at) is not null then started_at
        when work_date is null and completed_at is null then coalesce(first_response_at, created_at)
    end as started_at,
    case
        when coalesce(started_at, ended_at) is not null then ended_at
        when work_date is null then completed_at
    end as ended_at,
    utc_offset_minutes,
    work_date as stated_date,
    cast(null as date) as period_start_date,
    cast(null as date) as period_end_date,
    coalesce(
        handling_us,
        case when ended_at >= started_at then {{ us_between('started_at', 'ended_at') }} end
    ) as duration_us,
    cast(null as boolean) as is_billable,
    cast(null as varchar) as approval_status
from {{ ref('stg_interactions') }}
