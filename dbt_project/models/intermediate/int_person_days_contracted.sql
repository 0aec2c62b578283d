{{ config(materialized='view') }}
-- A person's days with what the contract says of each: the work schedule's cycle where one is named, else the weekday pattern where one
-- is reported, else the week's hours over the policy's working weekdays. A public holiday of the place is no working day, but in
-- schedules that work on it. NULL where the contract says nothing, or names a schedule that nobody describes.
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

-- The company may list one day twice (two names).
holidays as (
    select place, holiday_date
    from {{ source('workspace', 'holidays') }}
    group by place, holiday_date
),

-- As policy says, not as the calendar's days do: which weekdays are working ones bears on the hours of all days.
working_weekdays as (
    select
        calendar.iso_weekday,
        row_number() over (order by calendar.iso_weekday) as weekday_number,
        count(*) over () as weekday_count
    from {{ ref('int_calendar_days') }} as calendar
    cross join {{ source('workspace', 'policy') }} as policy
    where {{ list_contains('policy.working_weekdays', 'calendar.iso_weekday') }}
    group by calendar.iso_weekday
),

-- A subdivision without a calendar of its own keeps its country's.
places as (
    select
        spans.place,
        coalesce(own.place, country.place) as holiday_place
    from (select place from spans group by place) as spans
    left join holiday_places as own
        on spans.place = own.place
    left join holiday_places as country
        on split_part(spans.place, '-', 1) = country.place
),

-- What all people of a place share of a day.
place_days as (
    select
        places.place,
        calendar.calendar_date,
        calendar.iso_weekday,
        calendar.is_policy_weekday,
        calendar.is_past,
        working_weekdays.weekday_number,
        working_weekdays.weekday_count,
        case when places.holiday_place is not null then holidays.holiday_date is not null end as is_holiday
    from places
    cross join bounds
    cross join {{ ref('int_capacity_started') }} as started
    inner join {{ ref('int_calendar_days') }} as calendar
        on calendar.calendar_date between started.first_date and bounds.last_date
    left join working_weekdays
        on calendar.iso_weekday = working_weekdays.iso_weekday
    left join holidays
        on places.holiday_place = holidays.place
        and calendar.calendar_date = holidays.holiday_date
),

days as (
    select
        spans.person_key,
        spans.person_span_key,
        spans.team_key,
        spans.role_key,
        spans.place,
        place_days.calendar_date,
        place_days.is_past,
        place_days.is_holiday,
        coalesce(place_days.is_holiday and not coalesce(scheduled.is_worked_on_holidays, false), false) as is_free,
        case
            when spans.work_schedule is not null then scheduled.scheduled_us
            when spans.has_pattern then
                coalesce(
                    case place_days.iso_weekday
                        when 1 then spans.monday_us
                        when 2 then spans.tuesday_us
                        when 3 then spans.wednesday_us
                        when 4 then spans.thursday_us
                        when 5 then spans.friday_us
                        when 6 then spans.saturday_us
                        when 7 then spans.sunday_us
                    end,
                    -- A pattern that is silent about a day means none where the week is already full or nobody works.
                    case when spans.pattern_us = spans.contracted_week_us or not place_days.is_policy_weekday then 0 end
                )
            when spans.contracted_week_us is null then null
            when not place_days.is_policy_weekday then 0
            else
                -- Whole microseconds a day; what does not divide goes to the first days of the week.
                cast(
                    (spans.contracted_week_us - spans.contracted_week_us % place_days.weekday_count)
                    / place_days.weekday_count as bigint
                )
                + case
                    when place_days.weekday_number <= spans.contracted_week_us % place_days.weekday_count then 1
                    else 0
                end
        end as pattern_day_us
    from spans
    inner join place_days
        on spans.place is not distinct from place_days.place
        and place_days.calendar_date between spans.valid_from_date and coalesce(spans.valid_to_date, date '9999-12-31')
    left join {{ ref('int_schedule_days_cycled') }} as scheduled
        on spans.work_schedule = scheduled.work_schedule
        and place_days.calendar_date = scheduled.calendar_date
)

select
    person_key,
    person_span_key,
    team_key,
    role_key,
    place,
    calendar_date as capacity_date,
    is_past,
    is_holiday,
    not is_free and pattern_day_us > 0 as is_working_day,
    case when is_free and pattern_day_us is not null then 0 else pattern_day_us end as contracted_us
from days
