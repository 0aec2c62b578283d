-- Nothing is computed here: a closed month says for ever what it said when it was closed.
select
    {{ surrogate_key(['month_start_date', 'activity_key']) }} as closed_activity_key,
    month_start_date,
    activity_key,
    source,
    source_record_id,
    delivery_id,
    person_key,
    team_key,
    role_key,
    project_key,
    activity_type_key,
    booked_date,
    duration_us,
    {{ hours('duration_us') }} as logged_hours,
    is_billable,
    is_counted
from {{ source('workspace', 'closed_activities') }}
