-- Tasks whose last recorded change leads to another kind of status than the task has: changes are missing, and with them the
-- time spent in each status.
with last_spans as (
    select
        task_key,
        status_category
    from {{ ref('fct_task_status_spans') }}
    where is_open
),

disagreeing as (
    select
        tasks.source,
        tasks.project_key,
        count(*) as task_count,
        min(tasks.created_date) as start_date
    from {{ ref('fct_tasks') }} as tasks
    inner join last_spans on tasks.task_key = last_spans.task_key
    where tasks.status_category <> last_spans.status_category
    group by tasks.source, tasks.project_key
),

owners as (
    select source, owner from {{ ref('dim_sources') }}
)

select
    {{ gap_columns(
        rule='status_histories_disagree', severity="'warns'", scope='project',
        key_parts=['disagreeing.source', 'disagreeing.project_key'],
        source='disagreeing.source', project_key='disagreeing.project_key',
        start_date='disagreeing.start_date', end_date='null', hours_at_stake='null',
        owner="coalesce(owners.owner, 'project lead')",
        detail="disagreeing.task_count || ' tasks whose status is not the one their last change led to'",
        remedy="'Export tasks and their changes at the same time, changes complete.'"
    ) }}
from disagreeing
left join owners on disagreeing.source = owners.source
