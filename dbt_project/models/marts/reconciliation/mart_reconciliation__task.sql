with totals as (
    select * from {{ ref('fct_task_totals') }}
),

gaps as (
    select
        project_key,
        count(*) as gap_count
    from {{ ref('fct_gaps') }}
    where project_key is not null
        and not is_accepted
    group by project_key
)

select
    totals.task_key,
    totals.source,
    totals.project_key,
    totals.person_key,
    totals.team_key,
    totals.is_task_known,
    totals.first_work_date,
    totals.last_work_date,
    totals.entries,
    totals.entries_without_duration,
    {{ hours('totals.reported_spent_us') }} as reported_spent_hours,
    {{ hours('totals.logged_us') }} as logged_hours,
    {{ hours('totals.difference_us') }} as difference_hours,
    {{ hours('totals.tolerance_us') }} as tolerance_hours,
    totals.reason = 'agrees' as is_reconciled,
    totals.reason,
    coalesce(gaps.gap_count, 0) as gap_count,
    totals.is_task_known
    and totals.reported_spent_us is not null
    and totals.logged_us is not null
    and totals.entries_without_duration = 0 as is_complete
from totals
left join gaps on totals.project_key = gaps.project_key
