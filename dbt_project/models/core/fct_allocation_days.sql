select
    days.allocation_day_key,
    days.allocation_key,
    days.source,
    days.source_record_id,
    days.delivery_id,
    days.person_key,
    coalesce(days.team_key, persons.team_key) as team_key,
    case when days.is_placeholder then {{ role_key('days.role_name') }} else persons.role_key end as role_key,
    days.is_placeholder,
    project_refs.project_key,
    days.allocation_date,
    days.booking_status,
    days.allocation_basis,
    days.day_basis,
    days.allocated_us,
    {{ hours('days.allocated_us') }} as allocated_hours
from {{ ref('int_allocations_spread') }} as days
left join {{ ref('int_person_spans_resolved') }} as persons
    on {{ span_holds('persons', 'days.person_key', 'days.allocation_date') }}
left join {{ ref('int_projects_matched') }} as project_refs on days.project_ref_key = project_refs.project_ref_key
