with milestones as (
    select * from {{ ref('stg_milestones') }}
),

project_refs as (
    select * from {{ ref('int_projects_matched') }}
),

as_of as (
    select as_of_date from {{ source('workspace', 'as_of') }}
),

judged as (
    select
        milestones.*,
        as_of.as_of_date,
        coalesce(milestones.status_category = 'cancelled', false) as is_cancelled,
        coalesce(milestones.status_category = 'done', milestones.completed_date is not null) as is_done
    from milestones
    cross join as_of
)

select
    judged.milestone_key,
    judged.source,
    judged.source_record_id,
    judged.delivery_id,
    project_refs.project_key,
    judged.milestone_name,
    judged.status_category,
    judged.is_done,
    judged.is_cancelled,
    judged.baseline_date,
    judged.baseline_basis,
    judged.due_date,
    {{ days_between('judged.baseline_date', 'judged.due_date') }} as due_slip_days,
    case when judged.is_done then judged.completed_date end as completed_date,
    case
        when judged.is_cancelled then 'cancelled'
        when judged.baseline_basis = 'reported' and coalesce(judged.baseline_date, judged.due_date) is not null
            then 'unknown_baseline'
        when judged.baseline_date is null then 'no_due_date'
        when judged.is_done and judged.completed_date is null then 'finished_undated'
        when judged.is_done and judged.completed_date <= judged.baseline_date then 'on_time'
        when judged.is_done then 'finished_late'
        when judged.baseline_date < judged.as_of_date then 'overdue'
        else 'not_yet_due'
    end as completion_outcome
from judged
left join project_refs on judged.project_ref_key = project_refs.project_ref_key
