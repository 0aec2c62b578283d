select
    spans.task_status_span_key,
    spans.task_key,
    spans.source,
    tasks.project_key,
    tasks.team_key,
    spans.span_number,
    spans.status,
    spans.status_category,
    spans.started_at,
    spans.ended_at,
    spans.is_open,
    spans.is_reopening,
    spans.elapsed_us,
    {{ hours('spans.elapsed_us') }} as elapsed_hours
from {{ ref('int_task_statuses_spanned') }} as spans
inner join {{ ref('fct_tasks') }} as tasks on spans.task_key = tasks.task_key
