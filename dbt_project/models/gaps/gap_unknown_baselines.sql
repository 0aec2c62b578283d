-- Tasks of which only today's due date is known. They stand outside the on-time ratio, one row a project and source.
with unknown as (
    select
        tasks.source,
        tasks.project_key,
        count(*) as task_count,
        min(tasks.due_date) as start_date,
        max(tasks.due_date) as end_date,
        {{ hours('sum(tasks.estimate_us)') }} as hours_at_stake
    from {{ ref('fct_tasks') }} as tasks
    where tasks.completion_outcome = 'unknown_baseline'
    group by tasks.source, tasks.project_key
),

owners as (
    select source, owner from {{ ref('dim_sources') }}
)

select
    {{ gap_columns(
        rule='unknown_baselines', severity="'warns'", scope='project',
        key_parts=['unknown.source', 'unknown.project_key'],
        source='unknown.source', project_key='unknown.project_key',
        start_date='unknown.start_date', end_date='unknown.end_date', hours_at_stake='unknown.hours_at_stake',
        owner="coalesce(owners.owner, 'project lead')",
        detail="unknown.task_count || ' tasks whose first due date nobody kept'",
        remedy="'Export the change history of the tasks, or deliver the tasks before they fall due.'"
    ) }}
from unknown
left join owners on unknown.source = owners.source
