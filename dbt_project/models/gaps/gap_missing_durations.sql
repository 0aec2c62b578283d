-- Counted entries without a duration: timers that still run, cells that were left empty. Their hours are unknown, not zero.
with missing as (
    select
        source,
        count(*) as activity_count,
        min(coalesce(work_date, period_start_date)) as start_date,
        max(coalesce(work_date, period_end_date)) as end_date
    from {{ ref('fct_activities') }}
    where is_counted and duration_us is null
    group by source
)

select
    {{ gap_columns(
        rule='missing_durations', severity="'warns'", scope='source',
        key_parts=['missing.source'],
        source='missing.source', start_date='missing.start_date', end_date='missing.end_date', hours_at_stake='null',
        owner="coalesce(sources.owner, 'source owner')",
        detail="missing.activity_count || ' counted entries without a duration'",
        remedy="'Stop the running timers or give the durations in the source.'"
    ) }}
from missing
left join {{ ref('dim_sources') }} as sources
    on missing.source = sources.source
