-- One row per task: when it started, was blocked, was finished; what it spent in which kind of status.
-- What only a whole history can tell (first start, blocked time, reopenings) is NULL without one. A finish is the entry into the done statuses the task is in now; one that was reopened is not finished.
with tasks as (
    select
        *,
        coalesce(status_category = 'cancelled', false) as is_cancelled,
        coalesce(status_category = 'done', status_category is null and completed_at is not null) as is_done
    from {{ ref('stg_tasks') }}
),

histories as (
    select * from {{ ref('int_task_histories_observed') }}
),

spans as (
    select * from {{ ref('int_task_statuses_spanned') }}
),

lives as (
    select
        task_key,
        min(case when status_category = 'active' then started_at end) as first_active_at,
        min(case when status_category = 'blocked' then started_at end) as first_blocked_at,
        max(case when is_completion then started_at end) as last_completion_at,
        max(
            case when status_category = 'cancelled' and previous_category is distinct from 'cancelled' then started_at end
        ) as last_cancelled_at,
        max(case when is_open then status_category end) as last_category,
        sum(case when is_reopening then 1 else 0 end) as reopen_count,
        sum(case when status_category = 'blocked' then elapsed_us else 0 end) as blocked_us
    from spans
    group by task_key
),

dated_lives as (
    select
        tasks.task_key,
        tasks.is_done,
        tasks.is_cancelled,
        not tasks.is_done and not tasks.is_cancelled as is_open,
        tasks.created_at,
        coalesce(tasks.started_at, case when histories.knows_statuses then lives.first_active_at end)
            as started_at,
        case when histories.knows_statuses then lives.first_blocked_at end as first_blocked_at,
        -- Changes that lead elsewhere do not tell when it came to be what it is: an earlier finish was undone.
        case
            when tasks.is_done
                then coalesce(tasks.completed_at, case when lives.last_category = 'done' then lives.last_completion_at end)
        end as completed_at,
        case
            when tasks.is_cancelled
                then coalesce(tasks.completed_at, case when lives.last_category = 'cancelled' then lives.last_cancelled_at end)
        end as cancelled_at,
        case when histories.knows_statuses then cast(coalesce(lives.reopen_count, 0) as bigint) end
            as reopen_count,
        case when histories.knows_statuses then cast(coalesce(lives.blocked_us, 0) as bigint) end
            as blocked_us,
        histories.knows_statuses
    from tasks
    inner join histories on tasks.task_key = histories.task_key
    left join lives on tasks.task_key = lives.task_key
),

active_times as (
    select
        dated_lives.task_key,
        sum(
            case
                when spans.ended_at is null or spans.ended_at > dated_lives.completed_at
                    then {{ us_between(
                        'greatest(spans.started_at, dated_lives.started_at)', 'dated_lives.completed_at'
                    ) }}
                else {{ us_between(
                    'greatest(spans.started_at, dated_lives.started_at)', 'spans.ended_at'
                ) }}
            end
        ) as active_us
    from dated_lives
    inner join spans
        on
            dated_lives.task_key = spans.task_key
            and spans.status_category = 'active'
            and spans.started_at < dated_lives.completed_at
            and coalesce(spans.ended_at, dated_lives.completed_at) > dated_lives.started_at
    group by dated_lives.task_key
)

select
    dated_lives.*,
    case when dated_lives.completed_at >= dated_lives.started_at
        then {{ us_between('dated_lives.started_at', 'dated_lives.completed_at') }} end as cycle_us,
    case when dated_lives.completed_at >= dated_lives.created_at
        then {{ us_between('dated_lives.created_at', 'dated_lives.completed_at') }} end as lead_us,
    case
        when not dated_lives.knows_statuses or dated_lives.completed_at < dated_lives.started_at then null
        when dated_lives.completed_at is null or dated_lives.started_at is null then null
        else cast(coalesce(active_times.active_us, 0) as bigint)
    end as active_us
from dated_lives
left join active_times on dated_lives.task_key = active_times.task_key
