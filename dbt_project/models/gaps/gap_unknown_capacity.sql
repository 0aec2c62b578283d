-- Days on which a roster knows the person and not the contract. Capacity is unknown there, and hours on those days stand outside utilisation.
with unknown_days as (
    select
        person_key,
        capacity_date,
        {{ days_between("date '2000-01-01'", 'capacity_date') }}
        - row_number() over (partition by person_key order by capacity_date) as island
    from {{ ref('fct_capacity_days') }}
    where effective_us is null
        and capacity_date <= {{ as_of_date() }}
),

worked as (
    select
        person_key,
        work_date,
        sum(duration_us) as counted_us
    from {{ ref('fct_activities') }}
    where is_counted and work_date is not null
    group by person_key, work_date
),

spans as (
    select
        unknown_days.person_key,
        min(unknown_days.capacity_date) as start_date,
        max(unknown_days.capacity_date) as end_date,
        count(*) as day_count,
        {{ hours('sum(worked.counted_us)') }} as hours_at_stake
    from unknown_days
    left join worked
        on unknown_days.person_key = worked.person_key
        and unknown_days.capacity_date = worked.work_date
    group by unknown_days.person_key, unknown_days.island
)

select
    {{ gap_columns(
        rule='unknown_capacity', severity="'warns'", scope='person',
        key_parts=['person_key', 'start_date'],
        person_key='person_key', start_date='start_date', end_date='end_date', hours_at_stake='hours_at_stake',
        owner="'people data'",
        detail="day_count || ' days without known contract hours'",
        remedy="'Give the contract hours in the roster, or those of the schedule that it names in reference/work_schedules.csv.'"
    ) }}
from spans
