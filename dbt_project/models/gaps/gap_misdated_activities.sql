-- Time entries that cannot be placed: no date at all, dated after the day this version is built for, or before its calendar.
with placed as (
    select
        activities.source,
        activities.not_counted_reason as fault,
        coalesce(activities.work_date, activities.period_start_date) as placed_date,
        activities.duration_us
    from {{ ref('fct_activities') }} as activities
    where activities.not_counted_reason in ('undated', 'after_as_of', 'outside_calendar')
),

faults as (
    select
        source,
        fault,
        count(*) as activity_count,
        min(placed_date) as start_date,
        max(placed_date) as end_date,
        {{ hours('sum(duration_us)') }} as hours_at_stake
    from placed
    group by source, fault
)

select
    {{ gap_columns(
        rule='misdated_activities', severity="'warns'", scope='source',
        key_parts=['faults.source', 'faults.fault'],
        source='faults.source', start_date='faults.start_date', end_date='faults.end_date', hours_at_stake='faults.hours_at_stake',
        owner="coalesce(sources.owner, 'source owner')",
        detail="faults.activity_count || case faults.fault when 'undated' then ' entries without a date' when 'after_as_of' then ' entries dated in the future, not counted' else ' entries dated before the calendar begins, not counted' end",
        remedy="'Correct the dates in the source; declare the zone of the source if they are a day off.'"
    ) }}
from faults
left join {{ ref('dim_sources') }} as sources
    on faults.source = sources.source
