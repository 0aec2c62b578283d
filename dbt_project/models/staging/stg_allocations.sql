with current_allocations as (
    {{ current_records('allocations') }}
)

select
    {{ surrogate_key(['source', 'source_record_id']) }} as allocation_key,
    source,
    source_record_id,
    delivery_id,
    {{ actor_key('person') }} as person_actor_key,
    coalesce(person_email, person_number, person_source_id, person_name) is null as is_placeholder,
    role_name,
    {{ project_ref_key() }} as project_ref_key,
    start_date,
    end_date,
    allocation_basis,
    allocation_ratio,
    allocated_us,
    booking_status
from current_allocations
