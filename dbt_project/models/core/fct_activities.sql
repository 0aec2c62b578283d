-- Names, notes and rates stop before this file: it holds keys. Where the entry does not say whether it is billable, its project does.
select
    activities.activity_key,
    cast(activities.day_part as integer) as day_part,
    activities.activity_kind,
    activities.source,
    activities.source_record_id,
    activities.delivery_id,
    activities.person_key,
    activities.person_span_key,
    activities.team_key,
    activities.role_key,
    activities.place,
    projects.project_key,
    activities.task_key,
    activities.activity_type_key,
    activities.work_date,
    activities.date_basis,
    activities.date_precision,
    activities.started_at,
    activities.ended_at,
    activities.period_start_date,
    activities.period_end_date,
    activities.duration_us,
    {{ hours('activities.duration_us') }} as logged_hours,
    coalesce(activities.is_billable, known_projects.is_billable) as is_billable,
    activities.is_counted,
    activities.not_counted_reason,
    activities.approval_status
from {{ ref('int_activities_authorised') }} as activities
left join {{ ref('int_projects_matched') }} as projects
    on activities.project_ref_key = projects.project_ref_key
left join {{ ref('dim_projects') }} as known_projects
    on projects.project_key = known_projects.project_key
