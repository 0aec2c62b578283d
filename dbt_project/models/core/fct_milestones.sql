with milestones as (
    select * from {{ ref('stg_milestones') }}
),

baselines as (
    select * from {{ ref('int_milestone_baselines_derived') }}
),

project_refs as (
    select * from {{ ref('int_projects_matched') }}
),

as_of as (
    select as_of_date from {{ source('workspace', 'as_of') }}
),

judged as (
    select
        milestones.milestone_key,
        milestones.source,
        milestones.source_record_id,
        milestones.delivery_id,
        project_refs.project_key,
        milestones.milestone_name,
        milestones.status_category,
        coalesce(milestones.status_category = 'cancelled', false) as is_cancelled,
        coalesce(milestones.status_category = 'done', milestones.completed_date is not null) as is_done,
        baselines.baseline_date,
        baselines.baseline_basis,
        milestones.due_date,
        milestones.completed_date,
        as_of.as_of_date
    from milestones
    cross join as_of
    inner join baselines on milestones.milestone_key = baselines.milestone_key
    left join project_refs on milestones.project_ref_key = project_refs.project_ref_key
)

select
    milestone_key,
    source,
    source_record_id,
    delivery_id,
    project_key,
    milestone_name,
    status_category,
    is_done,
    is_cancelled,
    baseline_date,
    baseline_basis,
    due_date,
    {{ days_between('baseline_date', 'due_date') }} as due_slip_days,
    case when is_done then completed_date end as completed_date,
    case
        when is_cancelled then 'cancelled'
        when baseline_date is null then 'no_due_date'
        when baseline_basis = 'reported' then 'unknown_baseline'
        when is_done and completed_date is null then 'finished_undated'
        when is_done and completed_date <= baseline_date then 'on_time'
        when is_done then 'finished_late'
        when baseline_date < as_of_date then 'overdue'
        else 'not_yet_due'
    end as completion_outcome
from judged
