select
    calendar_date,
    cast(iso_weekday as integer) as iso_weekday,
    week_start_date,
    week_end_date,
    month_start_date,
    month_end_date,
    cast(extract(year from calendar_date) as integer) as calendar_year,
    cast(extract(quarter from calendar_date) as integer) as calendar_quarter,
    cast(extract(month from calendar_date) as integer) as calendar_month,
    is_policy_weekday,
    is_past
from {{ ref('int_calendar_days') }}
