-- Working days without counted hours, of people who normally log: on smallest_days or more, and on at least logged_percent of their working
-- days between their first and their last logged day. From the first logged day until the policy's grace runs out, so that whoever stopped is
-- still here. Consecutive working days are one gap: weekends, holidays and leave between them do not cut it.
with thresholds as (
    {{ thresholds('unlogged_days', ['smallest_days', 'logged_percent']) }}
),

capacity_days as (
    select
        person_key,
        capacity_date,
        effective_us
    from {{ ref('fct_capacity_days') }}
    where effective_us > 0
),

logged_days as (
    select person_key, logged_date
    from {{ logged_days() }}
),

habits as (
    select
        person_key,
        min(logged_date) as first_logged_date,
        max(logged_date) as last_logged_date,
        count(*) as logged_day_count
    from logged_days
    group by person_key
),

days as {{ inlined() }} (
    select
        capacity_days.person_key,
        capacity_days.capacity_date,
        capacity_days.effective_us,
        logged_days.logged_date is not null as is_logged,
        capacity_days.capacity_date <= habits.last_logged_date as is_within_habit
    from capacity_days
    cross join thresholds
    inner join habits
        on capacity_days.person_key = habits.person_key
        and capacity_days.capacity_date >= habits.first_logged_date
    left join logged_days
        on capacity_days.person_key = logged_days.person_key
        and capacity_days.capacity_date = logged_days.logged_date
    where habits.logged_day_count >= thresholds.smallest_days
        and capacity_days.capacity_date <= {{ settled_date() }}
),

normally_logging as (
    select days.person_key
    from days
    cross join thresholds
    group by days.person_key, thresholds.logged_percent
    having count(*) filter (where not days.is_logged) > 0
        and count(*) filter (where days.is_within_habit) > 0
        and count(*) filter (where days.is_within_habit and days.is_logged) * 100
        >= thresholds.logged_percent * count(*) filter (where days.is_within_habit)
),

-- In order only the days of people who are asked for: most have none that is not logged.
numbered as (
    select
        days.*,
        row_number() over (partition by days.person_key order by days.capacity_date) as day_number
    from days
    inner join normally_logging
        on days.person_key = normally_logging.person_key
),

unlogged as (
    select
        numbered.*,
        day_number - row_number() over (partition by person_key order by capacity_date) as island
    from numbered
    where not is_logged
),

spans as (
    select
        person_key,
        min(capacity_date) as start_date,
        max(capacity_date) as end_date,
        count(*) as day_count,
        {{ hours('sum(effective_us)') }} as hours_at_stake
    from unlogged
    group by person_key, island
)

select
    {{ gap_columns(
        rule='unlogged_days', severity="'warns'", scope='person',
        key_parts=['person_key', 'start_date'],
        person_key='person_key', start_date='start_date', end_date='end_date', hours_at_stake='hours_at_stake',
        owner="'contributor'",
        detail="day_count || case when day_count = 1 then ' working day' else ' working days' end || ' without counted hours'",
        remedy="'Log the time, or record the absence in the leave tool.'"
    ) }}
from spans
