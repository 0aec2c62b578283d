-- Weeks, past the policy's grace, in which a person with some activity logged on less than logged_percent of their working days, and in which no gap
-- of theirs tells of single days: who logs rarely, or not yet, or no more, has no habit to be held against (gap_unlogged_days), and whose
-- work lies in no source at all is in gap_roster_without_activity. Such weeks in a row are one gap.
with thresholds as (
    {{ thresholds('seldom_logged_weeks', ['logged_percent']) }}
),

working_days as (
    select
        capacity.person_key,
        capacity.capacity_date,
        capacity.effective_us,
        dates.week_start_date,
        dates.week_end_date
    from {{ ref('fct_capacity_days') }} as capacity
    inner join {{ ref('dim_dates') }} as dates
        on capacity.capacity_date = dates.calendar_date
    where capacity.effective_us > 0
        and dates.week_end_date <= {{ settled_date() }}
),

active as (
    select person_key
    from {{ ref('fct_activities') }}
    group by person_key
),

logged_days as (
    select person_key, logged_date
    from {{ logged_days() }}
),

weeks as (
    select
        working_days.person_key,
        working_days.week_start_date,
        working_days.week_end_date,
        min(working_days.capacity_date) as first_date,
        max(working_days.capacity_date) as last_date,
        count(*) as working_day_count,
        count(logged_days.logged_date) as logged_day_count,
        sum(working_days.effective_us) filter (where logged_days.logged_date is null) as unlogged_us
    from working_days
    inner join active
        on working_days.person_key = active.person_key
    left join logged_days
        on working_days.person_key = logged_days.person_key
        and working_days.capacity_date = logged_days.logged_date
    group by working_days.person_key, working_days.week_start_date, working_days.week_end_date
),

told_by_day as (
    select weeks.person_key, weeks.week_start_date
    from weeks
    inner join {{ ref('gap_unlogged_days') }} as gaps
        on weeks.person_key = gaps.person_key
        and gaps.start_date <= weeks.week_end_date
        and gaps.end_date >= weeks.week_start_date
    group by weeks.person_key, weeks.week_start_date
),

numbered as (
    select
        weeks.*,
        weeks.logged_day_count * 100 < thresholds.logged_percent * weeks.working_day_count
        and told_by_day.person_key is null as is_seldom,
        row_number() over (partition by weeks.person_key order by weeks.week_start_date) as week_number
    from weeks
    cross join thresholds
    left join told_by_day
        on weeks.person_key = told_by_day.person_key
        and weeks.week_start_date = told_by_day.week_start_date
),

seldom as (
    select
        numbered.*,
        week_number - row_number() over (partition by person_key order by week_start_date) as island
    from numbered
    where is_seldom
),

runs as (
    select
        person_key,
        min(first_date) as start_date,
        max(last_date) as end_date,
        sum(working_day_count) as working_day_count,
        sum(logged_day_count) as logged_day_count,
        sum(unlogged_us) as unlogged_us
    from seldom
    group by person_key, island
)

select
    {{ gap_columns(
        rule='seldom_logged_weeks', severity="'warns'", scope='person',
        key_parts=['runs.person_key', 'runs.start_date'],
        person_key='runs.person_key', start_date='runs.start_date', end_date='runs.end_date',
        hours_at_stake=hours('runs.unlogged_us'),
        owner="'contributor'",
        detail="'Time on ' || runs.logged_day_count || ' of ' || runs.working_day_count || ' working days'",
        remedy="'Log the time, record the leave, or connect the source in which this person works.'"
    ) }}
from runs
