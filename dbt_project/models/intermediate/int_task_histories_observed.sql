-- What the change feed of a source can tell about one task. Without this, a task whose due date never moved
-- looks the same as a task whose moves nobody recorded.
with tasks as (
    select * from {{ ref('stg_tasks') }}
),

task_changes as (
    select * from {{ ref('stg_task_changes') }}
),

deliveries as (
    select * from {{ source('workspace', 'delivery_streams') }}
),

as_of as (
    select {{ start_of_utc_day(add_days('as_of_date', 1)) }} as ends_at
    from {{ source('workspace', 'as_of') }}
),

feeds as (
    select
        source,
        min(changed_at) as first_changed_at,
        coalesce(sum(case when field = 'due_date' then 1 else 0 end), 0) > 0 as records_due_dates,
        coalesce(sum(case when field = 'status' then 1 else 0 end), 0) > 0 as records_statuses
    from task_changes
    group by source
),

feed_coverages as (
    select
        source,
        max(case when mode = 'full' then 1 else 0 end) = 1 as is_full,
        min(case when mode = 'window' then coverage_from end) as window_from_date,
        max(case when mode = 'changes' then 1 else 0 end) = 1 as is_by_changes
    from deliveries
    where stream = 'task_changes'
    group by source
),

changed_tasks as (
    select
        task_key,
        count(*) as change_count
    from task_changes
    group by task_key
),

last_observations as (
    select
        source,
        max(extracted_at) as last_extracted_at
    from deliveries
    where stream in ('tasks', 'task_changes')
    group by source
),

judged as (
    select
        tasks.task_key,
        tasks.source,
        tasks.created_at,
        coalesce(changed_tasks.change_count, 0) as change_count,
        feeds.records_due_dates,
        feeds.records_statuses,
        coalesce(
            feed_coverages.is_full
            or (feed_coverages.is_by_changes and changed_tasks.change_count > 0)
            or tasks.created_at >= {{ start_of_utc_day('feed_coverages.window_from_date') }}
            or (feed_coverages.window_from_date is null and tasks.created_at >= feeds.first_changed_at),
            false
        ) as is_history_whole,
        least(last_observations.last_extracted_at, as_of.ends_at) as observed_until_at
    from tasks
    cross join as_of
    left join feeds on tasks.source = feeds.source
    left join feed_coverages on tasks.source = feed_coverages.source
    left join changed_tasks on tasks.task_key = changed_tasks.task_key
    left join last_observations on tasks.source = last_observations.source
)

select
    task_key,
    source,
    change_count,
    is_history_whole,
    is_history_whole and coalesce(records_due_dates, false) as knows_due_dates,
    -- Without a creation nobody knows since when a task had its first status.
    is_history_whole and created_at is not null and coalesce(records_statuses, false) as knows_statuses,
    observed_until_at
from judged
