-- The part of a span that lies on the working days of whoever acted, each day up to its contracted time. Days are those of the
-- person's zone. No row where the contract of any day of the span is unknown: a part would look like the whole.
with spans as (
    select
        paired.process_span_key,
        actors.person_key,
        {{ local_time('paired.started_at', 'coalesce(person_zones.zone, sources.zone, policy.default_zone)') }} as started_time,
        {{ local_time('paired.ended_at', 'coalesce(person_zones.zone, sources.zone, policy.default_zone)') }} as ended_time
    from {{ ref('int_process_events_paired') }} as paired
    inner join {{ ref('int_actors_matched') }} as actors on paired.person_actor_key = actors.actor_key
    cross join {{ source('workspace', 'policy') }} as policy
    left join {{ source('workspace', 'sources') }} as sources on paired.source = sources.source
    left join {{ ref('int_person_zones_held') }} as person_zones
        on actors.person_key = person_zones.person_key
        and paired.started_at >= person_zones.from_instant
        and paired.started_at < person_zones.end_instant
    where
        actors.person_key is not null
        and not coalesce(paired.is_automated, false)
        and paired.ended_at >= paired.started_at
),

span_days as (
    select
        spans.process_span_key,
        {{ days_between('cast(spans.started_time as date)', 'cast(spans.ended_time as date)') }} + 1 as days_in_span,
        days.is_working_day,
        days.contracted_us,
        {{ us_between(
            'greatest(spans.started_time, cast(days.capacity_date as timestamp))',
            'least(spans.ended_time, cast(' ~ add_days('days.capacity_date', 1) ~ ' as timestamp))'
        ) }} as overlap_us
    from spans
    inner join {{ ref('fct_capacity_days') }} as days
        on
            spans.person_key = days.person_key
            and days.capacity_date between cast(spans.started_time as date) and cast(spans.ended_time as date)
)

select
    process_span_key,
    cast(sum(least(overlap_us, contracted_us)) as bigint) as working_elapsed_us
from span_days
group by process_span_key
having count(contracted_us) = max(days_in_span)
