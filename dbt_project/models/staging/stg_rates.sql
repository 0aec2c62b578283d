with current_rates as (
    {{ current_records('rates') }}
)

select
    {{ surrogate_key(['source', 'source_record_id']) }} as rate_key,
    source,
    source_record_id,
    delivery_id,
    rate_type,
    {{ actor_key('person') }} as person_actor_key,
    coalesce(person_email, person_number, person_source_id, person_name) is not null as is_for_person,
    role_name,
    project_code,
    valid_from_date,
    valid_to_date,
    hourly_rate_amount,
    currency
from current_rates
