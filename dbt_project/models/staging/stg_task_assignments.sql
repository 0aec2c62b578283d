with current_task_assignments as (
    {{ current_records('task_assignments') }}
)

select
    {{ surrogate_key(['source', 'source_record_id']) }} as task_assignment_key,
    {{ task_key('task_source_id') }} as task_key,
    source,
    source_record_id,
    delivery_id,
    {{ actor_key('person') }} as person_actor_key,
    valid_from_date,
    valid_to_date,
    share_ratio
from current_task_assignments
