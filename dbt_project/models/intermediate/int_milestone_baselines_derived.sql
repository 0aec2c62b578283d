-- The date that was promised, and how we know it. What the source keeps is taken as it is. Where it keeps only the present date, the first
-- one we saw is the baseline, if we saw it before its day came or before it moved.
with milestones as (
    select * from {{ ref('stg_milestones') }}
),

observations as (
    select
        milestone_key,
        due_date,
        first_observed_at,
        row_number() over (partition by milestone_key order by first_observed_at, due_date) as observation_number,
        count(*) over (partition by milestone_key) as observed_dates
    from {{ ref('stg_milestone_dates') }}
),

observed_in_time as (
    select
        milestone_key,
        due_date
    from observations
    where observation_number = 1 and (cast(first_observed_at as date) <= due_date or observed_dates > 1)
)

select
    milestones.milestone_key,
    case
        when milestones.baseline_basis = 'reported'
            then coalesce(observed_in_time.due_date, milestones.baseline_date, milestones.due_date)
        else milestones.baseline_date
    end as baseline_date,
    case
        when milestones.baseline_basis = 'reported' and observed_in_time.due_date is not null then 'first_observed'
        when coalesce(milestones.baseline_date, milestones.due_date) is null then null
        when milestones.baseline_basis <> 'reported' and milestones.baseline_date is null then null
        else milestones.baseline_basis
    end as baseline_basis
from milestones
left join observed_in_time on milestones.milestone_key = observed_in_time.milestone_key
