-- Days with counted time. Time of a period makes each of its days a logged one.
select
    person_key,
    work_date as logged_date
from {{ ref('fct_activities') }}
where is_counted and duration_us > 0 and work_date is not null
group by person_key, work_date

union

select
    periods.person_key,
    dates.calendar_date as logged_date
from (
    select person_key, period_start_date, period_end_date
    from {{ ref('fct_activities') }}
    where is_counted and duration_us > 0 and work_date is null
    group by person_key, period_start_date, period_end_date
) as periods
inner join {{ ref('dim_dates') }} as dates
    on dates.calendar_date between periods.period_start_date and periods.period_end_date
