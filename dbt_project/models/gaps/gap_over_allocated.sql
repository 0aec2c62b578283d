-- Weeks in which a person's confirmed bookings are more than booked_percent of the effective capacity. Days of unknown capacity stay out of both.
with thresholds as (
    {{ thresholds('over_allocated', ['booked_percent']) }}
),

booked_days as (
    select
        person_key,
        allocation_date,
        sum(allocated_us) as confirmed_us
    from {{ ref('fct_allocation_days') }}
    where booking_status = 'confirmed' and person_key is not null
    group by person_key, allocation_date
),

weeks as (
    select
        days.person_key,
        {{ week_start('days.capacity_date', 'policy.week_starts_on') }} as week_start_date,
        sum(days.effective_us) as effective_us,
        sum(booked_days.confirmed_us) as confirmed_us
    from {{ ref('fct_capacity_days') }} as days
    cross join {{ source('workspace', 'policy') }} as policy
    left join booked_days
        on days.person_key = booked_days.person_key and days.capacity_date = booked_days.allocation_date
    where days.effective_us is not null
    group by all
)

select
    {{ gap_columns(
        rule='over_allocated', severity="'warns'", scope='person',
        key_parts=['person_key', 'week_start_date'],
        person_key='person_key', start_date='week_start_date', end_date=add_days('week_start_date', 6),
        hours_at_stake=hours('confirmed_us - effective_us'),
        owner="'resource planner'",
        detail="'Confirmed bookings of ' || round(" ~ hours('confirmed_us') ~ ", 2) || ' h against ' || round(" ~ hours('effective_us') ~ ", 2) || ' h of capacity'",
        remedy="'Move, shorten or cancel a booking.'"
    ) }}
from weeks
cross join thresholds
where weeks.confirmed_us > weeks.effective_us
    and weeks.confirmed_us * 100 > thresholds.booked_percent * weeks.effective_us
