-- One row per booking and working day it lies on. The working days are those of the person's own calendar; where it says nothing
-- about a day (no roster yet, beyond its horizon, a role without a person) the weekdays of the policy hold, and day_basis says so.
--   ratio     that share of the day's contracted time; NULL where the contract is not known
--   per_day   the booked time on every working day
--   per_week  shared out over the working days of the whole week, also of one that the booking cuts
--   total     shared out over the working days from first to last
-- Shares are whole microseconds; the first days take the remainder, so that they add up to the booking.
with bookings as (
    select
        allocations.*,
        case when allocations.is_placeholder then null else actors.person_key end as person_key
    from {{ ref('stg_allocations') }} as allocations
    left join {{ ref('int_actors_matched') }} as actors on allocations.person_actor_key = actors.actor_key
    where allocations.booking_status <> 'cancelled' and allocations.start_date <= allocations.end_date
),

calendar_days as (
    select * from {{ ref('int_calendar_days') }}
),

calendar_bounds as (
    select
        min(calendar_days.calendar_date) as first_date,
        max(calendar_days.calendar_date) as last_date,
        min(policy.week_starts_on) as week_starts_on
    from calendar_days
    cross join {{ source('workspace', 'policy') }} as policy
),

-- A total whose days are not all in the calendar cannot be shared out; it is reported by gap_unplaced_bookings.
placeable_bookings as (
    select
        bookings.*,
        {{ week_start('bookings.start_date', 'calendar_bounds.week_starts_on') }} as first_week_date,
        {{ add_days(week_start('bookings.end_date', 'calendar_bounds.week_starts_on'), 6) }} as last_week_date
    from bookings
    cross join calendar_bounds
    where
        bookings.allocation_basis <> 'total'
        or (bookings.start_date >= calendar_bounds.first_date and bookings.end_date <= calendar_bounds.last_date)
),

candidate_days as (
    select
        placeable_bookings.*,
        calendar_days.calendar_date as day_date,
        calendar_days.week_start_date,
        calendar_days.calendar_date between placeable_bookings.start_date and placeable_bookings.end_date as is_booked,
        capacity_days.contracted_us,
        capacity_days.team_key,
        case when capacity_days.is_working_day is null then 'policy_weekdays' else 'person_calendar' end as day_basis,
        coalesce(capacity_days.is_working_day, calendar_days.is_policy_weekday) as is_working
    from placeable_bookings
    inner join calendar_days
        on calendar_days.calendar_date between placeable_bookings.first_week_date and placeable_bookings.last_week_date
    left join {{ ref('fct_capacity_days') }} as capacity_days
        on
            placeable_bookings.person_key = capacity_days.person_key
            and calendar_days.calendar_date = capacity_days.capacity_date
),

working_days as (
    select
        candidate_days.*,
        count(*) over (partition by allocation_key, week_start_date) as week_days,
        row_number() over (partition by allocation_key, week_start_date order by day_date) as week_day_number,
        count(*) over (partition by allocation_key, is_booked) as booking_days,
        row_number() over (partition by allocation_key, is_booked order by day_date) as booking_day_number
    from candidate_days
    where is_working
)

select
    {{ surrogate_key(['allocation_key', 'day_date']) }} as allocation_day_key,
    allocation_key,
    source,
    source_record_id,
    delivery_id,
    person_key,
    team_key,
    is_placeholder,
    role_name,
    project_ref_key,
    day_date as allocation_date,
    booking_status,
    allocation_basis,
    day_basis,
    case allocation_basis
        when 'ratio' then cast(round(contracted_us * allocation_ratio) as bigint)
        when 'per_day' then allocated_us
        when 'per_week' then {{ share_of_whole('allocated_us', 'week_days', 'week_day_number') }}
        when 'total' then {{ share_of_whole('allocated_us', 'booking_days', 'booking_day_number') }}
    end as allocated_us
from working_days
where is_booked
