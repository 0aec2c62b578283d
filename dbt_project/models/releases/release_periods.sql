-- When managers may see a period: after it ended, its contributors have the lead of working days that policy names to look first. A
-- month waits for the week in which it ends, so that a month and its weeks are told by the same rows.
with policy_weekdays as (
    select
        calendar_date,
        row_number() over (order by calendar_date) as weekday_number
    from {{ ref('dim_dates') }}
    where is_policy_weekday
),

periods as (
    select
        'week' as period_kind,
        week_start_date as period_start_date,
        week_end_date as period_end_date,
        week_end_date as settled_date
    from {{ ref('dim_dates') }}
    group by week_start_date, week_end_date

    union all

    select
        'month' as period_kind,
        month_start_date as period_start_date,
        month_end_date as period_end_date,
        max(week_end_date) as settled_date
    from {{ ref('dim_dates') }}
    group by month_start_date, month_end_date
),

numbered as (
    select
        periods.period_kind,
        periods.period_start_date,
        periods.period_end_date,
        coalesce(max(policy_weekdays.weekday_number), 0) as last_weekday_number
    from periods
    left join policy_weekdays
        on periods.settled_date >= policy_weekdays.calendar_date
    group by periods.period_kind, periods.period_start_date, periods.period_end_date
)

select
    numbered.period_kind,
    numbered.period_start_date,
    numbered.period_end_date,
    policy_weekdays.calendar_date as release_date,
    policy_weekdays.calendar_date <= {{ as_of_date() }} as is_due
from numbered
cross join {{ source('workspace', 'policy') }} as policy
inner join policy_weekdays
    on numbered.last_weekday_number + policy.manager_lead_working_days + 1 = policy_weekdays.weekday_number
