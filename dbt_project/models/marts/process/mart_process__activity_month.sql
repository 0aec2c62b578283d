-- How often a step of a process was done over, and how long cases waited for it, by the month in which a case first reached it. A step that was
-- aborted or has no end is left out: nobody knows yet whether it will be done again.
with steps as (
    select
        source,
        process_name,
        case_id,
        activity_name,
        process_span_key,
        work_date,
        started_at,
        ended_at,
        coalesce(started_at, ended_at) as began_at,
        case when ended_at > started_at then 1 else 0 end as lasts,
        is_automated,
        elapsed_us,
        paused_us,
        working_elapsed_us
    from {{ ref('fct_process_spans') }}
    where ended_at is not null
        and not is_aborted
        and work_date is not null
),

-- A case waits from the end of whatever was begun before to the start of the step. A step that runs beside one begun earlier waits for
-- nothing; those that begin together have waited alike, but for what took no time at that very instant.
beginnings as (
    select
        source,
        process_name,
        case_id,
        began_at,
        lasts,
        max(max(ended_at)) over (
            partition by source, process_name, case_id
            order by began_at, lasts rows between unbounded preceding and 1 preceding
        ) as done_before_at
    from steps
    group by source, process_name, case_id, began_at, lasts
),

numbered as (
    select
        steps.*,
        row_number() over (
            partition by steps.source, steps.process_name, steps.case_id, steps.activity_name
            order by steps.began_at, steps.ended_at, steps.process_span_key
        ) as repetition,
        beginnings.done_before_at
    from steps
    inner join beginnings
        on steps.source = beginnings.source
        and steps.process_name is not distinct from beginnings.process_name
        and steps.case_id = beginnings.case_id
        and steps.began_at = beginnings.began_at
        and steps.lasts = beginnings.lasts
),

by_case as (
    select
        source,
        process_name,
        case_id,
        activity_name,
        cast(date_trunc('month', min(work_date)) as date) as month_start_date,
        count(*) as step_count,
        count(*) filter (where repetition > 1) as rework_count,
        count(*) filter (where is_automated) as automated_count,
        sum(elapsed_us) as elapsed_us,
        sum(paused_us) as paused_us,
        sum(working_elapsed_us) as working_elapsed_us,
        sum(
            case
                when started_at is not null and done_before_at is not null
                    then greatest({{ us_between('done_before_at', 'started_at') }}, 0)
            end
        ) as waiting_us
    from numbered
    group by source, process_name, case_id, activity_name
),

by_month as (
    select
        source,
        process_name,
        activity_name,
        month_start_date,
        count(*) as case_count,
        count(*) filter (where rework_count = 0) as first_pass_case_count,
        sum(step_count) as step_count,
        sum(rework_count) as rework_count,
        sum(automated_count) as automated_count,
        sum(elapsed_us) as elapsed_us,
        sum(paused_us) as paused_us,
        sum(working_elapsed_us) as working_elapsed_us,
        sum(waiting_us) as waiting_us
    from by_case
    group by source, process_name, activity_name, month_start_date
),

months as (
    select by_month.source, by_month.month_start_date, dates.month_end_date
    from by_month
    inner join {{ ref('dim_dates') }} as dates
        on by_month.month_start_date = dates.calendar_date
    group by by_month.source, by_month.month_start_date, dates.month_end_date
),

-- Gaps of the source as such: those of a person, a project or another stream say nothing of its events.
gaps as (
    select months.source, months.month_start_date, count(*) as gap_count
    from months
    inner join {{ ref('fct_gaps') }} as gaps
        on months.source = gaps.source
        and coalesce(gaps.start_date, months.month_start_date) <= months.month_end_date
        and coalesce(gaps.end_date, gaps.start_date, months.month_start_date) >= months.month_start_date
    where gaps.person_key is null
        and gaps.project_key is null
        and coalesce(gaps.stream, 'process_events') = 'process_events'
        and not gaps.is_accepted
    group by months.source, months.month_start_date
)

select
    {{ surrogate_key(['by_month.source', 'by_month.process_name', 'by_month.activity_name', 'by_month.month_start_date']) }}
        as process_activity_month_key,
    by_month.source,
    by_month.process_name,
    by_month.activity_name,
    by_month.month_start_date,
    dates.month_end_date,
    by_month.case_count,
    by_month.first_pass_case_count,
    cast(by_month.step_count as bigint) as step_count,
    cast(by_month.rework_count as bigint) as rework_step_count,
    cast(by_month.automated_count as bigint) as automated_step_count,
    {{ ratio('by_month.first_pass_case_count', 'by_month.case_count') }} as first_pass_ratio,
    {{ ratio('by_month.rework_count', 'by_month.step_count') }} as rework_ratio,
    {{ hours('by_month.elapsed_us') }} as elapsed_hours,
    {{ hours('by_month.paused_us') }} as paused_hours,
    {{ hours('by_month.working_elapsed_us') }} as working_elapsed_hours,
    {{ hours('by_month.waiting_us') }} as waiting_hours,
    coalesce(gaps.gap_count, 0) as gap_count,
    coalesce(dates.month_end_date <= as_of.as_of_date, false) and coalesce(gaps.gap_count, 0) = 0 as is_complete
from by_month
cross join {{ source('workspace', 'as_of') }} as as_of
left join {{ ref('dim_dates') }} as dates
    on by_month.month_start_date = dates.calendar_date
left join gaps
    on by_month.source = gaps.source
    and by_month.month_start_date = gaps.month_start_date
