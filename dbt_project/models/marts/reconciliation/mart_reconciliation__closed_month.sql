with closed as (
    select
        month_start_date,
        count(*) as closed_entries,
        sum(case when is_counted then duration_us else 0 end) as counted_us
    from {{ ref('fct_closed_activities') }}
    group by month_start_date
),

adjusted as (
    select
        month_start_date,
        sum(case when adjustment_kind = 'added' then 1 else 0 end) as added_entries,
        sum(case when adjustment_kind = 'removed' then 1 else 0 end) as removed_entries,
        sum(case when adjustment_kind = 'changed' and adjustment_entry = 'booking' then 1 else 0 end) as changed_entries,
        sum(case when is_counted then adjustment_us else 0 end) as counted_us,
        max(adjusted_at) as last_adjusted_at
    from {{ ref('fct_adjustments') }}
    group by month_start_date
),

known_now as (
    select
        months.month_start_date,
        count(*) as current_entries,
        sum(case when activities.is_counted then activities.duration_us else 0 end) as counted_us
    from {{ ref('dim_closed_months') }} as months
    inner join {{ ref('fct_activities') }} as activities
        on coalesce(activities.work_date, activities.period_end_date) between months.month_start_date and months.month_end_date
    where activities.activity_kind = 'time_entry'
    group by months.month_start_date
),

gaps as (
    select months.month_start_date, count(*) as gap_count
    from {{ ref('dim_closed_months') }} as months
    inner join {{ ref('fct_gaps') }} as gaps
        on coalesce(gaps.start_date, months.month_start_date) <= months.month_end_date
        and coalesce(gaps.end_date, gaps.start_date, months.month_start_date) >= months.month_start_date
    where not gaps.is_accepted
    group by months.month_start_date
),

totals as (
    select
        months.month_start_date,
        months.closed_at,
        months.closed_version,
        coalesce(closed.closed_entries, 0) as closed_entries,
        coalesce(adjusted.added_entries, 0) as added_entries,
        coalesce(adjusted.removed_entries, 0) as removed_entries,
        coalesce(adjusted.changed_entries, 0) as changed_entries,
        coalesce(known_now.current_entries, 0) as current_entries,
        coalesce(closed.counted_us, 0) as closed_us,
        coalesce(adjusted.counted_us, 0) as adjustment_us,
        coalesce(known_now.counted_us, 0) as current_us,
        adjusted.last_adjusted_at,
        coalesce(gaps.gap_count, 0) as gap_count
    from {{ ref('dim_closed_months') }} as months
    left join closed on months.month_start_date = closed.month_start_date
    left join adjusted on months.month_start_date = adjusted.month_start_date
    left join known_now on months.month_start_date = known_now.month_start_date
    left join gaps on months.month_start_date = gaps.month_start_date
)

select
    month_start_date,
    closed_at,
    closed_version,
    closed_entries,
    cast(added_entries as bigint) as added_entries,
    cast(removed_entries as bigint) as removed_entries,
    cast(changed_entries as bigint) as changed_entries,
    current_entries,
    {{ hours('closed_us') }} as closed_counted_hours,
    {{ hours('adjustment_us') }} as adjustment_hours,
    {{ hours('current_us') }} as current_counted_hours,
    cast(closed_us + adjustment_us - current_us as bigint) as difference_us,
    last_adjusted_at,
    gap_count,
    gap_count = 0 as is_complete
from totals
