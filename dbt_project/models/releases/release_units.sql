-- What is released: a period (no team), a team's part of it, and the restatement of a month. What the ledger of releases says stays as it
-- is. A period that is due and not in the ledger is released now; a team's part is restated on policy's schedule, and only where as
-- many people as the smallest group changed: the difference of two versions then tells of no fewer.
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

told as (
    select contributions.*
    from {{ source('workspace', 'released_contributions') }} as contributions
    inner join ledger
        on contributions.period_kind = ledger.period_kind
        and contributions.period_start_date = ledger.period_start_date
        and contributions.team_key = ledger.team_key
        and contributions.sequence = ledger.sequence
),

changed_units as (
    select
        coalesce(told.period_kind, known.period_kind) as period_kind,
        coalesce(told.period_start_date, known.period_start_date) as period_start_date,
        coalesce(told.team_key, known.team_key) as team_key,
        count(distinct coalesce(told.person_key, known.person_key)) as changed_persons
    from told
    full outer join {{ ref('release_contributions') }} as known
        on told.period_kind = known.period_kind
        and told.period_start_date = known.period_start_date
        and told.team_key = known.team_key
        and told.person_key is not distinct from known.person_key
        and told.month_start_date is not distinct from known.month_start_date
    where
        {% for measure in contribution_measures() -%}
        {{ 'or ' if not loop.first }}coalesce(told.{{ measure }}, 0) <> coalesce(known.{{ measure }}, 0)
        {% endfor %}
    group by all
),

restated_units as (
    select
        changed_units.period_kind,
        changed_units.period_start_date,
        changed_units.team_key
    from changed_units
    inner join released_periods
        on changed_units.period_kind = released_periods.period_kind
        and changed_units.period_start_date = released_periods.period_start_date
    inner join {{ ref('release_periods') }} as periods
        on changed_units.period_kind = periods.period_kind
        and changed_units.period_start_date = periods.period_start_date
    cross join due_restatement
    cross join policy
    where periods.is_due
        and changed_units.changed_persons >= policy.smallest_group_size
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
