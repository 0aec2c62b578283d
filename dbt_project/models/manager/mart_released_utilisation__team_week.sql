-- Utilisation of teams as released to managers. Hours on days of unknown capacity are not in it: beside the others they would tell of few.
select
    team_key,
    period_start_date as week_start_date,
    period_end_date as week_end_date,
    released_date,
    restated_date,
    not is_shown as is_suppressed,
    case when is_shown then capacity_persons end as contributing_persons,
    {{ hours('case when is_shown then capacity_us end') }} as effective_capacity_hours,
    {{ hours('case when is_shown then counted_us end') }} as counted_hours_with_capacity,
    {{ hours('case when is_billable_shown then billable_us end') }} as billable_hours_with_capacity,
    {{ ratio('case when is_shown then counted_us end', 'capacity_us') }} as utilisation_ratio,
    {{ ratio('case when is_billable_shown then billable_us end', 'capacity_us') }} as billable_utilisation_ratio,
    case when is_shown then is_complete end as is_complete,
    case when is_shown then utilisation_annotating_persons end as annotating_persons
from {{ ref('release_figures') }}
where period_kind = 'week'
    and capacity_persons > 0
