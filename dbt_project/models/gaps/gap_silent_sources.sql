-- Sources whose export is overdue against the rhythm that workledger.yaml declares. An export speaks of the days up to its declared
-- coverage's end, but never past its own extraction; one without coverage of the days up to its extraction. A source that exports hours
-- again and again is as late as its hours, whatever else it brings; tasks that stop are in gap_task_data_older_than_time.
--
-- hourly, daily: every working day is exported, on the day itself or, with declared coverage, on the next working day.
-- weekly, monthly: a period is exported by the working day of the next one that policy names.
-- An export without coverage may also be taken in the middle of a period: it is not overdue before its next turn, a period after the last.
--
-- Overdue is what is due before the last working day up to as_of, so that weekends and public holidays (of the people whom the source
-- knows, else of all places) raise nothing. A source may be given late_working_days beyond that. A version knows days, not hours. Sources that never delivered are in gap_delivery_problems.
with thresholds as (
    {{ thresholds('silent_sources', ['late_working_days'], by_source=true) }}
),

rhythmic as (
    select
        sources.source,
        sources.rhythm,
        sources.owner,
        coalesce(zones.zone, 'UTC') as zone,
        case sources.rhythm
            when 'weekly' then policy.weekly_due_working_day
            when 'monthly' then policy.monthly_due_working_day
            else 1
        end as due_working_day,
        thresholds.late_working_days
    from {{ source('workspace', 'sources') }} as sources
    cross join {{ source('workspace', 'policy') }} as policy
    inner join thresholds
        on sources.source = thresholds.source
    left join {{ ref('int_zones_known') }} as zones
        on lower(coalesce(sources.zone, policy.default_zone)) = zones.zone_id
    where sources.rhythm is not null
),

hour_sources as (
    select source
    from {{ source('workspace', 'delivery_streams') }}
    where stream = 'time_entries'
    group by source
    having count(*) > 1
),

deliveries as (
    select
        rhythmic.source,
        delivered.coverage_to is not null as is_covered,
        least(
            coalesce(delivered.coverage_to, {{ local_date('delivered.extracted_at', 'rhythmic.zone') }}),
            {{ local_date('delivered.extracted_at', 'rhythmic.zone') }}
        ) as reached_date
    from rhythmic
    inner join {{ source('workspace', 'delivery_streams') }} as delivered
        on rhythmic.source = delivered.source
    where delivered.stream = 'time_entries'
        or rhythmic.source not in (select source from hour_sources)
),

newest as (
    select
        rhythmic.source,
        rhythmic.rhythm,
        rhythmic.owner,
        rhythmic.due_working_day,
        rhythmic.late_working_days,
        ranked.reached_date,
        ranked.is_covered,
        case
            when ranked.is_covered then null
            when rhythmic.rhythm = 'weekly' then {{ add_days('ranked.reached_date', 7) }}
            when rhythmic.rhythm = 'monthly' then {{ add_months('ranked.reached_date', 1) }}
        end as next_turn_date
    from rhythmic
    inner join (
        select
            source,
            reached_date,
            is_covered,
            row_number() over (partition by source order by reached_date desc, is_covered) as newest_first
        from deliveries
    ) as ranked
        on rhythmic.source = ranked.source
        and ranked.newest_first = 1
),

activities as (
    select
        source,
        place,
        work_date,
        case when is_counted then duration_us end as counted_us
    from {{ ref('fct_activities') }}
),

places as (
    select
        source,
        place
    from activities
    where place is not null
    group by source, place
),

-- The calendar of a subdivision is its own, or that of its country.
holidays as (
    select
        newest.source,
        holidays.holiday_date
    from newest
    inner join {{ source('workspace', 'holidays') }} as holidays
        on newest.source not in (select source from places)
        or exists (
            select 1
            from places
            where places.source = newest.source
                and holidays.place in (places.place, split_part(places.place, '-', 1))
        )
    group by newest.source, holidays.holiday_date
),

working_days as (
    select
        newest.source,
        dates.calendar_date as working_date,
        dates.week_end_date,
        dates.month_end_date
    from newest
    inner join {{ ref('dim_dates') }} as dates
        on dates.is_past
        and dates.is_policy_weekday
        and dates.calendar_date > {{ add_days('newest.reached_date', -28) }}
    left join holidays
        on newest.source = holidays.source
        and dates.calendar_date = holidays.holiday_date
    where holidays.source is null
),

-- The first working day that the newest export does not speak of, and the last day of the export that is awaited for it.
awaited as (
    select
        newest.source,
        min(working_days.working_date) as first_date,
        case newest.rhythm
            when 'weekly' then min(working_days.week_end_date)
            when 'monthly' then min(working_days.month_end_date)
            else {{ add_days('min(working_days.working_date)', 'case when newest.is_covered then 0 else -1 end') }}
        end as last_date
    from newest
    inner join working_days
        on newest.source = working_days.source
        and working_days.working_date > newest.reached_date
    group by newest.source, newest.rhythm, newest.is_covered
),

counted as (
    select
        working_days.source,
        working_days.working_date,
        sum(case when working_days.working_date > awaited.last_date then 1 else 0 end)
            over (partition by working_days.source order by working_days.working_date) as day_number
    from working_days
    inner join awaited
        on working_days.source = awaited.source
),

turns as (
    select
        counted.source,
        min(case when counted.day_number = newest.due_working_day then counted.working_date end) as period_due_date,
        min(case when counted.working_date > newest.next_turn_date then counted.working_date end) as turn_due_date,
        count(*) filter (where counted.working_date <= newest.reached_date) as earlier_days,
        count(*) filter (where counted.working_date > newest.reached_date) as silent_days
    from counted
    inner join newest
        on counted.source = newest.source
    group by counted.source
),

due as (
    select
        turns.source,
        case
            when newest.next_turn_date is null then turns.period_due_date
            when turns.turn_due_date > turns.period_due_date then turns.turn_due_date
            when turns.turn_due_date is not null then turns.period_due_date
        end as due_date,
        turns.earlier_days,
        turns.silent_days
    from turns
    inner join newest
        on turns.source = newest.source
),

late as (
    select
        due.source,
        count(*) as late_days
    from due
    inner join counted
        on due.source = counted.source
        and counted.working_date > due.due_date
    group by due.source
),

overdue as (
    select
        newest.*,
        awaited.first_date,
        awaited.last_date,
        due.due_date,
        due.earlier_days,
        due.silent_days
    from newest
    inner join awaited
        on newest.source = awaited.source
    inner join due
        on newest.source = due.source
    inner join late
        on newest.source = late.source
    where late.late_days > newest.late_working_days
),

-- What the source brought a working day in the four weeks before, for want of what it would have brought.
usual as (
    select
        overdue.source,
        sum(activities.counted_us) as counted_us
    from overdue
    inner join activities
        on overdue.source = activities.source
        and activities.work_date > {{ add_days('overdue.reached_date', -28) }}
        and activities.work_date <= overdue.reached_date
    group by overdue.source
)

select
    {{ gap_columns(
        rule='silent_sources', severity="'warns'", scope='source',
        key_parts=['overdue.source', 'overdue.first_date'],
        source='overdue.source', start_date='overdue.first_date', end_date=as_of_date(),
        hours_at_stake=hours('usual.counted_us * overdue.silent_days / nullif(overdue.earlier_days, 0)'),
        owner="coalesce(overdue.owner, 'source owner')",
        detail="'The newest export reaches to ' || overdue.reached_date || '; the next ' || overdue.rhythm || ' one was due by ' || overdue.due_date",
        remedy="'Ask for the export and put it where the source''s files lie; if it comes less often now, correct `rhythm` in workledger.yaml.'"
    ) }}
from overdue
left join usual
    on overdue.source = usual.source
