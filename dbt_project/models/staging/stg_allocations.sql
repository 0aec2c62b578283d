with current_allocations as (
    {{ current_records('allocations', date_expr="start_date") }}
)

select
    {{ surrogate_key(['source', 'source_record_id']) }} as allocation_key,
    source,
    source_record_id,
    delivery_id,
    {{ actor_key('person') }} as actor_key,
    person_email,
    person_number,
    person_source_id,
    person_name,
    coalesce(person_email, person_number, person_source_id, person_name) is null as is_placeholder,
    role_name,
    {{ project_ref_key() }} as project_ref_key,
    project_source_id,
    project_code,
    project_name,
    client_name,
    start_date,
    end_date,
    allocation_basis,
    allocation_ratio,
    allocated_us,
    booking_status
from current_allocations
