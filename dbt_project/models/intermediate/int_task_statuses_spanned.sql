-- Status changes become spans. A change that repeats the status a task already has opens no span. The span from creation to
-- the first change is there only where the whole history is known: else nobody knows since when the task had that status.
with tasks as (
    select * from {{ ref('stg_tasks') }}
),

histories as (
    select * from {{ ref('int_task_histories_observed') }}
),

status_changes as (
    select
        task_key,
        changed_at,
        from_value,
        to_value,
        from_category,
        to_category,
        row_number() over (partition by task_key order by change_number) as change_number
    from {{ ref('stg_task_changes') }}
    where field = 'status'
),

first_changes as (
    select * from status_changes
    where change_number = 1
),

opening_states as (
    select
        tasks.task_key,
        0 as change_number,
        tasks.created_at as started_at,
        case when first_changes.task_key is null then tasks.status else first_changes.from_value end as status,
        case when first_changes.task_key is null then tasks.status_category else first_changes.from_category end
            as status_category
    from tasks
    inner join histories on tasks.task_key = histories.task_key
    left join first_changes on tasks.task_key = first_changes.task_key
    where
        histories.knows_statuses
        and tasks.created_at is not null
        and (first_changes.task_key is null or tasks.created_at <= first_changes.changed_at)
),

states as (
    select * from opening_states
    where status is not null or status_category is not null

    union all

    select
        task_key,
        change_number,
        changed_at as started_at,
        to_value as status,
        to_category as status_category
    from status_changes
),

compared_states as (
    select
        states.*,
        row_number() over (partition by task_key order by change_number) as state_number,
        lag(status) over (partition by task_key order by change_number) as prior_status,
        lag(status_category) over (partition by task_key order by change_number) as prior_category
    from states
),

changed_states as (
    select * from compared_states
    where
        state_number = 1
        or status is distinct from prior_status
        or status_category is distinct from prior_category
),

spans as (
    select
        task_key,
        status,
        status_category,
        started_at,
        row_number() over (partition by task_key order by change_number) as span_number,
        lead(started_at) over (partition by task_key order by change_number) as ended_at,
        lag(status_category) over (partition by task_key order by change_number) as previous_category
    from changed_states
)

select
    {{ surrogate_key(['spans.task_key', 'spans.span_number']) }} as task_status_span_key,
    spans.task_key,
    histories.source,
    spans.span_number,
    spans.status,
    spans.status_category,
    spans.previous_category,
    spans.started_at,
    spans.ended_at,
    spans.ended_at is null as is_open,
    coalesce(spans.previous_category = 'done' and spans.status_category in ('todo', 'active', 'blocked'), false)
        as is_reopening,
    coalesce(spans.status_category = 'done' and spans.previous_category is distinct from 'done', false)
        as is_completion,
    case
        when coalesce(spans.ended_at, histories.observed_until_at) is null then null
        else greatest(
            {{ us_between('spans.started_at', 'coalesce(spans.ended_at, histories.observed_until_at)') }},
            0
        )
    end as elapsed_us
from spans
inner join histories on spans.task_key = histories.task_key
