-- Tasks that were finished before they existed: their lead time is unknown, and which of the two dates is wrong only the source knows.
with owners as (
    select source, owner from {{ ref('dim_sources') }}
)

select
    {{ gap_columns(
        rule='finished_before_created', severity="'warns'", scope='project',
        key_parts=['tasks.task_key'],
        source='tasks.source', project_key='tasks.project_key',
        start_date='tasks.completed_date', end_date='tasks.created_date', hours_at_stake='null',
        owner="coalesce(owners.owner, 'project lead')",
        detail="'Task ' || coalesce(tasks.task_reference, tasks.source_record_id) || ' was finished before it was created'",
        remedy="'Correct its dates in the source, or the format if it reads them in the wrong order.'"
    ) }}
from {{ ref('fct_tasks') }} as tasks
left join owners on tasks.source = owners.source
where tasks.completed_at < tasks.created_at
