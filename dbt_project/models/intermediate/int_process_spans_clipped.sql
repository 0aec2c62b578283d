-- The part of a span that lies on the working days of whoever acted, each day up to its contracted time. Days are those of the
-- person's zone when the span began. No row where the contract of any day of the span is unknown: a part would look like the whole.
with spans as (
    select
        paired.process_span_key,
        activities.person_key,
        paired.started_at,
        paired.ended_at,
        coalesce(person_zones.zone, sources.zone, policy.default_zone) as zone
    from {{ ref('int_process_events_paired') }} as paired
    inner join {{ ref('fct_activities') }} as activities
        on activities.activity_key = {{ surrogate_key(["'process_span'", 'paired.process_span_key']) }}
    cross join {{ source('workspace', 'policy') }} as policy
    left join {{ source('workspace', 'sources') }} as sources on paired.source = sources.source
    left join {{ ref('int_person_zones_held') }} as person_zones
        on activities.person_key = person_zones.person_key
        and paired.started_at >= person_zones.from_instant
        and paired.started_at < person_zones.end_instant
    where
        activities.person_key is not null
        and paired.ended_at >= paired.started_at
),

local_spans as (
    select
        *,
        {{ local_date('started_at', 'zone') }} as started_date,
        {{ local_date('ended_at', 'zone') }} as ended_date
    from spans
),

span_days as (
    select
        local_spans.process_span_key,
        {{ days_between('local_spans.started_date', 'local_spans.ended_date') }} + 1 as days_in_span,
        days.contracted_us,
        {{ us_between(
            'greatest(local_spans.started_at, ' ~ first_instant('days.capacity_date', 'local_spans.zone') ~ ')',
            'least(local_spans.ended_at, ' ~ first_instant(add_days('days.capacity_date', 1), 'local_spans.zone') ~ ')'
        ) }} as overlap_us
    from local_spans
    inner join {{ ref('fct_capacity_days') }} as days
        on
            local_spans.person_key = days.person_key
            and days.capacity_date between local_spans.started_date and local_spans.ended_date
)

select
    process_span_key,
    cast(sum(least(overlap_us, contracted_us)) as bigint) as working_elapsed_us
from span_days
group by process_span_key
having count(contracted_us) = max(days_in_span)
