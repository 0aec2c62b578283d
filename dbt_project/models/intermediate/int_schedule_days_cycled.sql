-- What a work schedule asks for on each day: the hours of that day of its cycle. A rotation of crews is a schedule a crew, each with its
-- own first day. Before that day the cycle ran as it does after it.
with cycles as (
    select
        {{ normal_code('work_schedule') }} as work_schedule,
        min(cycle_start_date) as cycle_start_date,
        max(cycle_day) as cycle_days
    from {{ source('workspace', 'work_schedules') }}
    group by {{ normal_code('work_schedule') }}
),

placed as (
    select
        cycles.work_schedule,
        calendar.calendar_date,
        cycles.cycle_days,
        {{ days_between('cycles.cycle_start_date', 'calendar.calendar_date') }} % cycles.cycle_days as days_after_start
    from cycles
    cross join {{ ref('int_calendar_days') }} as calendar
)

select
    placed.work_schedule,
    placed.calendar_date,
    cast(asked.hours * 3600000000 as bigint) as scheduled_us,
    coalesce(asked.is_worked_on_holidays, false) as is_worked_on_holidays
from placed
inner join {{ source('workspace', 'work_schedules') }} as asked
    on placed.work_schedule = {{ normal_code('asked.work_schedule') }}
    and (placed.days_after_start + placed.cycle_days) % placed.cycle_days + 1 = asked.cycle_day
