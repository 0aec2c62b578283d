-- The month in which anybody's activity, absence or booking is first known: earlier capacity has nothing to stand beside.
select cast(date_trunc('month', coalesce(min(first_date), {{ as_of_date() }})) as date) as first_date
from (
    select min(coalesce(work_date, period_start_date)) as first_date
    from {{ ref('fct_activities') }}
    where is_counted or activity_kind <> 'time_entry'
    union all
    select min(start_date) as first_date from {{ ref('stg_allocations') }}
) as firsts
