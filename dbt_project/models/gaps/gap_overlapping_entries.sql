-- Counted entries of one person that run at the same time. Measured against everything that started before, so that
-- a short entry inside a long one is seen too; only what lies over the reconciliation tolerance on a day is told.
with intervals as (
    select
        activities.person_key,
        activities.work_date,
        activities.started_at,
        activities.ended_at,
        max(activities.ended_at) over (
            partition by activities.person_key
            order by activities.started_at, activities.ended_at, activities.activity_key
            rows between unbounded preceding and 1 preceding
        ) as busy_until_at
    from {{ ref('fct_activities') }} as activities
    left join (
        select person_key from {{ ref('int_actors_matched') }} where is_nobody group by person_key
    ) as nobodies
        on activities.person_key = nobodies.person_key
    where activities.is_counted
        and activities.work_date is not null
        and activities.ended_at > activities.started_at
        and nobodies.person_key is null
),

overlapping as (
    select
        person_key,
        work_date,
        count(*) as entry_count,
        sum({{ us_between('started_at', 'least(ended_at, busy_until_at)') }}) as overlap_us
    from intervals
    where busy_until_at > started_at
    group by person_key, work_date
)

select
    {{ gap_columns(
        rule='overlapping_entries', severity="'warns'", scope='person',
        key_parts=['person_key', 'work_date'],
        person_key='person_key', start_date='work_date', end_date='work_date', hours_at_stake=hours('overlap_us'),
        owner="'contributor'",
        detail="entry_count || ' entries run while another one does'",
        remedy="'Correct start or end in the source. Both count until then.'"
    ) }}
from overlapping
cross join {{ source('workspace', 'policy') }} as policy
where overlapping.overlap_us > policy.reconciliation_tolerance_us
