-- Bookings that are missing from the plan, whole or in part: no working day to lie on, dates in the wrong order or outside the
-- calendar, or a size that nobody can tell.
with placed as (
    select
        allocation_key,
        count(*) as day_count,
        count(allocated_us) as sized_day_count
    from {{ ref('fct_allocation_days') }}
    group by allocation_key
),

bookings as (
    select
        allocations.allocation_key,
        allocations.source,
        case when not allocations.is_placeholder then actors.person_key end as person_key,
        project_refs.project_key,
        allocations.start_date,
        allocations.end_date,
        allocations.allocation_basis,
        allocations.allocated_us,
        allocations.is_placeholder,
        coalesce(placed.day_count, 0) as day_count,
        coalesce(placed.sized_day_count, 0) as sized_day_count
    from {{ ref('stg_allocations') }} as allocations
    left join placed on allocations.allocation_key = placed.allocation_key
    left join {{ ref('int_actors_matched') }} as actors on allocations.person_actor_key = actors.actor_key
    left join {{ ref('int_projects_matched') }} as project_refs
        on allocations.project_ref_key = project_refs.project_ref_key
    where allocations.booking_status <> 'cancelled'
),

owners as (
    select source, owner from {{ ref('dim_sources') }}
)

select
    {{ gap_columns(
        rule='unplaced_bookings', severity="'warns'", scope='project',
        key_parts=['bookings.allocation_key'],
        source='bookings.source', person_key='bookings.person_key', project_key='bookings.project_key',
        start_date='least(bookings.start_date, bookings.end_date)', end_date='greatest(bookings.start_date, bookings.end_date)',
        hours_at_stake="case when bookings.allocation_basis = 'total' and bookings.day_count = 0 then " ~ hours('bookings.allocated_us') ~ " end",
        owner="coalesce(owners.owner, 'resource planner')",
        detail="case when bookings.day_count = 0 then 'A booking without a working day to lie on' else 'A booking of unknown size on ' || (bookings.day_count - bookings.sized_day_count) || ' days' end",
        remedy="case when bookings.day_count = 0 then 'Correct its dates in the source.' when bookings.is_placeholder then 'Name a person, or give the size of the booking in hours: a role has no contract.' else 'Give the contract hours in the roster, or the size of the booking in hours.' end"
    ) }}
from bookings
left join owners on bookings.source = owners.source
where bookings.sized_day_count < bookings.day_count or bookings.day_count = 0
