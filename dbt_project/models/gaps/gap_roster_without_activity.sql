-- Employed people with known capacity of whom no source shows any activity at all. Their capacity weighs on their team's utilisation.
with capacity as (
    select
        person_key,
        min(capacity_date) as start_date,
        max(capacity_date) as end_date,
        sum(effective_us) as effective_us
    from {{ ref('fct_capacity_days') }}
    where capacity_date <= {{ as_of_date() }}
    group by person_key
),

active as (
    select person_key
    from {{ ref('fct_activities') }}
    group by person_key
)

select
    {{ gap_columns(
        rule='roster_without_activity', severity="'warns'", scope='person',
        key_parts=['capacity.person_key'],
        person_key='capacity.person_key', start_date='capacity.start_date', end_date='capacity.end_date',
        hours_at_stake=hours('capacity.effective_us'),
        owner="'people data'",
        detail="'On the roster, and in no source of work'",
        remedy="'Connect the source in which this person works, match the account, or end the employment fact.'"
    ) }}
from capacity
left join active
    on capacity.person_key = active.person_key
where active.person_key is null
    and exists (select 1 from active)
