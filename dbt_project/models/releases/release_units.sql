-- What is released: a period (no team), a team's part of it, and the restatement of a month. What the ledger of releases says stays as it
-- is. A period that is due and not in the ledger is released now. A team's part is restated on policy's schedule, whole or not at all, and
-- only where in every part of it, and in every quantity of release_changes, nobody changed or at least the smallest group did: the largest
-- of policy's and of those under which the period, or another of its months, was told. Nobody who changed may have gone from one team to
-- another: so nobody is told of in two teams. So the difference of two tellings of a week, of a month in two versions that follow one
-- another, and of two teams, tells of nobody or of as many. What is no sum obeys no such rule: is_complete, annotating_persons, and how
-- many people a month counts.
with policy as (
    select * from {{ source('workspace', 'policy') }}
),

ledger as (
    select
        period_kind,
        period_start_date,
        team_key,
        max(sequence) as sequence,
        min(released_date) as released_date,
        max(released_date) as restated_date,
        max(smallest_group_size) as smallest_group_size
    from {{ source('workspace', 'released_units') }}
    group by period_kind, period_start_date, team_key
),

next_release as (
    select coalesce(max(sequence), 0) + 1 as sequence from ledger
),

released_periods as (
    select period_kind, period_start_date
    from ledger
    where team_key is null and period_kind <> 'restatement'
),

restatement as (
    select
        {{ first_of_months(as_of_date(), 'policy.manager_restatement_months') }} as period_start_date
    from policy
    where policy.manager_restatement_months > 0
),

due_restatement as (
    select restatement.period_start_date
    from restatement
    left join ledger
        on ledger.period_kind = 'restatement'
        and restatement.period_start_date <= ledger.period_start_date
    where ledger.period_kind is null
),

new_periods as (
    select
        periods.period_kind,
        periods.period_start_date
    from {{ ref('release_periods') }} as periods
    left join released_periods
        on periods.period_kind = released_periods.period_kind
        and periods.period_start_date = released_periods.period_start_date
    where periods.is_due and released_periods.period_kind is null
),

restated_units as (
    select
        changes.period_kind,
        changes.period_start_date,
        changes.team_key
    from {{ ref('release_changes') }} as changes
    inner join {{ ref('release_periods') }} as periods
        on changes.period_kind = periods.period_kind
        and changes.period_start_date = periods.period_start_date
    cross join due_restatement
    where periods.is_due
    group by changes.period_kind, changes.period_start_date, changes.team_key
    having bool_or(changes.is_last) and bool_and(changes.steady_persons >= changes.smallest_group_size and changes.moved_persons = 0)
),

new_units as (
    select period_kind, period_start_date, cast(null as {{ dbt.type_string() }}) as team_key
    from new_periods

    union all

    select contributions.period_kind, contributions.period_start_date, contributions.team_key
    from {{ ref('release_contributions') }} as contributions
    inner join new_periods
        on contributions.period_kind = new_periods.period_kind
        and contributions.period_start_date = new_periods.period_start_date
    group by contributions.period_kind, contributions.period_start_date, contributions.team_key

    union all

    select period_kind, period_start_date, team_key
    from restated_units

    union all

    select 'restatement' as period_kind, period_start_date, cast(null as {{ dbt.type_string() }}) as team_key
    from due_restatement
)

select
    coalesce(new_units.period_kind, ledger.period_kind) as period_kind,
    coalesce(new_units.period_start_date, ledger.period_start_date) as period_start_date,
    coalesce(new_units.team_key, ledger.team_key) as team_key,
    cast(case when new_units.period_kind is null then ledger.sequence else next_release.sequence end as integer) as sequence,
    coalesce(ledger.released_date, {{ as_of_date() }}) as released_date,
    case when new_units.period_kind is null then ledger.restated_date else {{ as_of_date() }} end as restated_date,
    cast(case
        when new_units.period_kind is null then ledger.smallest_group_size
        else greatest(policy.smallest_group_size, coalesce(ledger.smallest_group_size, 1))
    end as integer) as smallest_group_size,
    new_units.period_kind is not null as is_new
from new_units
full outer join ledger
    on new_units.period_kind = ledger.period_kind
    and new_units.period_start_date = ledger.period_start_date
    and new_units.team_key is not distinct from ledger.team_key
cross join next_release
cross join policy
