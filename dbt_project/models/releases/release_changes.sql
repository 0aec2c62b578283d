-- By how many people what was told of a team differs from what is known now: for every part of a period (a week cut by its months), and for
-- every quantity that managers can read or subtract: each measure, the difference of two measures of one unit (hours that are not
-- billable, tasks not done in time), and how many people a week counts. Compared is every telling of the ledger, not only the last one:
-- who kept an old version has its figures still. Who came or left changed. A quantity of which nothing differs has no row.
--
-- Weeks and months are sums of parts, so a person whose changes go up in one part and down in another may be missing from the sum. Steady
-- are those whose changes of a quantity all go one way: within the period, and, against what was told last, within the month. They are in
-- the difference of the part, of the week and of the month, whichever other weeks of the month are told again.
--
-- Moved are those who changed and are, in any telling or now, in more than one team of the period. They would be in an old figure of one
-- team and in a new one of another: where all but few of a team went to another, the one less the other tells of those few.
with tellings_of_ledger as (
    select
        period_kind,
        period_start_date,
        team_key,
        sequence,
        smallest_group_size,
        sequence = max(sequence) over (partition by period_kind, period_start_date, team_key) as is_last
    from {{ source('workspace', 'released_units') }}
    where team_key is not null
),

released_periods as (
    select period_kind, period_start_date
    from {{ source('workspace', 'released_units') }}
    where team_key is null and period_kind <> 'restatement'
    group by period_kind, period_start_date
),

known as (
    select contributions.*
    from {{ ref('release_contributions') }} as contributions
    inner join released_periods
        on contributions.period_kind = released_periods.period_kind
        and contributions.period_start_date = released_periods.period_start_date
),

-- Of a team that the ledger does not know in a released period, nobody was told.
tellings as (
    select period_kind, period_start_date, team_key, sequence, is_last
    from tellings_of_ledger

    union all

    select known.period_kind, known.period_start_date, known.team_key, 0 as sequence, true as is_last
    from known
    left join tellings_of_ledger
        on known.period_kind = tellings_of_ledger.period_kind
        and known.period_start_date = tellings_of_ledger.period_start_date
        and known.team_key = tellings_of_ledger.team_key
    where tellings_of_ledger.team_key is null
    group by known.period_kind, known.period_start_date, known.team_key
),

told_and_known as (
    select
        period_kind,
        period_start_date,
        team_key,
        sequence,
        person_key,
        month_start_date,
        -1 as sign,
        {% for measure in contribution_measures() -%}
        {{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source('workspace', 'released_contributions') }}

    union all

    select
        known.period_kind,
        known.period_start_date,
        known.team_key,
        tellings.sequence,
        known.person_key,
        known.month_start_date,
        1 as sign,
        {% for measure in contribution_measures() -%}
        known.{{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from known
    inner join tellings
        on known.period_kind = tellings.period_kind
        and known.period_start_date = tellings.period_start_date
        and known.team_key = tellings.team_key
),

moved_persons as (
    select period_kind, period_start_date, person_key
    from told_and_known
    group by period_kind, period_start_date, person_key
    having min(team_key) <> max(team_key)
),

differences_of_parts as (
    select
        period_kind,
        period_start_date,
        team_key,
        sequence,
        person_key,
        month_start_date,
        {% for measure in contribution_measures() -%}
        sum(sign * {{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from told_and_known
    group by period_kind, period_start_date, team_key, sequence, person_key, month_start_date
),

-- Whether a week counts a person does not add up from its parts.
differences_of_counts as (
    select
        period_kind,
        period_start_date,
        team_key,
        sequence,
        person_key,
        max(case when sign = 1 and capacity_us > 0 then 1 else 0 end)
        - max(case when sign = -1 and capacity_us > 0 then 1 else 0 end) as capacity_persons,
        max(case when sign = 1 and due_tasks > 0 then 1 else 0 end)
        - max(case when sign = -1 and due_tasks > 0 then 1 else 0 end) as due_persons
    from told_and_known
    where period_kind = 'week'
    group by period_kind, period_start_date, team_key, sequence, person_key
),

differences as (
    {% for quantity, expression in contribution_quantities() -%}
    select
        period_kind, period_start_date, team_key, sequence, person_key, month_start_date,
        '{{ quantity }}' as quantity,
        {{ expression }} as difference
    from differences_of_parts
    where {{ expression }} <> 0

    union all

    {% endfor -%}
    {% for count in ['capacity_persons', 'due_persons'] -%}
    select
        period_kind, period_start_date, team_key, sequence, person_key, cast(null as date) as month_start_date,
        '{{ count }}' as quantity,
        {{ count }} as difference
    from differences_of_counts
    where {{ count }} <> 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

directed as (
    select
        differences.*,
        tellings.is_last,
        moved_persons.person_key is not null as is_moved,
        min(differences.difference) over within_period as lowest_of_period,
        max(differences.difference) over within_period as highest_of_period,
        min(differences.difference) over within_month as lowest_of_month,
        max(differences.difference) over within_month as highest_of_month
    from differences
    inner join tellings
        on differences.period_kind = tellings.period_kind
        and differences.period_start_date = tellings.period_start_date
        and differences.team_key = tellings.team_key
        and differences.sequence = tellings.sequence
    left join moved_persons
        on differences.period_kind = moved_persons.period_kind
        and differences.period_start_date = moved_persons.period_start_date
        and differences.person_key = moved_persons.person_key
    window
        within_period as (
            partition by
                differences.period_kind, differences.period_start_date, differences.team_key, differences.sequence,
                differences.person_key, differences.quantity
        ),
        within_month as (
            partition by
                coalesce(differences.month_start_date, differences.period_start_date), differences.team_key,
                tellings.is_last, differences.person_key, differences.quantity
        )
),

months_of_periods as (
    select 'week' as period_kind, week_start_date as period_start_date, month_start_date
    from {{ ref('dim_dates') }}
    group by week_start_date, month_start_date

    union all

    select 'month' as period_kind, month_start_date as period_start_date, month_start_date
    from {{ ref('dim_dates') }}
    group by month_start_date
),

sizes_of_months as (
    select
        tellings_of_ledger.team_key,
        months_of_periods.month_start_date,
        max(tellings_of_ledger.smallest_group_size) as smallest_group_size
    from tellings_of_ledger
    inner join months_of_periods
        on tellings_of_ledger.period_kind = months_of_periods.period_kind
        and tellings_of_ledger.period_start_date = months_of_periods.period_start_date
    group by tellings_of_ledger.team_key, months_of_periods.month_start_date
),

-- A month obeys the largest group under which anything that it is made of was told; so does what changes it.
sizes_of_periods as (
    select
        months_of_periods.period_kind,
        months_of_periods.period_start_date,
        sizes_of_months.team_key,
        max(sizes_of_months.smallest_group_size) as smallest_group_size
    from months_of_periods
    inner join sizes_of_months
        on months_of_periods.month_start_date = sizes_of_months.month_start_date
    group by months_of_periods.period_kind, months_of_periods.period_start_date, sizes_of_months.team_key
),

changes as (
    select
        period_kind,
        period_start_date,
        team_key,
        sequence,
        is_last,
        month_start_date,
        quantity,
        count(*) as changed_persons,
        count(*) filter (
            where (lowest_of_period > 0 or highest_of_period < 0) and (not is_last or lowest_of_month > 0 or highest_of_month < 0)
        ) as steady_persons,
        count(*) filter (where is_moved) as moved_persons
    from directed
    group by period_kind, period_start_date, team_key, sequence, is_last, month_start_date, quantity
)

select
    changes.period_kind,
    changes.period_start_date,
    changes.team_key,
    changes.sequence,
    changes.is_last,
    changes.month_start_date,
    changes.quantity,
    changes.changed_persons,
    changes.steady_persons,
    changes.moved_persons,
    greatest(policy.smallest_group_size, coalesce(sizes_of_periods.smallest_group_size, 1)) as smallest_group_size
from changes
cross join {{ source('workspace', 'policy') }} as policy
left join sizes_of_periods
    on changes.period_kind = sizes_of_periods.period_kind
    and changes.period_start_date = sizes_of_periods.period_start_date
    and changes.team_key = sizes_of_periods.team_key
