-- More counted hours on a day than the day has. Rows without any person are many people's and are left out.
with full_days as (
    select
        activities.person_key,
        activities.work_date,
        sum(activities.duration_us) as counted_us
    from {{ ref('fct_activities') }} as activities
    left join (
        select person_key from {{ ref('int_actors_matched') }} where is_nobody group by person_key
    ) as nobodies
        on activities.person_key = nobodies.person_key
    where activities.is_counted
        and activities.work_date is not null
        and nobodies.person_key is null
    group by activities.person_key, activities.work_date
    having sum(activities.duration_us) > 86400000000
),

person_days as (
    select
        full_days.person_key,
        full_days.work_date,
        full_days.counted_us,
        string_agg(distinct activities.source, ', ' order by activities.source) as sources
    from full_days
    inner join {{ ref('fct_activities') }} as activities
        on full_days.person_key = activities.person_key
        and full_days.work_date = activities.work_date
    where activities.is_counted
    group by full_days.person_key, full_days.work_date, full_days.counted_us
)

select
    {{ gap_columns(
        rule='over_24_hours', severity="'warns'", scope='person',
        key_parts=['person_key', 'work_date'],
        person_key='person_key', start_date='work_date', end_date='work_date', hours_at_stake=hours('counted_us'),
        owner="'contributor'",
        detail="round(" ~ hours('counted_us') ~ ", 2) || ' hours on one day, from ' || sources",
        remedy="'Correct the durations in the source, or name the authority where two sources hold the same hours.'"
    ) }}
from person_days
