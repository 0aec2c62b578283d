-- The due date that was promised first, and how we know it:
--   original        the source keeps it, or its change feed shows the first one (or that it never moved)
--   first_observed  the first export we have showed it before the day came, or before it moved
--   reported        only the due date as it stands is known: no judgement is possible
with tasks as (
    select * from {{ ref('stg_tasks') }}
),

histories as (
    select * from {{ ref('int_task_histories_observed') }}
),

due_changes as (
    select
        task_key,
        change_number,
        changed_at,
        try_cast(substr(from_value, 1, 10) as date) as from_date,
        try_cast(substr(to_value, 1, 10) as date) as to_date
    from {{ ref('stg_task_changes') }}
    where field = 'due_date'
),

numbered_changes as (
    select
        due_changes.*,
        row_number() over (partition by task_key order by change_number) as due_change_number
    from due_changes
),

first_known_dates as (
    select
        task_key,
        coalesce(from_date, to_date) as first_known_date,
        row_number() over (partition by task_key order by change_number) as known_number
    from due_changes
    where from_date is not null or to_date is not null
),

baselines_by_change as (
    select
        task_key,
        first_known_date
    from first_known_dates
    where known_number = 1
),

-- A change says itself which day it moves; one that sets a date anew moves the last day that stood.
settings_of_date as (
    select
        numbered_changes.task_key,
        numbered_changes.to_date,
        cast(numbered_changes.changed_at as date) as changed_date,
        coalesce(
            numbered_changes.from_date,
            lag(numbered_changes.to_date) over (
                partition by numbered_changes.task_key order by numbered_changes.change_number
            ),
            baselines_by_change.first_known_date
        ) as prior_date
    from numbered_changes
    inner join baselines_by_change on numbered_changes.task_key = baselines_by_change.task_key
    where numbered_changes.to_date is not null
),

recorded_moves as (
    select
        task_key,
        sum(case when to_date <> prior_date then 1 else 0 end) as move_count,
        sum(case when to_date <> prior_date and changed_date > prior_date then 1 else 0 end) as late_move_count
    from settings_of_date
    group by task_key
),

observations as (
    select
        task_key,
        due_date,
        first_observed_at,
        row_number() over (partition by task_key order by first_observed_at, due_date) as observation_number,
        count(*) over (partition by task_key) as observed_dates
    from {{ ref('stg_task_due_dates') }}
),

first_observations as (
    select
        task_key,
        due_date as observed_due_date,
        observed_dates,
        cast(first_observed_at as date) <= due_date or observed_dates > 1 as is_observed_in_time
    from observations
    where observation_number = 1
),

candidates as (
    select
        tasks.task_key,
        tasks.due_date,
        tasks.first_due_date,
        baselines_by_change.first_known_date,
        histories.knows_due_dates,
        first_observations.observed_due_date,
        coalesce(first_observations.is_observed_in_time, false) as is_observed_in_time,
        recorded_moves.move_count as recorded_move_count,
        recorded_moves.late_move_count as recorded_late_move_count,
        first_observations.observed_dates
    from tasks
    inner join histories on tasks.task_key = histories.task_key
    left join baselines_by_change on tasks.task_key = baselines_by_change.task_key
    left join recorded_moves on tasks.task_key = recorded_moves.task_key
    left join first_observations on tasks.task_key = first_observations.task_key
)

select
    task_key,
    case
        when first_due_date is not null then first_due_date
        when first_known_date is not null then first_known_date
        when knows_due_dates and due_date is not null then due_date
        when is_observed_in_time then observed_due_date
        else due_date
    end as baseline_due_date,
    case
        when first_due_date is not null or first_known_date is not null then 'original'
        when knows_due_dates and due_date is not null then 'original'
        when is_observed_in_time then 'first_observed'
        when due_date is not null then 'reported'
    end as baseline_basis,
    cast(case
        when recorded_move_count is not null then recorded_move_count
        when knows_due_dates then 0
        when first_due_date <> due_date then greatest(coalesce(observed_dates, 1) - 1, 1)
        when observed_dates > 1 then observed_dates - 1
    end as bigint) as due_move_count,
    -- Moves made when the day they moved had already passed.
    cast(case
        when recorded_late_move_count is not null then recorded_late_move_count
        when knows_due_dates then 0
    end as bigint) as late_due_move_count
from candidates
