-- Which gaps bear on what became of the tasks and milestones that a source tells of a project, or of none: the project's, but for what is
-- counted one by one or is no promise, and what is missing of the source as such. What somebody accepted bears on nothing.
with gaps as (
    select gap_key, rule, source, stream, project_key, start_date, end_date
    from {{ ref('fct_gaps') }}
    where not is_accepted
),

told_projects as (
    select source, project_key from {{ ref('fct_tasks') }}
    union
    select source, project_key from {{ ref('fct_milestones') }}
)

select
    gaps.gap_key,
    told_projects.source,
    told_projects.project_key,
    gaps.start_date,
    gaps.end_date
from gaps
inner join told_projects
    on gaps.project_key = told_projects.project_key
where gaps.rule not in ('unknown_baselines', 'unmatched_projects', 'unplaced_bookings')

union all

select
    gaps.gap_key,
    told_projects.source,
    told_projects.project_key,
    -- What a list does not name, or nobody could read of it, may be due on any day.
    case when gaps.rule not in ('quarantined_rows', 'unusual_row_counts') then gaps.start_date end as start_date,
    case when gaps.rule not in ('quarantined_rows', 'unusual_row_counts') then gaps.end_date end as end_date
from gaps
inner join told_projects
    on gaps.source = told_projects.source
where gaps.project_key is null
    and (gaps.rule = 'silent_sources' or gaps.stream in ('tasks', 'task_changes', 'task_assignments', 'milestones'))
