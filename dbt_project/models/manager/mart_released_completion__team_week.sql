-- What teams had promised for a week and what they finished in it, as released to managers.
select
    team_key,
    period_start_date as week_start_date,
    period_end_date as week_end_date,
    released_date,
    restated_date,
    not is_due_shown as is_suppressed,
    case when is_due_shown then due_persons end as contributing_persons,
    case when is_due_shown then due_tasks end as due_tasks,
    case when is_due_shown then completed_tasks end as completed_by_week_end_tasks,
    case when is_due_shown then on_time_tasks end as on_time_tasks,
    {{ ratio('case when is_due_shown then completed_tasks end', 'due_tasks') }} as completion_ratio,
    {{ ratio('case when is_due_shown then on_time_tasks end', 'due_tasks') }} as on_time_ratio,
    case when is_finish_shown then finished_tasks end as throughput_tasks,
    case when is_due_shown then is_judged end as is_complete,
    case when is_due_shown then completion_annotating_persons end as annotating_persons
from {{ ref('release_figures') }}
where period_kind = 'week'
    and due_tasks + finished_tasks > 0
