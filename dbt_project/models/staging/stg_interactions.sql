-- The subject stays in the streams.
with current_interactions as (
    {{ current_records('interactions') }}
)

select
    {{ surrogate_key(['source', 'source_record_id']) }} as interaction_key,
    source,
    source_record_id,
    delivery_id,
    record_date,
    interaction_type,
    {{ actor_key('person', nobody=true) }} as person_actor_key,
    team_name,
    {{ project_ref_key() }} as project_ref_key,
    account_name,
    created_at,
    started_at,
    ended_at,
    utc_offset_minutes,
    work_date,
    handling_us,
    first_response_at,
    completed_at,
    due_at,
    status,
    status_category,
    outcome,
    priority
from current_interactions
