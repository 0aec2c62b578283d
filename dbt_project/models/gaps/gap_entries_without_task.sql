-- Time logged on tasks that the same source's task list does not have, where it has a list at all.
with listing_sources as (
    select source
    from {{ ref('fct_tasks') }}
    group by source
),

orphaned as (
    select
        totals.source,
        totals.project_key,
        count(*) as task_count,
        min(totals.first_work_date) as start_date,
        max(totals.last_work_date) as end_date,
        {{ hours('sum(totals.logged_us)') }} as hours_at_stake
    from {{ ref('fct_task_totals') }} as totals
    inner join listing_sources on totals.source = listing_sources.source
    where totals.reason = 'task_unknown'
    group by totals.source, totals.project_key
),

owners as (
    select source, owner from {{ ref('dim_sources') }}
)

select
    {{ gap_columns(
        rule='entries_without_task', severity="'warns'", scope='project',
        key_parts=['orphaned.source', 'orphaned.project_key'],
        source='orphaned.source', project_key='orphaned.project_key',
        start_date='orphaned.start_date', end_date='orphaned.end_date', hours_at_stake='orphaned.hours_at_stake',
        owner="coalesce(owners.owner, 'project lead')",
        detail="orphaned.task_count || ' tasks with logged time that the list of tasks does not have'",
        remedy="'Deliver the tasks too, closed and archived ones included.'"
    ) }}
from orphaned
left join owners on orphaned.source = owners.source
