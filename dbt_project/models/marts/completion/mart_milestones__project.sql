with milestones as (
    select * from {{ ref('fct_milestones') }}
),

as_of as (
    select as_of_date from {{ source('workspace', 'as_of') }}
),

told_projects as (
    select source, project_key
    from milestones
    group by source, project_key
),

gaps as (
    select
        told_projects.project_key,
        count(distinct gaps.gap_key) as gap_count
    from told_projects
    inner join {{ project_gaps() }} as gaps
        on told_projects.source = gaps.source
        and told_projects.project_key is not distinct from gaps.project_key
    group by told_projects.project_key
),

counted as (
    select
        milestones.project_key,
        count(*) as milestones,
        count(*) filter (where completion_outcome in ('on_time', 'finished_late', 'overdue')) as due_milestones,
        count(*) filter (where completion_outcome = 'on_time') as on_time_milestones,
        count(*) filter (where completion_outcome = 'finished_late') as finished_late_milestones,
        count(*) filter (where completion_outcome = 'overdue') as overdue_milestones,
        count(*) filter (where completion_outcome = 'not_yet_due') as not_yet_due_milestones,
        count(*) filter (where completion_outcome = 'unknown_baseline') as unknown_baseline_milestones,
        count(*) filter (where completion_outcome = 'no_due_date') as no_due_date_milestones,
        count(*) filter (where completion_outcome = 'finished_undated') as finished_undated_milestones,
        count(*) filter (where completion_outcome = 'cancelled') as cancelled_milestones,
        count(*) filter (where due_date <> baseline_date and baseline_basis <> 'reported') as moved_milestones,
        max(due_slip_days) filter (where not is_cancelled) as longest_slip_days,
        min(coalesce(due_date, baseline_date)) filter (
            where not is_done and not is_cancelled and coalesce(due_date, baseline_date) >= as_of.as_of_date
        ) as next_due_date
    from milestones
    cross join as_of
    group by milestones.project_key
)

select
    {{ surrogate_key(['counted.project_key']) }} as project_milestones_key,
    counted.project_key,
    counted.milestones,
    counted.due_milestones,
    counted.on_time_milestones,
    counted.finished_late_milestones,
    counted.overdue_milestones,
    counted.finished_late_milestones + counted.overdue_milestones as late_milestones,
    counted.not_yet_due_milestones,
    counted.unknown_baseline_milestones,
    counted.no_due_date_milestones,
    counted.finished_undated_milestones,
    counted.cancelled_milestones,
    counted.moved_milestones,
    {{ ratio('counted.on_time_milestones + counted.finished_late_milestones', 'counted.due_milestones') }}
        as completion_ratio,
    {{ ratio('counted.on_time_milestones', 'counted.due_milestones') }} as on_time_ratio,
    {{ ratio('counted.on_time_milestones', 'counted.on_time_milestones + counted.finished_late_milestones') }}
        as on_time_of_finished_ratio,
    counted.longest_slip_days,
    counted.next_due_date,
    coalesce(gaps.gap_count, 0) as gap_count,
    coalesce(gaps.gap_count, 0) = 0
    and counted.unknown_baseline_milestones = 0
    and counted.finished_undated_milestones = 0 as is_complete
from counted
left join gaps on counted.project_key is not distinct from gaps.project_key
