with current_absences as (
    {{ current_records('absences') }}
)

select
    {{ surrogate_key(['source', 'source_record_id']) }} as absence_key,
    source,
    source_record_id,
    delivery_id,
    {{ actor_key('person') }} as person_actor_key,
    absence_type,
    start_date,
    end_date,
    day_ratio,
    day_absent_us,
    status
from current_absences
