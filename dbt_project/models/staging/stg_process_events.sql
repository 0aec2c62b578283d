with current_process_events as (
    {{ current_records('process_events') }}
)

select
    {{ surrogate_key(['source', 'source_record_id']) }} as process_event_key,
    source,
    source_record_id,
    delivery_id,
    record_date,
    process_name,
    case_id,
    activity_name,
    lifecycle,
    instance_id,
    occurred_at,
    utc_offset_minutes,
    {{ actor_key('person') }} as person_actor_key,
    is_automated,
    amount,
    currency
from current_process_events
