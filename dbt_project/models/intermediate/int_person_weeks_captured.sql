-- Evidence of work beside the logged hours, by person and week: meetings, calls and tickets with a length, and entries that gave way to the
-- source that has authority. Weeks with evidence up to as_of, of people whom a roster knows. Two sources may show the same hour: of each
-- day the source that shows most is taken. What has no length shows no time and is only numbered; an elapsed step of a process is no work at
-- all. Hours of a period are counted in the week that holds it whole; a week that one only touches is_partly_counted: nobody knows how much
-- of it lies there.
with evidence as (
    select
        activities.person_key,
        activities.source,
        activities.work_date,
        activities.activity_kind,
        activities.day_part,
        activities.duration_us
    from {{ ref('fct_activities') }} as activities
    inner join (
        select person_key from {{ ref('dim_persons') }} where is_resolved group by person_key
    ) as known
        on activities.person_key = known.person_key
    where activities.work_date <= {{ as_of_date() }}
        and activities.activity_kind <> 'process_span'
        and activities.not_counted_reason in ('evidence', 'other_source_has_authority')
),

evidence_by_source as (
    select
        person_key,
        source,
        work_date,
        sum(duration_us) as evidence_us,
        count(*) filter (where activity_kind = 'interaction') as interaction_count,
        count(*) filter (where activity_kind = 'time_entry' and day_part = 1) as overruled_entry_count,
        count(*) filter (where duration_us is null) as unmeasured_count
    from evidence
    group by person_key, source, work_date
),

evidence_days as (
    select
        person_key,
        work_date,
        max(evidence_us) as evidence_us,
        sum(interaction_count) as interaction_count,
        sum(overruled_entry_count) as overruled_entry_count,
        sum(unmeasured_count) as unmeasured_count
    from evidence_by_source
    group by person_key, work_date
),

logged_days as (
    select person_key, logged_date
    from {{ logged_days() }}
),

evidence_weeks as (
    select
        evidence_days.person_key,
        dates.week_start_date,
        dates.week_end_date,
        sum(evidence_days.interaction_count) as interaction_count,
        sum(evidence_days.overruled_entry_count) as overruled_entry_count,
        sum(evidence_days.unmeasured_count) as unmeasured_count,
        sum(evidence_days.evidence_us) as evidence_us,
        sum(evidence_days.evidence_us) filter (where capacity.is_absent and capacity.effective_us = 0) as leave_us,
        sum(evidence_days.evidence_us) filter (where logged_days.logged_date is null) as unlogged_us,
        count(*) filter (where logged_days.logged_date is null) as unlogged_days
    from evidence_days
    inner join {{ ref('dim_dates') }} as dates
        on evidence_days.work_date = dates.calendar_date
    left join logged_days
        on evidence_days.person_key = logged_days.person_key
        and evidence_days.work_date = logged_days.logged_date
    left join {{ ref('fct_capacity_days') }} as capacity
        on evidence_days.person_key = capacity.person_key
        and evidence_days.work_date = capacity.capacity_date
    group by evidence_days.person_key, dates.week_start_date, dates.week_end_date
),

counted_weeks as (
    select
        weeks.person_key,
        weeks.week_start_date,
        sum(activities.duration_us) filter (
            where activities.work_date is not null
            or (activities.period_start_date >= weeks.week_start_date and activities.period_end_date <= weeks.week_end_date)
        ) as counted_us,
        bool_or(
            activities.work_date is null
            and not (activities.period_start_date >= weeks.week_start_date and activities.period_end_date <= weeks.week_end_date)
        ) as is_partly_counted
    from evidence_weeks as weeks
    inner join {{ ref('fct_activities') }} as activities
        on weeks.person_key = activities.person_key
        and activities.is_counted
        and coalesce(activities.work_date, activities.period_start_date) <= weeks.week_end_date
        and coalesce(activities.work_date, activities.period_end_date) >= weeks.week_start_date
    group by weeks.person_key, weeks.week_start_date
)

select
    weeks.person_key,
    weeks.week_start_date,
    weeks.week_end_date,
    cast(weeks.interaction_count as bigint) as interaction_count,
    cast(weeks.overruled_entry_count as bigint) as overruled_entry_count,
    cast(weeks.unmeasured_count as bigint) as unmeasured_count,
    weeks.evidence_us,
    case when weeks.evidence_us is not null then coalesce(weeks.leave_us, 0) end as leave_us,
    case when weeks.evidence_us is not null then coalesce(weeks.unlogged_us, 0) end as unlogged_us,
    weeks.unlogged_days,
    coalesce(counted_weeks.counted_us, 0) as counted_us,
    coalesce(counted_weeks.is_partly_counted, false) as is_partly_counted
from evidence_weeks as weeks
left join counted_weeks
    on weeks.person_key = counted_weeks.person_key
    and weeks.week_start_date = counted_weeks.week_start_date
