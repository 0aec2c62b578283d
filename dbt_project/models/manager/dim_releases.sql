-- What managers can see and when they see more.
with released as (
    select
        units.period_kind,
        max(periods.period_end_date) as released_to_date
    from {{ ref('release_units') }} as units
    inner join {{ ref('release_periods') }} as periods
        on units.period_kind = periods.period_kind
        and units.period_start_date = periods.period_start_date
    where units.team_key is null
    group by units.period_kind
),

awaited as (
    select
        period_kind,
        min_by(period_start_date, release_date) as next_period_start_date,
        min(release_date) as next_release_date
    from {{ ref('release_periods') }}
    where not is_due
    group by period_kind
)

select
    awaited.period_kind,
    released.released_to_date,
    awaited.next_period_start_date,
    awaited.next_release_date,
    case
        when policy.manager_restatement_months > 0
            then {{ add_months(first_of_months(as_of_date(), 'policy.manager_restatement_months'), 'policy.manager_restatement_months') }}
    end as next_restatement_date,
    policy.manager_lead_working_days as lead_working_days,
    policy.smallest_group_size
from awaited
cross join {{ source('workspace', 'policy') }} as policy
left join released
    on awaited.period_kind = released.period_kind
