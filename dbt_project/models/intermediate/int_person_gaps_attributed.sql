-- Which gaps bear on a person's days: their own; of a source in which the person logs, time that could not be read, and its silence or
-- unusual exports where the person last logged there in the four weeks before, or later; and of a source that says who is employed and
-- who is away, what is missing of that. What somebody accepted bears on nothing.
with gaps as (
    select gap_key, rule, severity, source, stream, person_key, start_date, end_date
    from {{ ref('fct_gaps') }}
    where not is_accepted
),

calendar as (
    select min(calendar_date) as first_date
    from {{ ref('int_calendar_days') }}
),

loggers as (
    select
        person_key,
        source,
        max(coalesce(work_date, period_end_date)) as last_logged_date
    from {{ ref('fct_activities') }}
    where is_counted and person_key is not null
    group by person_key, source
),

-- Whom a source's roster knows, and whose leave it tells.
told_people as (
    select source, person_key
    from {{ ref('int_person_facts_dated') }}

    union

    select source, person_key
    from {{ ref('int_absence_days_dated') }}
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

union

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
where (gaps.rule = 'quarantined_rows' and gaps.stream = 'time_entries')
    or (gaps.rule in ('silent_sources', 'short_exports') and loggers.last_logged_date >= {{ add_days('gaps.start_date', -28) }})

union

select
    gaps.gap_key,
    gaps.rule,
    gaps.severity,
    told_people.person_key,
    -- Leave that a list no longer names is gone from the past too.
    case when gaps.rule = 'unusual_row_counts' and gaps.stream = 'absences' then calendar.first_date else gaps.start_date end as start_date,
    gaps.end_date
from gaps
cross join calendar
inner join told_people
    on gaps.source = told_people.source
where gaps.rule = 'silent_sources'
    or (gaps.rule in ('quarantined_rows', 'unusual_row_counts') and gaps.stream in ('people', 'absences'))
