-- Counted entries without a duration: timers that still run, cells that were left empty. Their hours are unknown, not zero.
with missing as (
    select
        person_key,
        source,
        coalesce(work_date, period_start_date) as start_date,
        coalesce(work_date, period_end_date) as end_date,
        count(*) as activity_count
    from {{ ref('fct_activities') }}
    where is_counted and duration_us is null
    group by person_key, source, coalesce(work_date, period_start_date), coalesce(work_date, period_end_date)
)

select
    {{ gap_columns(
        rule='missing_durations', severity="'warns'", scope='person',
        key_parts=['person_key', 'source', 'start_date', 'end_date'],
        source='source', person_key='person_key', start_date='start_date', end_date='end_date', hours_at_stake='null',
        owner="'contributor'",
        detail="activity_count || case when activity_count = 1 then ' entry' else ' entries' end || ' without a duration'",
        remedy="'Stop the running timer or give the duration in the source.'"
    ) }}
from missing
