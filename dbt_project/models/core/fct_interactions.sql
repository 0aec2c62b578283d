select
    interactions.interaction_key,
    activities.activity_key,
    interactions.source,
    interactions.source_record_id,
    interactions.delivery_id,
    interactions.interaction_type,
    activities.person_key,
    coalesce(activities.team_key, {{ team_key('interactions.team_name') }}) as team_key,
    activities.project_key,
    activities.work_date,
    interactions.created_at,
    interactions.started_at,
    interactions.ended_at,
    interactions.first_response_at,
    interactions.completed_at,
    interactions.due_at,
    interactions.status_category,
    interactions.outcome,
    interactions.priority,
    interactions.handling_us,
    {{ us_between('interactions.created_at', 'interactions.first_response_at') }} as first_response_us,
    {{ us_between('interactions.created_at', 'interactions.completed_at') }} as resolution_us,
    case
        when interactions.completed_at is not null then interactions.completed_at <= interactions.due_at
        when interactions.due_at < {{ start_of_utc_day(as_of_date()) }} then false
    end as is_on_time,
    {{ hours('interactions.handling_us') }} as handling_hours
from {{ ref('stg_interactions') }} as interactions
inner join {{ ref('fct_activities') }} as activities
    on
        activities.activity_key
        = {{ surrogate_key(["'interaction'", 'interactions.source', 'interactions.source_record_id']) }}
