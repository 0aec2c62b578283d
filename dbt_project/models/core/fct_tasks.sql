-- Accumulating: one row a task, one date column a step of its life. Measures of completion are decided here once
-- (completion_outcome), so that marts only count.
with tasks as (
    select * from {{ ref('stg_tasks') }}
),

flows as (
    select * from {{ ref('int_task_flow_measured') }}
),

baselines as (
    select * from {{ ref('int_task_baselines_derived') }}
),

dated_steps as (
    select
        task_key,
        max(case when instant_kind = 'created' then occurred_date end) as created_date,
        max(case when instant_kind = 'started' then occurred_date end) as started_date,
        max(case when instant_kind = 'first_blocked' then occurred_date end) as first_blocked_date,
        max(case when instant_kind = 'completed' then occurred_date end) as completed_date,
        max(case when instant_kind = 'cancelled' then occurred_date end) as cancelled_date,
        max(case when instant_kind = 'completed' then date_basis end) as completed_date_basis
    from {{ ref('int_task_instants_dated') }}
    group by task_key
),

actors as (
    select * from {{ ref('int_actors_matched') }}
),

project_refs as (
    select * from {{ ref('int_projects_matched') }}
),

person_spans as (
    select * from {{ ref('int_person_spans_resolved') }}
),

-- Days are counted as the Kanban guide does: first and last day both count, so a task done on the day it began took one.
numbered_days as (
    select
        calendar_date,
        sum(case when is_policy_weekday then 1 else 0 end) over (order by calendar_date) as last_number,
        sum(case when is_policy_weekday then 1 else 0 end) over (order by calendar_date)
        - case when is_policy_weekday then 1 else 0 end as number_before
    from {{ ref('int_calendar_days') }}
),

as_of as (
    select as_of_date from {{ source('workspace', 'as_of') }}
),

assembled as (
    select
        tasks.*,
        actors.person_key,
        project_refs.project_key,
        flows.is_open,
        flows.is_done,
        flows.is_cancelled,
        flows.started_at as first_started_at,
        flows.first_blocked_at,
        flows.completed_at as finished_at,
        flows.cancelled_at,
        flows.reopen_count,
        flows.blocked_us,
        flows.active_us,
        flows.cycle_us,
        flows.lead_us,
        flows.knows_statuses,
        baselines.baseline_due_date,
        baselines.baseline_basis,
        baselines.due_move_count,
        baselines.late_due_move_count,
        dated_steps.created_date,
        dated_steps.started_date,
        dated_steps.first_blocked_date,
        dated_steps.completed_date,
        dated_steps.cancelled_date,
        dated_steps.completed_date_basis,
        as_of.as_of_date,
        coalesce(dated_steps.completed_date, dated_steps.cancelled_date, as_of.as_of_date) as team_date,
        coalesce(baselines.baseline_due_date, dated_steps.completed_date, as_of.as_of_date) as due_team_date
    from tasks
    cross join as_of
    inner join flows on tasks.task_key = flows.task_key
    inner join baselines on tasks.task_key = baselines.task_key
    left join dated_steps on tasks.task_key = dated_steps.task_key
    left join actors on tasks.assignee_actor_key = actors.actor_key
    left join project_refs on tasks.project_ref_key = project_refs.project_ref_key
)

select
    assembled.task_key,
    assembled.source,
    assembled.source_record_id,
    assembled.delivery_id,
    assembled.task_reference,
    assembled.task_type,
    assembled.parent_task_key,
    assembled.milestone_key,
    assembled.project_key,
    assembled.person_key,
    coalesce(closing_spans.team_key, {{ team_key('assembled.team_name') }}) as team_key,
    coalesce(due_spans.team_key, {{ team_key('assembled.team_name') }}) as due_team_key,
    assembled.priority,
    assembled.status,
    assembled.status_category,
    assembled.is_open,
    assembled.is_done,
    assembled.is_cancelled,
    assembled.created_at,
    assembled.created_date,
    assembled.first_started_at as started_at,
    assembled.started_date,
    assembled.first_blocked_at,
    assembled.first_blocked_date,
    assembled.finished_at as completed_at,
    assembled.completed_date,
    assembled.completed_date_basis,
    assembled.cancelled_at,
    assembled.cancelled_date,
    assembled.due_date,
    assembled.baseline_due_date,
    assembled.baseline_basis,
    assembled.due_move_count,
    assembled.late_due_move_count,
    {{ days_between('assembled.baseline_due_date', 'assembled.due_date') }} as due_slip_days,
    case
        when assembled.is_cancelled then 'cancelled'
        when assembled.baseline_due_date is null then 'no_due_date'
        when assembled.baseline_basis = 'reported' then 'unknown_baseline'
        when assembled.is_done and assembled.completed_date is null then 'finished_undated'
        when assembled.is_done and assembled.completed_date <= assembled.baseline_due_date then 'on_time'
        when assembled.is_done then 'finished_late'
        when assembled.baseline_due_date < assembled.as_of_date then 'overdue'
        else 'not_yet_due'
    end as completion_outcome,
    assembled.reopen_count,
    assembled.knows_statuses as is_status_history_known,
    assembled.estimate_us,
    assembled.remaining_us,
    assembled.reported_spent_us,
    assembled.blocked_us,
    assembled.active_us,
    assembled.cycle_us,
    assembled.lead_us,
    case when assembled.completed_date >= assembled.started_date
        then cast(finish_days.last_number - start_days.number_before as bigint) end as cycle_working_days,
    case when assembled.completed_date >= assembled.created_date
        then cast(finish_days.last_number - creation_days.number_before as bigint) end as lead_working_days,
    case when assembled.is_open
        then {{ days_between('assembled.started_date', 'assembled.as_of_date') }} + 1 end as age_days,
    {{ hours('assembled.estimate_us') }} as estimated_hours,
    {{ hours('assembled.remaining_us') }} as remaining_hours,
    {{ hours('assembled.reported_spent_us') }} as reported_spent_hours,
    {{ hours('assembled.blocked_us') }} as blocked_hours,
    {{ hours('assembled.cycle_us') }} as cycle_hours,
    {{ hours('assembled.lead_us') }} as lead_hours
from assembled
left join numbered_days as creation_days on assembled.created_date = creation_days.calendar_date
left join numbered_days as start_days on assembled.started_date = start_days.calendar_date
left join numbered_days as finish_days on assembled.completed_date = finish_days.calendar_date
left join person_spans as closing_spans
    on {{ span_holds('closing_spans', 'assembled.person_key', 'assembled.team_date') }}
left join person_spans as due_spans
    on {{ span_holds('due_spans', 'assembled.person_key', 'assembled.due_team_date') }}
