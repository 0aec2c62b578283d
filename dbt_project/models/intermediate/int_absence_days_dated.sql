-- Approved absences by person and day. Within a source, parts of a day add up; the same leave told by two sources counts once (the larger).
-- An absence that gives neither a part nor hours takes the whole day.
with absences as (
    select
        absences.source,
        actors.person_key,
        absences.start_date,
        absences.end_date,
        cast(case when absences.day_ratio is null and absences.day_absent_us is null then 1 else absences.day_ratio end as double)
            as day_ratio,
        absences.day_absent_us
    from {{ ref('stg_absences') }} as absences
    inner join {{ ref('int_actors_matched') }} as actors
        on absences.person_actor_key = actors.actor_key
    where absences.status = 'approved'
        and actors.person_key is not null
),

by_source as (
    select
        absences.person_key,
        calendar.calendar_date as absence_date,
        absences.source,
        sum(coalesce(absences.day_ratio, 0)) as day_ratio,
        sum(coalesce(absences.day_absent_us, 0)) as day_absent_us
    from absences
    inner join {{ ref('int_calendar_days') }} as calendar
        on calendar.calendar_date between absences.start_date and absences.end_date
    group by absences.person_key, calendar.calendar_date, absences.source
)

select
    person_key,
    absence_date,
    source,
    day_ratio,
    cast(day_absent_us as bigint) as day_absent_us
from by_source
