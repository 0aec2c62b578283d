-- What teams could have worked and were booked for, as released to managers.
select
    team_key,
    period_start_date as week_start_date,
    period_end_date as week_end_date,
    released_date,
    restated_date,
    not is_shown as is_suppressed,
    case when is_shown then capacity_persons end as contributing_persons,
    {{ hours('case when is_shown then capacity_us end') }} as effective_capacity_hours,
    {{ hours('case when is_allocation_shown then allocated_us end') }} as allocated_hours_with_capacity,
    {{ ratio('case when is_allocation_shown then allocated_us end', 'capacity_us') }} as allocation_ratio,
    case when is_shown then is_complete end as is_complete,
    case when is_shown then capacity_annotating_persons end as annotating_persons
from {{ ref('release_figures') }}
where period_kind = 'week'
    and capacity_persons > 0
