{{ config(materialized='view') }}
-- A person's days with what the contract says of each: the weekday pattern where one is reported, else the week's hours over
-- the policy's working weekdays. A public holiday of the place is no working day. NULL where the contract says nothing.
with bounds as (
    select
        as_of.as_of_date,
        {{ add_days('as_of.as_of_date', var('capacity_days_after')) }} as last_date
    from {{ source('workspace', 'as_of') }} as as_of
),

spans as (
    select
        spans.*,
        coalesce(monday_us, tuesday_us, wednesday_us, thursday_us, friday_us, saturday_us, sunday_us) is not null as has_pattern,
        coalesce(monday_us, 0) + coalesce(tuesday_us, 0) + coalesce(wednesday_us, 0) + coalesce(thursday_us, 0)
        + coalesce(friday_us, 0) + coalesce(saturday_us, 0) + coalesce(sunday_us, 0) as pattern_us
    from {{ ref('int_person_spans_resolved') }} as spans
),

holiday_places as (
    select place
    from {{ source('workspace', 'holidays') }}
    group by place
),

-- A subdivision without a calendar of its own keeps its country's.
calendars as (
    select
        spans.place,
        coalesce(own.place, country.place) as holiday_place
    from (select place from spans where place is not null group by place) as spans
    left join holiday_places as own
        on spans.place = own.place
    left join holiday_places as country
        on split_part(spans.place, '-', 1) = country.place
),

working_weekdays as (
    select
        iso_weekday,
        row_number() over (order by iso_weekday) as weekday_number,
        count(*) over () as weekday_count
    from {{ ref('int_calendar_days') }}
    where is_policy_weekday
    group by iso_weekday
),

days as (
    select
        spans.person_key,
        spans.person_span_key,
        spans.team_key,
        spans.role_key,
        spans.place,
        calendars.holiday_place,
        calendar.calendar_date,
        calendar.is_policy_weekday,
        calendar.is_past,
        case
            when spans.has_pattern then
                coalesce(
                    case calendar.iso_weekday
                        when 1 then spans.monday_us
                        when 2 then spans.tuesday_us
                        when 3 then spans.wednesday_us
                        when 4 then spans.thursday_us
                        when 5 then spans.friday_us
                        when 6 then spans.saturday_us
                        when 7 then spans.sunday_us
                    end,
                    -- A pattern that is silent about a day means none where the week is already full or nobody works.
                    case when spans.pattern_us = spans.contracted_week_us or not calendar.is_policy_weekday then 0 end
                )
            when spans.contracted_week_us is null then null
            when not calendar.is_policy_weekday then 0
            else
                -- Whole microseconds a day; what does not divide goes to the first days of the week.
                cast(
                    (spans.contracted_week_us - spans.contracted_week_us % working_weekdays.weekday_count)
                    / working_weekdays.weekday_count as bigint
                )
                + case
                    when working_weekdays.weekday_number <= spans.contracted_week_us % working_weekdays.weekday_count then 1
                    else 0
                end
        end as pattern_day_us
    from spans
    cross join bounds
    cross join {{ ref('int_capacity_started') }} as started
    inner join {{ ref('int_calendar_days') }} as calendar
        on calendar.calendar_date between spans.valid_from_date and coalesce(spans.valid_to_date, bounds.last_date)
        and calendar.calendar_date between started.first_date and bounds.last_date
    left join working_weekdays
        on calendar.iso_weekday = working_weekdays.iso_weekday
    left join calendars
        on spans.place = calendars.place
),

-- The company may list one day twice (two names).
holidays as (
    select place, holiday_date
    from {{ source('workspace', 'holidays') }}
    group by place, holiday_date
)

select
    days.person_key,
    days.person_span_key,
    days.team_key,
    days.role_key,
    days.place,
    days.calendar_date as capacity_date,
    days.is_past,
    case when days.holiday_place is not null then holidays.holiday_date is not null end as is_holiday,
    case
        when holidays.holiday_date is not null then false
        else days.pattern_day_us > 0
    end as is_working_day,
    case
        when days.pattern_day_us is null then null
        when holidays.holiday_date is not null then 0
        else days.pattern_day_us
    end as contracted_us
from days
left join holidays
    on days.holiday_place = holidays.place
    and days.calendar_date = holidays.holiday_date
