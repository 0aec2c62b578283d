-- Approved absences by person and day. Within a source, parts of a day add up; the same leave told by two sources counts once (the larger).
-- An absence that gives neither a part nor hours takes the whole day. A lent account's leave is that of whoever held it on the day.
with absences as (
    select
        absences.source,
        absences.person_actor_key,
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
),

absence_days as (
    select
        coalesce(lent.person_key, absences.person_key) as person_key,
        calendar.calendar_date as absence_date,
        absences.source,
        absences.day_ratio,
        absences.day_absent_us
    from absences
    inner join {{ ref('int_calendar_days') }} as calendar
        on calendar.calendar_date between absences.start_date and absences.end_date
    left join {{ ref('int_actors_lent') }} as lent
        on absences.person_actor_key = lent.actor_key
        and calendar.calendar_date between lent.valid_from_date and lent.valid_to_date
),

by_source as (
    select
        person_key,
        absence_date,
        source,
        sum(coalesce(day_ratio, 0)) as day_ratio,
        sum(coalesce(day_absent_us, 0)) as day_absent_us
    from absence_days
    where person_key is not null
    group by person_key, absence_date, source
)

select
    person_key,
    absence_date,
    source,
    day_ratio,
    cast(day_absent_us as bigint) as day_absent_us
from by_source
