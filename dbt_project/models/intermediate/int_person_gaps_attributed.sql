-- Which gaps bear on a person's days: their own, rows that could not be read in a source in which the person logs, and the silence or the
-- unusual exports of a source in which the person last logged in the four weeks before, or later. What somebody accepted bears on nothing.
with gaps as (
    select gap_key, rule, severity, source, person_key, start_date, end_date
    from {{ ref('fct_gaps') }}
    where not is_accepted
),

loggers as (
    select
        person_key,
        source,
        max(coalesce(work_date, period_end_date)) as last_logged_date
    from {{ ref('fct_activities') }}
    where is_counted and person_key is not null
    group by person_key, source
)

select
    gap_key,
    rule,
    severity,
    person_key,
    start_date,
    end_date
from gaps
where person_key is not null

union all

select
    gaps.gap_key,
    gaps.rule,
    gaps.severity,
    loggers.person_key,
    gaps.start_date,
    gaps.end_date
from gaps
inner join loggers
    on gaps.source = loggers.source
where gaps.rule = 'quarantined_rows'
    or (gaps.rule in ('silent_sources', 'short_exports') and loggers.last_logged_date >= {{ add_days('gaps.start_date', -28) }})
