-- Tasks that were finished before they existed, one row a project and source: their lead time is unknown, and which of the two dates is wrong
-- only the source knows.
with backwards as (
    select
        source,
        project_key,
        count(*) as task_count,
        min(completed_date) as start_date,
        max(created_date) as end_date,
        min(coalesce(task_reference, source_record_id)) as example
    from {{ ref('fct_tasks') }}
    where completed_at < created_at
    group by source, project_key
),

owners as (
    select source, owner from {{ ref('dim_sources') }}
)

select
    {{ gap_columns(
        rule='finished_before_created', severity="'warns'", scope='project',
        key_parts=['backwards.source', 'backwards.project_key'],
        source='backwards.source', project_key='backwards.project_key',
        start_date='backwards.start_date', end_date='backwards.end_date', hours_at_stake='null',
        owner="coalesce(owners.owner, 'project lead')",
        detail="backwards.task_count || ' tasks were finished before they were created, ' || backwards.example || ' among them'",
        remedy="'Correct their dates in the source, or the format if it reads them in the wrong order.'"
    ) }}
from backwards
left join owners on backwards.source = owners.source
