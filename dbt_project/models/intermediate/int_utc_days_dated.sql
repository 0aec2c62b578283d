-- Which local date an instant has, to be looked up by its date in UTC: asking the calendar for every instant takes fifty times as long.
-- Days of twenty-four hours only. Where clocks change, and far from today, an instant finds nothing here and is asked for.
with local_days as (
    select
        zone,
        {{ add_days('calendar_date', 1) }} as local_date,
        second_day_at as first_instant,
        third_day_at as end_instant
    from {{ ref('int_midnights_dated') }}
    where third_day_at = {{ add_minutes('second_day_at', 24 * 60) }}
),

met as (
    select
        local_days.*,
        {{ utc_date('first_instant') }} as first_utc_date,
        {{ utc_date(add_minutes('end_instant', -1)) }} as last_utc_date
    from local_days
)

select zone, first_utc_date as utc_date, local_date, first_instant, end_instant
from met

union all

select zone, last_utc_date as utc_date, local_date, first_instant, end_instant
from met
where last_utc_date > first_utc_date
