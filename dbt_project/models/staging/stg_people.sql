-- A fact with dates of its own is a record that later deliveries correct. A roster without dates is a picture of the day it was
-- extracted: every picture stays, and a tombstone among them says that the person was gone on that day.
{{ record_versions('people') }}

select
    {{ surrogate_key(['source', 'source_record_id', 'record_history']) }} as person_fact_key,
    source,
    source_record_id,
    delivery_id,
    delivery_order,
    delivery_format,
    is_deleted,
    {{ actor_key('person', nobody=true) }} as person_actor_key,
    {{ normal_email('person_email') }} as person_email,
    {{ normal_code('person_number') }} as person_number,
    nullif(trim(person_source_id), '') as person_source_id,
    person_name,
    record_history as observed_date,
    coalesce(record_history, valid_from_date) as valid_from_date,
    valid_to_date,
    case when record_history is null then 'reported' else 'observed' end as valid_from_basis,
    hired_date,
    left_date,
    employment_type,
    role_name,
    team_name,
    {{ normal_email('manager_email') }} as manager_email,
    {{ normal_code('manager_number') }} as manager_number,
    place,
    zone,
    contracted_week_us,
    fte,
    monday_us,
    tuesday_us,
    wednesday_us,
    thursday_us,
    friday_us,
    saturday_us,
    sunday_us,
    {{ normal_code('work_schedule') }} as work_schedule,
    cost_centre
from judged
where record_state = 'current'
    or (record_state = 'tombstoned' and record_history is not null)
