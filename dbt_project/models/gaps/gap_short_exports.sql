-- Working days on which a source brought far fewer hours than it is used to, or far more: an export with a filter left on, cut off at a
-- limit of rows, or holding entries twice under new ids. What is measured is hours per person expected at work, so that holidays, leave
-- and people who come or go are no surprise.
--
-- A day is unusual where its figure lies below or above so much per cent of what is usual there (short_percent, long_percent), and more than
-- so many times the usual scatter (scatters; median and median absolute deviation) away from it: for its weekday in the half year before
-- and, on the first and last three working days of a month, also for these days of the months before. A weekday needs eight days of
-- history, a month's edge six; a day without is not judged.
-- Unusual days in a row are one gap, from smallest_hours on: a person's day or two are their own affair (gap_unlogged_days).
--
-- Time of a period lies on no day and is not judged, nor is what the newest export does not reach (gap_silent_sources) or what people may
-- still log: the days of policy's grace before an extraction without coverage, and before as_of.
with thresholds as (
    {{ thresholds('short_exports', ['scatters', 'short_percent', 'long_percent', 'smallest_hours'], by_source=true) }}
),

logged as (
    select
        source,
        person_key,
        work_date,
        sum(duration_us) as logged_us
    from {{ ref('fct_activities') }}
    where activity_kind = 'time_entry'
        and work_date is not null
        and duration_us > 0
    group by source, person_key, work_date
),

logged_by_day as (
    select
        source,
        work_date,
        count(*) as person_count,
        sum(logged_us) as logged_us
    from logged
    group by source, work_date
),

loggers as (
    select
        source,
        person_key,
        min(work_date) as first_date,
        max(work_date) as last_date
    from logged
    group by source, person_key
),

reached as (
    select
        delivered.source,
        max(
            case
                when delivered.coverage_to is not null then delivered.coverage_to
                else {{ add_days(local_date('delivered.extracted_at', "coalesce(zones.zone, 'UTC')"), '-policy.unlogged_grace_days') }}
            end
        ) as reached_date
    from {{ source('workspace', 'delivery_streams') }} as delivered
    cross join {{ source('workspace', 'policy') }} as policy
    left join {{ ref('dim_sources') }} as sources
        on delivered.source = sources.source
    left join {{ ref('int_zones_known') }} as zones
        on lower(coalesce(sources.zone, policy.default_zone)) = zones.zone_id
    where delivered.stream = 'time_entries'
    group by delivered.source
),

working_days as (
    select
        dates.calendar_date,
        dates.iso_weekday,
        case
            when row_number() over (partition by dates.month_start_date order by dates.calendar_date) <= 3 then 'first'
            when row_number() over (partition by dates.month_start_date order by dates.calendar_date desc) <= 3 then 'last'
        end as month_edge
    from {{ ref('dim_dates') }} as dates
    where dates.is_policy_weekday
),

-- From a person's first to their last entry, and for four weeks more, but not on days that they log elsewhere.
awaited_days as (
    select
        loggers.source,
        loggers.person_key,
        working_days.calendar_date,
        false as is_later
    from loggers
    inner join working_days
        on working_days.calendar_date between loggers.first_date and loggers.last_date

    union all

    select
        loggers.source,
        loggers.person_key,
        working_days.calendar_date,
        true as is_later
    from loggers
    inner join working_days
        on working_days.calendar_date > loggers.last_date
        and working_days.calendar_date <= {{ add_days('loggers.last_date', 28) }}
    where not exists (
        select 1
        from logged as elsewhere
        where elsewhere.person_key = loggers.person_key
            and elsewhere.work_date = working_days.calendar_date
    )
),

-- Later only whom a roster knows. In whole millionths of a person: sums of fractions would depend on the order of rows.
expected_people as (
    select
        awaited_days.source,
        awaited_days.calendar_date,
        case
            when capacity_days.contracted_us > 0
                then cast(round(cast(capacity_days.effective_us as double) / capacity_days.contracted_us * 1000000) as bigint)
            when not capacity_days.is_working_day or capacity_days.is_absent then 0
            else 1000000
        end as expected_millionths
    from awaited_days
    left join {{ ref('fct_capacity_days') }} as capacity_days
        on awaited_days.person_key = capacity_days.person_key
        and awaited_days.calendar_date = capacity_days.capacity_date
    where not awaited_days.is_later
        or capacity_days.person_key is not null
),

expected_days as (
    select
        source,
        calendar_date,
        cast(sum(expected_millionths) as double) / 1000000 as expected_people
    from expected_people
    group by source, calendar_date
),

-- Who works although leave or a holiday is known was expected after all.
days as (
    select
        expected_days.source,
        expected_days.calendar_date,
        working_days.iso_weekday,
        working_days.month_edge,
        greatest(expected_days.expected_people, coalesce(logged_by_day.person_count, 0)) as people,
        coalesce(logged_by_day.logged_us, 0) as logged_us,
        coalesce(logged_by_day.logged_us, 0)
        / greatest(expected_days.expected_people, coalesce(logged_by_day.person_count, 0)) as person_us,
        row_number() over (partition by expected_days.source order by expected_days.calendar_date) as day_number
    from expected_days
    inner join working_days
        on expected_days.calendar_date = working_days.calendar_date
    inner join reached
        on expected_days.source = reached.source
    left join logged_by_day
        on expected_days.source = logged_by_day.source
        and expected_days.calendar_date = logged_by_day.work_date
    where greatest(expected_days.expected_people, coalesce(logged_by_day.person_count, 0)) >= 1
        and expected_days.calendar_date <= reached.reached_date
        and expected_days.calendar_date <= {{ settled_date() }}
),

compared as (
    select
        days.source,
        days.calendar_date,
        'weekday' as basis,
        earlier.person_us
    from days
    inner join days as earlier
        on days.source = earlier.source
        and days.iso_weekday = earlier.iso_weekday
        and earlier.calendar_date < days.calendar_date
        and earlier.calendar_date >= {{ add_days('days.calendar_date', -182) }}

    union all

    select
        days.source,
        days.calendar_date,
        'month_edge' as basis,
        earlier.person_us
    from days
    inner join days as earlier
        on days.source = earlier.source
        and days.month_edge = earlier.month_edge
        and earlier.calendar_date < {{ add_days('days.calendar_date', -7) }}
        and earlier.calendar_date >= {{ add_days('days.calendar_date', -182) }}
),

medians as (
    select
        source,
        calendar_date,
        basis,
        count(*) as day_count,
        median(person_us) as usual_us
    from compared
    group by source, calendar_date, basis
),

usual as (
    select
        compared.source,
        compared.calendar_date,
        compared.basis,
        medians.usual_us,
        1.4826 * median(abs(compared.person_us - medians.usual_us)) as scatter_us
    from compared
    inner join medians
        on compared.source = medians.source
        and compared.calendar_date = medians.calendar_date
        and compared.basis = medians.basis
        and medians.day_count >= case when medians.basis = 'weekday' then 8 else 6 end
    group by compared.source, compared.calendar_date, compared.basis, medians.usual_us
),

judged as (
    select
        days.source,
        days.calendar_date,
        days.day_number,
        days.logged_us,
        cast(round(max(case when usual.basis = 'weekday' then usual.usual_us end) * days.people) as bigint) as expected_us,
        case
            when bool_and(
                days.person_us * 100 < usual.usual_us * thresholds.short_percent
                and usual.usual_us - days.person_us > thresholds.scatters * usual.scatter_us
            ) then 'short'
            when bool_and(
                days.person_us * 100 > usual.usual_us * thresholds.long_percent
                and days.person_us - usual.usual_us > thresholds.scatters * usual.scatter_us
            ) then 'long'
        end as direction
    from days
    inner join usual
        on days.source = usual.source
        and days.calendar_date = usual.calendar_date
    inner join thresholds
        on days.source = thresholds.source
    group by days.source, days.calendar_date, days.month_edge, days.day_number, days.logged_us, days.people
    having count(*) = case when days.month_edge is null then 1 else 2 end
),

unusual as (
    select
        judged.*,
        day_number - row_number() over (partition by source, direction order by calendar_date) as island
    from judged
    where direction is not null
),

runs as (
    select
        source,
        direction,
        min(calendar_date) as start_date,
        max(calendar_date) as end_date,
        count(*) as day_count,
        {{ hours('sum(logged_us)') }} as logged_hours,
        {{ hours('sum(expected_us)') }} as expected_hours
    from unusual
    group by source, direction, island
)

select
    {{ gap_columns(
        rule='short_exports', severity="'warns'", scope='source',
        key_parts=['runs.source', 'runs.direction', 'runs.start_date'],
        source='runs.source', stream="'time_entries'", start_date='runs.start_date', end_date='runs.end_date',
        hours_at_stake='abs(runs.expected_hours - runs.logged_hours)',
        owner="coalesce(sources.owner, 'source owner')",
        detail="runs.day_count || case when runs.day_count = 1 then ' working day with ' else ' working days with ' end
            || cast(round(runs.logged_hours) as bigint) || ' hours, where about ' || cast(round(runs.expected_hours) as bigint) || ' are usual'",
        remedy="case
            when runs.direction = 'short'
                then 'Export these days again, without filters and for everybody; if nobody worked, record the leave or the holiday.'
            else 'Look for entries that came twice, under other ids or from another export; if the hours are right, accept the gap.'
        end"
    ) }}
from runs
left join {{ ref('dim_sources') }} as sources
    on runs.source = sources.source
inner join thresholds
    on runs.source = thresholds.source
where abs(runs.expected_hours - runs.logged_hours) >= thresholds.smallest_hours
