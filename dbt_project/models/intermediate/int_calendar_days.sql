-- The days this version knows of: some years before as_of to some after. Set by variables, never by the data, so
-- that one mistyped year cannot stretch the calendar.
with bounds as (
    select
        cast(date_trunc('year', {{ add_days('as_of_date', -365 * var('calendar_years_before')) }}) as date) as first_date,
        {{ add_days('as_of_date', var('calendar_days_after')) }} as last_date
    from {{ source('workspace', 'as_of') }}
),

days as (
    {{ days_from_to('first_date', 'last_date', 'bounds') }}
)

select
    days.day_date as calendar_date,
    {{ iso_weekday('days.day_date') }} as iso_weekday,
    {{ week_start('days.day_date', 'policy.week_starts_on') }} as week_start_date,
    {{ add_days(week_start('days.day_date', 'policy.week_starts_on'), 6) }} as week_end_date,
    cast(date_trunc('month', days.day_date) as date) as month_start_date,
    cast(last_day(days.day_date) as date) as month_end_date,
    {{ list_contains('policy.working_weekdays', iso_weekday('days.day_date')) }} as is_policy_weekday,
    days.day_date <= as_of.as_of_date as is_past
from days
cross join {{ source('workspace', 'policy') }} as policy
cross join {{ source('workspace', 'as_of') }} as as_of
