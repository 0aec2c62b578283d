-- A source's days, from its first to its last activity or as_of, silent ones included: a day without rows on which others log is what this mart shows.
with activities as (
    select
        source,
        work_date,
        person_key,
        duration_us,
        is_counted
    from {{ ref('fct_activities') }}
    where work_date is not null
        and activity_kind = 'time_entry'
),

lifetimes as (
    select
        source,
        min(work_date) as first_date,
        greatest(max(work_date), {{ as_of_date() }}) as last_date
    from activities
    group by source
),

days as (
    select
        lifetimes.source,
        dates.calendar_date as activity_date,
        dates.is_policy_weekday,
        dates.is_past
    from lifetimes
    inner join {{ ref('dim_dates') }} as dates
        on dates.calendar_date between lifetimes.first_date and lifetimes.last_date
),

by_day as (
    select
        source,
        work_date,
        count(*) as activity_count,
        count(distinct person_key) as person_count,
        sum(duration_us) filter (where is_counted) as counted_us,
        sum(duration_us) filter (where not is_counted) as not_counted_us
    from activities
    group by source, work_date
),

unmatched as (
    select
        activities.source,
        activities.work_date,
        sum(activities.duration_us) as unmatched_us
    from activities
    inner join (
        select person_key from {{ ref('dim_persons') }} where not is_resolved group by person_key
    ) as strangers
        on activities.person_key = strangers.person_key
    where activities.is_counted
    group by activities.source, activities.work_date
),

gaps as (
    select
        days.source,
        days.activity_date,
        count(*) as gap_count,
        count(*) filter (where gaps.severity = 'blocks') as blocking_gap_count
    from days
    inner join {{ ref('fct_gaps') }} as gaps
        on days.source = gaps.source
        and gaps.scope in ('source', 'delivery')
        and not gaps.is_accepted
        and days.activity_date between gaps.start_date and coalesce(gaps.end_date, gaps.start_date)
    group by days.source, days.activity_date
)

select
    days.source,
    days.activity_date,
    days.is_policy_weekday,
    coalesce(by_day.activity_count, 0) as activity_count,
    coalesce(by_day.person_count, 0) as person_count,
    {{ hours('coalesce(by_day.counted_us, 0)') }} as counted_hours,
    {{ hours('coalesce(by_day.not_counted_us, 0)') }} as not_counted_hours,
    {{ hours('coalesce(unmatched.unmatched_us, 0)') }} as unmatched_hours,
    days.is_past and days.is_policy_weekday and by_day.source is null as is_silent,
    coalesce(gaps.gap_count, 0) as gap_count,
    coalesce(gaps.blocking_gap_count, 0) as blocking_gap_count,
    coalesce(gaps.gap_count, 0) = 0 and not (days.is_past and days.is_policy_weekday and by_day.source is null) as is_complete
from days
left join by_day
    on days.source = by_day.source
    and days.activity_date = by_day.work_date
left join unmatched
    on days.source = unmatched.source
    and days.activity_date = unmatched.work_date
left join gaps
    on days.source = gaps.source
    and days.activity_date = gaps.activity_date
