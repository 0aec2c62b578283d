-- Tasks whose tool reports another total than its own log adds up to, one row per project and source. Task by task they stand
-- in mart_reconciliation__task.
with disagreeing as (
    select
        source,
        project_key,
        count(*) as task_count,
        min(first_work_date) as start_date,
        max(last_work_date) as end_date,
        {{ hours('sum(abs(difference_us))') }} as hours_at_stake
    from {{ ref('fct_task_totals') }}
    where reason in ('nothing_logged', 'log_starts_later', 'log_is_less', 'log_is_more', 'entries_without_duration')
    group by source, project_key
),

owners as (
    select source, owner from {{ ref('dim_sources') }}
)

select
    {{ gap_columns(
        rule='task_totals_disagree', severity="'warns'", scope='project',
        key_parts=['disagreeing.source', 'disagreeing.project_key'],
        source='disagreeing.source', project_key='disagreeing.project_key',
        start_date='disagreeing.start_date', end_date='disagreeing.end_date', hours_at_stake='disagreeing.hours_at_stake',
        owner="coalesce(owners.owner, 'project lead')",
        detail="disagreeing.task_count || ' tasks whose reported total is not what their log adds up to'",
        remedy="'Deliver the whole log, or have the tool compute its totals again. The log counts until then.'"
    ) }}
from disagreeing
left join owners on disagreeing.source = owners.source
