-- Capacity and hours of days, summed once for every mart of weeks and months: a part is what a week and a month have in common, so that
-- both are sums of parts. Hours of a period are of no day and not in here.
with dates as (
    select
        calendar_date,
        week_start_date,
        week_end_date,
        month_start_date,
        month_end_date,
        is_past,
        min(calendar_date) over (partition by week_start_date, month_start_date, is_past) as part_start_date
    from {{ ref('dim_dates') }}
),

capacity_days as {{ inlined() }} (
    select
        person_key,
        team_key,
        capacity_date,
        contracted_us,
        absent_us,
        effective_us
    from {{ ref('fct_capacity_days') }}
),

capacity_parts as (
    select
        capacity_days.person_key,
        capacity_days.team_key,
        dates.part_start_date,
        count(*) as person_days,
        count(*) - count(capacity_days.effective_us) as unknown_capacity_days,
        sum(capacity_days.contracted_us) as contracted_us,
        sum(capacity_days.absent_us) as absent_us,
        sum(capacity_days.effective_us) as effective_us,
        max(capacity_days.capacity_date) as last_capacity_date
    from capacity_days
    inner join dates
        on capacity_days.capacity_date = dates.calendar_date
    group by capacity_days.person_key, capacity_days.team_key, dates.part_start_date
),

counted_days as (
    select
        person_key,
        team_key,
        work_date,
        sum(duration_us) as counted_us,
        sum(duration_us) filter (where is_billable) as billable_us,
        sum(duration_us) filter (where is_billable is null) as unstated_us
    from {{ ref('fct_activities') }}
    where is_counted and work_date is not null
    group by person_key, team_key, work_date
),

counted_parts as (
    select
        counted_days.person_key,
        counted_days.team_key,
        dates.part_start_date,
        sum(counted_days.counted_us) as counted_us,
        sum(counted_days.billable_us) as billable_us,
        sum(counted_days.unstated_us) as unstated_us,
        sum(counted_days.counted_us) filter (where capacity_days.effective_us is not null) as counted_with_capacity_us,
        sum(counted_days.billable_us) filter (where capacity_days.effective_us is not null) as billable_with_capacity_us,
        sum(counted_days.counted_us) filter (where capacity_days.effective_us is null) as counted_without_capacity_us,
        bool_and(counted_days.counted_us is not null and capacity_days.effective_us is not null) as is_measured
    from counted_days
    inner join dates
        on counted_days.work_date = dates.calendar_date
    left join capacity_days
        on counted_days.person_key = capacity_days.person_key
        and counted_days.work_date = capacity_days.capacity_date
    group by counted_days.person_key, counted_days.team_key, dates.part_start_date
),

measured as (
    select
        coalesce(capacity_parts.person_key, counted_parts.person_key) as person_key,
        coalesce(capacity_parts.team_key, counted_parts.team_key) as team_key,
        coalesce(capacity_parts.part_start_date, counted_parts.part_start_date) as part_start_date,
        coalesce(capacity_parts.person_days, 0) as person_days,
        coalesce(capacity_parts.unknown_capacity_days, 0) as unknown_capacity_days,
        capacity_parts.contracted_us,
        capacity_parts.absent_us,
        capacity_parts.effective_us,
        capacity_parts.last_capacity_date,
        counted_parts.part_start_date is not null as has_counted_days,
        counted_parts.counted_us,
        counted_parts.billable_us,
        counted_parts.unstated_us,
        counted_parts.counted_with_capacity_us,
        counted_parts.billable_with_capacity_us,
        counted_parts.counted_without_capacity_us,
        coalesce(counted_parts.is_measured, true) as is_measured
    from capacity_parts
    full outer join counted_parts
        on capacity_parts.person_key = counted_parts.person_key
        and capacity_parts.team_key is not distinct from counted_parts.team_key
        and capacity_parts.part_start_date = counted_parts.part_start_date
)

select
    measured.person_key,
    measured.team_key,
    dates.week_start_date,
    dates.week_end_date,
    dates.month_start_date,
    dates.month_end_date,
    dates.is_past,
    measured.person_days,
    measured.unknown_capacity_days,
    cast(measured.contracted_us as bigint) as contracted_us,
    cast(measured.absent_us as bigint) as absent_us,
    cast(measured.effective_us as bigint) as effective_us,
    measured.last_capacity_date,
    measured.has_counted_days,
    cast(measured.counted_us as bigint) as counted_us,
    cast(measured.billable_us as bigint) as billable_us,
    cast(measured.unstated_us as bigint) as unstated_us,
    cast(measured.counted_with_capacity_us as bigint) as counted_with_capacity_us,
    cast(measured.billable_with_capacity_us as bigint) as billable_with_capacity_us,
    cast(measured.counted_without_capacity_us as bigint) as counted_without_capacity_us,
    measured.is_measured
from measured
inner join dates
    on measured.part_start_date = dates.calendar_date
