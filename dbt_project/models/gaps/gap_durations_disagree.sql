-- Weeks of a person with counted entries that state another duration than lies between their start and their end. The stated one counts:
-- a break may lie in between, and some tools round. A tolerance (in seconds) of each entry is no matter, as many tools write times without.
with thresholds as (
    {{ thresholds('durations_disagree', ['tolerance_seconds'], by_source=true) }}
),

entries as (
    select
        person_key,
        source,
        work_date,
        duration_us - {{ us_between('started_at', 'ended_at') }} as difference_us
    from {{ ref('fct_activities') }}
    where activity_kind = 'time_entry'
        and is_counted
        and work_date is not null
        and duration_us is not null
        and started_at is not null
        and ended_at is not null
),

weeks as (
    select
        entries.person_key,
        entries.source,
        dates.week_start_date,
        min(entries.work_date) as start_date,
        max(entries.work_date) as end_date,
        count(*) as entry_count,
        coalesce(sum(entries.difference_us) filter (where entries.difference_us > 0), 0) as more_us,
        coalesce(sum(-entries.difference_us) filter (where entries.difference_us < 0), 0) as less_us
    from entries
    inner join {{ ref('dim_dates') }} as dates
        on entries.work_date = dates.calendar_date
    inner join thresholds
        on entries.source = thresholds.source
    where abs(entries.difference_us) > thresholds.tolerance_seconds * 1000000
    group by entries.person_key, entries.source, dates.week_start_date
)

select
    {{ gap_columns(
        rule='durations_disagree', severity="'warns'", scope='person',
        key_parts=['person_key', 'source', 'week_start_date'],
        source='source', person_key='person_key', start_date='start_date', end_date='end_date',
        hours_at_stake=hours('more_us + less_us'),
        owner="'contributor'",
        detail="entry_count || case when entry_count = 1 then ' entry states' else ' entries state' end
            || ' another duration than lies between start and end: ' || round(" ~ hours('more_us') ~ ", 2) || ' hours more, '
            || round(" ~ hours('less_us') ~ ", 2) || ' hours less'",
        remedy="'Correct the entry in the source; if breaks or rounding explain it, accept the gap.'"
    ) }}
from weeks
