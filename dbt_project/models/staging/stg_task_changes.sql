-- change_number is the order in which the changes of one task took effect. Several may carry the same
-- instant: then the source's own sequence decides, then the record id, as a number where it is one.
with current_task_changes as (
    {{ current_records('task_changes') }}
)

select
    {{ surrogate_key(['source', 'source_record_id']) }} as task_change_key,
    {{ task_key('task_source_id') }} as task_key,
    source,
    source_record_id,
    delivery_id,
    changed_at,
    row_number() over (
        partition by source, task_source_id
        order by
            changed_at, change_sequence nulls last,
            try_cast(source_record_id as bigint) nulls last, source_record_id
    ) as change_number,
    field,
    from_value,
    to_value,
    from_category,
    to_category,
    {{ actor_key('author') }} as author_actor_key
from current_task_changes
