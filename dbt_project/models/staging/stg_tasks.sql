-- The title stays in the streams: nothing downstream needs it, so nothing downstream can leak it.
with current_tasks as (
    {{ current_records('tasks') }}
)

select
    {{ surrogate_key(['source', 'source_record_id']) }} as task_key,
    source,
    source_record_id,
    delivery_id,
    source_modified_at,
    current_tasks.task_key as task_reference,
    task_type,
    {{ project_ref_key() }} as project_ref_key,
    {{ actor_key('assignee') }} as assignee_actor_key,
    team_name,
    activity_name,
    status,
    status_category,
    priority,
    created_at,
    started_at,
    completed_at,
    first_due_date,
    due_date,
    estimate_us,
    remaining_us,
    reported_spent_us,
    {{ task_key('parent_source_id') }} as parent_task_key,
    case when milestone_source_id is not null then {{ surrogate_key(['source', 'milestone_source_id']) }} end
        as milestone_key
from current_tasks
