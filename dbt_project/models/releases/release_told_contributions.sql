-- What released figures are made of: the rows of the ledger, and those of what is released now.
select
    contributions.period_kind,
    contributions.period_start_date,
    contributions.team_key,
    contributions.person_key,
    contributions.week_start_date,
    contributions.month_start_date,
    {% for measure in contribution_measures() -%}
    contributions.{{ measure }},
    {% endfor -%}
    contributions.is_complete,
    contributions.is_judged,
    units.sequence,
    units.smallest_group_size,
    false as is_new
from {{ source('workspace', 'released_contributions') }} as contributions
inner join {{ ref('release_units') }} as units
    on contributions.period_kind = units.period_kind
    and contributions.period_start_date = units.period_start_date
    and contributions.team_key = units.team_key
    and contributions.sequence = units.sequence
    and not units.is_new

union all

select
    contributions.period_kind,
    contributions.period_start_date,
    contributions.team_key,
    contributions.person_key,
    contributions.week_start_date,
    contributions.month_start_date,
    {% for measure in contribution_measures() -%}
    contributions.{{ measure }},
    {% endfor -%}
    contributions.is_complete,
    contributions.is_judged,
    units.sequence,
    units.smallest_group_size,
    true as is_new
from {{ ref('release_contributions') }} as contributions
inner join {{ ref('release_units') }} as units
    on contributions.period_kind = units.period_kind
    and contributions.period_start_date = units.period_start_date
    and contributions.team_key = units.team_key
    and units.is_new
